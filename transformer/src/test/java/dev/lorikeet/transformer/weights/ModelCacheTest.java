package dev.lorikeet.transformer.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCacheTest {
    @TempDir
    private Path directory;

    @Test
    void whatAKilledProcessLeftIsDeletedAfterAnHour() throws IOException {
        Path abandoned = unfinished(".model.12-1.tmp", Duration.ofMinutes(61));
        Path fresh = unfinished(".model.12-2.tmp", Duration.ofMinutes(59));
        Path another = unfinished(".model-2.12-1.tmp", Duration.ofDays(9));
        Path mine = unfinished("model.tmp", Duration.ofDays(9));
        ModelCache.deleteAbandoned(directory, "model");
        assertThat(abandoned).doesNotExist();
        assertThat(directory).isDirectoryContaining(fresh::equals).isDirectoryContaining(another::equals)
                .isDirectoryContaining(mine::equals);
    }

    @Test
    void aCacheThatIsNotThereIsNoFault() {
        ModelCache.deleteAbandoned(directory.resolve("none"), "model");
        assertThat(directory).isEmptyDirectory();
    }

    private Path unfinished(String name, Duration age) throws IOException {
        Path folder = Files.createDirectory(directory.resolve(name));
        Files.createFile(folder.resolve("model.safetensors"));
        return Files.setLastModifiedTime(folder, FileTime.from(Instant.now().minus(age)));
    }
}
