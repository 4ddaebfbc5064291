package dev.lorikeet.transformer.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheDirectoryTest {
    @TempDir
    private Path home;

    @Test
    void theEnvironmentDecides() {
        Path own = home.resolve("own");
        assertThat(CacheDirectory.path(Map.of("LORIKEET_CACHE", own.toString()), "Linux", home)).isEqualTo(own);
    }

    @Test
    void elseTheUsersCacheDirectoryDoes() {
        Path given = home.resolve("given");
        assertThat(CacheDirectory.path(Map.of("LORIKEET_CACHE", " "), "Linux", home))
                .isEqualTo(home.resolve(".cache/lorikeet"));
        assertThat(CacheDirectory.path(Map.of("XDG_CACHE_HOME", given.toString()), "Linux", home))
                .isEqualTo(given.resolve("lorikeet"));
        assertThat(CacheDirectory.path(Map.of("XDG_CACHE_HOME", "relative"), "Linux", home))
                .isEqualTo(home.resolve(".cache/lorikeet"));
        assertThat(CacheDirectory.path(Map.of(), "Mac OS X", home)).isEqualTo(home.resolve("Library/Caches/lorikeet"));
        assertThat(CacheDirectory.path(Map.of("LOCALAPPDATA", given.toString()), "Windows 11", home))
                .isEqualTo(given.resolve("lorikeet"));
        assertThat(CacheDirectory.path(Map.of(), "Windows 11", home))
                .isEqualTo(home.resolve("AppData/Local/lorikeet"));
    }
}
