package dev.lorikeet.transformer.hub;

import dev.lorikeet.transformer.io.FileNames;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.InputFile;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a hub and its cache are, by the variables that Python's {@code huggingface_hub} reads.
 *
 * @param endpoint {@code HF_ENDPOINT}, else {@code https://huggingface.co}
 * @param token {@code HF_TOKEN}, else what is in the file {@code HF_TOKEN_PATH} or {@code HF_HOME/token}; or null
 * @param cache {@code HF_HUB_CACHE}, else {@code HF_HOME/hub}; {@code HF_HOME} is {@code ~/.cache/huggingface} if unset
 * @param offline whether {@code HF_HUB_OFFLINE} or {@code TRANSFORMERS_OFFLINE} forbids connections
 * @param links whether the cache may have symbolic links, which {@code HF_HUB_DISABLE_SYMLINKS} forbids
 */
public record HubSettings(URI endpoint, @Nullable String token, Path cache, boolean offline, boolean links) {
    private static final String ENDPOINT = "https://huggingface.co";
    private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");
    private static final Pattern VARIABLE = Pattern.compile("\\$(?:(\\w+)|\\{(\\w+)})");
    private static final int LONGEST_TOKEN_FILE = 1 << 16;

    /**
     * Those of this process.
     *
     * @throws InputException if a variable has a value that cannot be one
     */
    public static HubSettings standard() {
        return of(System.getenv(), System.getProperty("user.home", ""));
    }

    static HubSettings of(Map<String, String> environment, String home) {
        Path hfHome = path(environment, home, "HF_HOME",
                Path.of(given(environment, "XDG_CACHE_HOME", home + "/.cache"), "huggingface").toString());
        Path cache = path(environment, home, "HF_HUB_CACHE",
                given(environment, "HUGGINGFACE_HUB_CACHE", hfHome.resolve("hub").toString()));
        boolean implicit = !isTrue(environment, "HF_HUB_DISABLE_IMPLICIT_TOKEN");
        return new HubSettings(endpoint(given(environment, "HF_ENDPOINT", ENDPOINT)),
                implicit ? token(environment, path(environment, home, "HF_TOKEN_PATH",
                        hfHome.resolve("token").toString())) : null,
                cache, isTrue(environment, "HF_HUB_OFFLINE") || isTrue(environment, "TRANSFORMERS_OFFLINE"),
                !isTrue(environment, "HF_HUB_DISABLE_SYMLINKS"));
    }

    private static String given(Map<String, String> environment, String variable, String otherwise) {
        String value = environment.getOrDefault(variable, "");
        return value.isBlank() ? otherwise : value;
    }

    private static boolean isTrue(Map<String, String> environment, String variable) {
        return TRUE.contains(environment.getOrDefault(variable, "").toUpperCase(Locale.ROOT));
    }

    /** With {@code ~} and {@code $NAME} as Python has them. */
    private static Path path(Map<String, String> environment, String home, String variable, String otherwise) {
        String value = given(environment, variable, otherwise);
        String below = value.equals("~") || value.startsWith("~/") ? home + value.substring(1) : value;
        String whole = VARIABLE.matcher(below).replaceAll(found -> Matcher.quoteReplacement(environment.getOrDefault(
                Objects.requireNonNullElse(found.group(1), found.group(2)), found.group())));
        return FileNames.of(whole, variable).toAbsolutePath().normalize();
    }

    private static URI endpoint(String value) {
        try {
            URI endpoint = new URI(value.strip().replaceFirst("/+$", ""));
            if (endpoint.getHost() != null && ("https".equals(endpoint.getScheme())
                    || "http".equals(endpoint.getScheme())) && endpoint.getRawQuery() == null) {
                return endpoint;
            }
        } catch (URISyntaxException e) {
            throw new InputException("HF_ENDPOINT: \"" + value + "\" is no address: " + e.getReason());
        }
        throw new InputException("HF_ENDPOINT: \"" + value + "\" is no address of a hub, as " + ENDPOINT + " is");
    }

    private static @Nullable String token(Map<String, String> environment, Path file) {
        String token = given(environment, "HF_TOKEN", given(environment, "HUGGING_FACE_HUB_TOKEN", ""));
        String source = "HF_TOKEN";
        if (token.isEmpty() && Files.isRegularFile(file)) {
            token = new String(InputFile.bytes(file, LONGEST_TOKEN_FILE, "tokens"), StandardCharsets.UTF_8);
            source = file.toString();
        }
        String clean = token.strip();
        if (!clean.chars().allMatch(letter -> letter > ' ' && letter < 0x7f)) {
            throw new InputException(source + ": is no token, it has spaces or letters beyond ASCII within");
        }
        return clean.isEmpty() ? null : clean;
    }

    /** The same, but that nothing is fetched. */
    public HubSettings withoutConnections() {
        return new HubSettings(endpoint, token, cache, true, links);
    }

    /** Without the token. */
    @Override
    public String toString() {
        return endpoint + " " + cache + (token == null ? "" : " with a token") + (offline ? " offline" : "");
    }
}
