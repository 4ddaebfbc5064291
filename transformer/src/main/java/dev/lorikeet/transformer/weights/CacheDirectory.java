package dev.lorikeet.transformer.weights;

import dev.lorikeet.transformer.io.FileNames;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Where files are kept that can be made again: unpacked built-in models, hashes of weights, encoded examples. */
public final class CacheDirectory {
    private CacheDirectory() {}

    /**
     * The environment variable {@code LORIKEET_CACHE}, or else {@code lorikeet} in the user's cache directory:
     * {@code XDG_CACHE_HOME} or {@code ~/.cache}, on macOS {@code ~/Library/Caches}, on Windows {@code %LOCALAPPDATA%}.
     * The directory need not exist.
     */
    public static Path path() {
        return path(System.getenv(), System.getProperty("os.name", ""),
                FileNames.of(System.getProperty("user.home", ""), "user.home"));
    }

    static Path path(Map<String, String> environment, String system, Path home) {
        String own = environment.getOrDefault("LORIKEET_CACHE", "");
        if (!own.isBlank()) {
            return FileNames.of(own, "LORIKEET_CACHE").toAbsolutePath();
        }
        return userCache(environment, system.toLowerCase(Locale.ROOT), home).resolve("lorikeet");
    }

    private static Path userCache(Map<String, String> environment, String system, Path home) {
        if (system.startsWith("mac")) {
            return home.resolve("Library").resolve("Caches");
        }
        boolean windows = system.startsWith("windows");
        String variable = windows ? "LOCALAPPDATA" : "XDG_CACHE_HOME";
        Path given = FileNames.of(environment.getOrDefault(variable, ""), variable);
        if (given.isAbsolute()) { // the XDG specification says to ignore relative ones
            return given;
        }
        return windows ? home.resolve("AppData").resolve("Local") : home.resolve(".cache");
    }
}
