package dev.lorikeet.cli.mlflow;

import dev.lorikeet.transformer.io.InputException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where runs are tracked, by the variables that MLflow's own client reads.
 *
 * @param address without a slash at its end
 * @param authorization what each request says of who asks, or null for nothing: of {@code MLFLOW_TRACKING_USERNAME} and
 *     {@code MLFLOW_TRACKING_PASSWORD}, else of {@code MLFLOW_TRACKING_TOKEN}
 * @param experimentId {@code MLFLOW_EXPERIMENT_ID}, or null
 * @param experiment {@code MLFLOW_EXPERIMENT_NAME}, which counts where there is no id; it is made where it is not there
 * @param runId {@code MLFLOW_RUN_ID}, a run that is there already, or null for a new one
 */
public record MlflowServer(URI address, @Nullable String authorization, @Nullable String experimentId,
        String experiment, @Nullable String runId) {
    /** The variable that says where the server is, where nothing else does. */
    public static final String VARIABLE = "MLFLOW_TRACKING_URI";
    /** What an address has to be. */
    public static final String RULE = "an address of a server, such as http://127.0.0.1:5000, without user and "
            + "password";
    private static final String USUAL_EXPERIMENT = "Default";
    private static final int LAST_PORT = 65_535;

    /**
     * That at {@code address}, with the rest from an environment.
     *
     * @throws InputException if the token is none
     */
    public static MlflowServer of(URI address, Map<String, String> environment) {
        String user = given(environment, "MLFLOW_TRACKING_USERNAME");
        String password = given(environment, "MLFLOW_TRACKING_PASSWORD");
        String token = given(environment, "MLFLOW_TRACKING_TOKEN");
        String experiment = given(environment, "MLFLOW_EXPERIMENT_NAME");
        return new MlflowServer(address, user != null && password != null ? "Basic " + Base64.getEncoder()
                .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8))
                : token == null ? null : "Bearer " + printable(token), given(environment, "MLFLOW_EXPERIMENT_ID"),
                experiment == null ? USUAL_EXPERIMENT : experiment, given(environment, "MLFLOW_RUN_ID"));
    }

    /** What a header takes; HTTP's own refusal would show the token. */
    private static String printable(String token) {
        if (!token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new InputException(
                    "MLFLOW_TRACKING_TOKEN has a space, a line break or a letter that is not ASCII, which "
                            + "no token has");
        }
        return token;
    }

    private static @Nullable String given(Map<String, String> environment, String variable) {
        String value = environment.getOrDefault(variable, "").strip();
        return value.isEmpty() ? null : value;
    }

    /** The address that a text says; null where it is none by {@link #RULE}. */
    public static @Nullable URI address(String text) {
        try {
            URI address = new URI(text.strip().replaceFirst("/+$", ""));
            boolean http = "http".equalsIgnoreCase(address.getScheme())
                    || "https".equalsIgnoreCase(address.getScheme());
            return http && address.getHost() != null && address.getPort() <= LAST_PORT
                    && address.getRawUserInfo() == null
                    && address.getRawQuery() == null && address.getRawFragment() == null ? address : null;
        } catch (URISyntaxException e) {
            return null;
        }
    }

    /** Without what says who asks. */
    @Override
    public String toString() {
        return address.toString();
    }
}
