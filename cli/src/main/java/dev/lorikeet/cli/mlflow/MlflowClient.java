package dev.lorikeet.cli.mlflow;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Single requests to an MLflow server. */
final class MlflowClient implements AutoCloseable {
    /** Bytes of an answer: whatever else stands at the address may have no end of them. */
    private static final long LARGEST = 1 << 20;
    private static final Path SOURCE = Path.of("MLflow");
    private static final Duration LONGEST = Duration.ofSeconds(10);
    private static final int SHOWN = 200;

    private final MlflowServer server;
    /** No redirects: what says who asks is for this server. */
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER).connectTimeout(Duration.ofSeconds(5)).build();

    MlflowClient(MlflowServer server) {
        this.server = server;
    }

    /** A server's no, which it would say again. */
    static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final String code;

        private Refusal(String code, String why) {
            super(why);
            this.code = code;
        }

        /** MLflow's own name of the reason, or nothing. */
        String code() {
            return code;
        }
    }

    /**
     * Asks for something.
     *
     * @throws IOException if another attempt may do better
     * @throws Refusal if none will
     */
    JsonObject get(String what, String name, String value) throws IOException, InterruptedException {
        return answer(request(what + "?" + name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8)).GET());
    }

    /** As {@link #get}, to change something. */
    JsonObject post(String what, Map<String, ?> body) throws IOException, InterruptedException {
        return answer(request(what).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(Json.writeLine(body))));
    }

    private HttpRequest.Builder request(String what) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.address() + "/api/2.0/mlflow/" + what))
                .header("User-Agent", "lorikeet").timeout(LONGEST);
        return server.authorization() == null ? request : request.header("Authorization", server.authorization());
    }

    private JsonObject answer(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response;
        try {
            response = http.send(request.build(), BodyHandlers.limiting(BodyHandlers.ofString(), LARGEST));
        } catch (ConnectException e) {
            throw new IOException("cannot be reached", e);
        } catch (IOException e) {
            throw new IOException("does not answer (" + e.getMessage() + ")", e);
        }
        int status = response.statusCode();
        if (status == 408 || status == 429 || status >= 500) {
            throw new IOException("answers " + status);
        }
        JsonObject answer = json(response);
        if (status != 200) {
            String said = answer.string("message", "").lines().findFirst().orElse("");
            throw new Refusal(answer.string("error_code", ""), "answers " + status + (said.isEmpty() ? ""
                    : ": " + said.substring(0, Math.min(said.length(), SHOWN))));
        }
        return answer;
    }

    /** A refusal may come without any, from what stands before the server. */
    private static JsonObject json(HttpResponse<String> response) {
        try {
            return new JsonObject(SOURCE, "", Json.readObject(response.body(), SOURCE));
        } catch (InputException e) {
            if (response.statusCode() != 200) {
                return new JsonObject(SOURCE, "", Map.of());
            }
            throw new Refusal("", "answers what is no MLflow server's: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
