package dev.lorikeet.bench.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.transformer.data.DataFile;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every file that once went wrong: read, or refused as a reader must. What is right of each is for tests of its own.
 */
class TrialsReplayTest {
    private static final Path FIXTURES = Path.of(System.getProperty("lorikeet.fixtures"));

    @TestFactory
    Stream<DynamicTest> files() throws IOException {
        Path trials = FIXTURES.resolve("trials");
        try (Stream<Path> tree = Files.walk(trials)) {
            List<Path> files = tree.filter(file -> Files.isRegularFile(file) && !file.toString().endsWith(".md")
                    && !file.toString().endsWith(".py")).sorted().toList();
            assertThat(files).hasSizeGreaterThan(80);
            return files.stream().map(file -> DynamicTest.dynamicTest(trials.relativize(file).toString(), () -> {
                Reader reader = new Reader(file.toString(), file.getParent(), _ -> new byte[0], Stream::empty,
                        _ -> read(file));
                assertThat(Campaign.fault(reader, new byte[0])).isNull();
            }));
        }
    }

    private static void read(Path file) {
        Path directory = file.getParent();
        String name = file.getFileName().toString();
        switch (name) {
            case "config.json" -> TaskModel.of(Model.load(directory));
            case "adapter_config.json" -> Peft.read(base(directory), directory, null);
            case "tokenizer.json" -> Tokenizer.load(file).encode("a \u2029a\u0301", 20);
            default -> {
                switch (name.substring(name.lastIndexOf('.') + 1)) {
                    case "csv", "tsv", "jsonl" -> DataFile.read(file, "text", "label");
                    case "yaml" -> RecipeFile.read(file);
                    case "json" -> Json.readObject(file);
                    case "safetensors" -> {
                        try (TensorFile weights = Safetensors.open(file)) {
                            weights.names().forEach(weights::read);
                        }
                    }
                    default -> throw new AssertionError("nobody reads " + file);
                }
            }
        }
    }

    /** The base beside the adapter, or the recorded one that it names. */
    private static TaskModel<?, ?, ?> base(Path adapter) {
        Path beside = adapter.resolveSibling("base");
        if (Files.exists(beside)) {
            return TaskModel.of(Model.load(beside));
        }
        String name = Objects.requireNonNullElse(Peft.baseModelId(adapter), "");
        Path recorded = FIXTURES.resolve("peft/bases").resolve(name.substring(name.lastIndexOf('/') + 1));
        return TaskModel.of(Model.load(Files.exists(recorded) ? recorded : FIXTURES.resolve("peft/bases/llama-lm")));
    }
}
