package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.EmbeddingHead.Pooling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PoolingFileTest {
    @TempDir
    private Path model;

    private void write(String config) throws IOException {
        Files.createDirectories(model.resolve("1_Pooling"));
        Files.writeString(model.resolve("1_Pooling/config.json"), config);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenIsRead(Pooling pooling) {
        PoolingFile.write(model, pooling, 384);
        assertThat(PoolingFile.read(model)).isEqualTo(pooling);
    }

    /** As sentence-transformers 6.2 saves a model. */
    @ParameterizedTest
    @CsvSource({"mean, MEAN", "cls, CLS", "lasttoken, LAST_TOKEN"})
    void aWayIsKnownByItsName(String mode, Pooling pooling) throws IOException {
        write("{\"embedding_dimension\": 384, \"pooling_mode\": \"" + mode + "\", \"include_prompt\": true}");
        assertThat(PoolingFile.read(model)).isEqualTo(pooling);
    }

    @Test
    void anotherWayIsRefused() throws IOException {
        assertThat(PoolingFile.read(model)).isNull();
        write("{\"embedding_dimension\": 384, \"pooling_mode\": \"max\"}");
        assertThatThrownBy(() -> PoolingFile.read(model)).isInstanceOf(InputException.class)
                .hasMessageContaining("config.json: pooling_mode: \"max\": mean, cls or lasttoken is expected");
        write("{\"pooling_mode_mean_tokens\": true, \"pooling_mode_max_tokens\": true}");
        assertThatThrownBy(() -> PoolingFile.read(model)).isInstanceOf(InputException.class)
                .hasMessageContaining("one of mean_tokens, cls_token and lasttoken is expected");
    }
}
