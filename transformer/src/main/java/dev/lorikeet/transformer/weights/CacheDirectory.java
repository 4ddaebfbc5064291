package dev.lorikeet.transformer.weights;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Where files are kept that can be made again: the unpacked built-in models. */
public final class CacheDirectory {
    private CacheDirectory() {}

    /**
     * The environment variable {@code LORIKEET_CACHE}, or else {@code lorikeet} in the user's cache directory:
     * {@code XDG_CACHE_HOME} or {@code ~/.cache}, on macOS {@code ~/Library/Caches}, on Windows {@code %LOCALAPPDATA%}.
     * The directory need not exist.
     */
    public static Path path() {
        return path(System.getenv(), System.getProperty("os.name", ""), Path.of(System.getProperty("user.home", "")));
    }

    static Path path(Map<String, String> environment, String system, Path home) {
        String own = environment.getOrDefault("LORIKEET_CACHE", "");
        if (!own.isBlank()) {
            return Path.of(own).toAbsolutePath();
        }
        return userCache(environment, system.toLowerCase(Locale.ROOT), home).resolve("lorikeet");
    }

    private static Path userCache(Map<String, String> environment, String system, Path home) {
        if (system.startsWith("mac")) {
            return home.resolve("Library").resolve("Caches");
        }
        boolean windows = system.startsWith("windows");
        String given = environment.getOrDefault(windows ? "LOCALAPPDATA" : "XDG_CACHE_HOME", "");
        if (Path.of(given).isAbsolute()) { // the XDG specification says to ignore relative ones
            return Path.of(given);
        }
        return windows ? home.resolve("AppData").resolve("Local") : home.resolve(".cache");
    }
}
