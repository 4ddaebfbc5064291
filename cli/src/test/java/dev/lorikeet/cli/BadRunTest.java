package dev.lorikeet.cli;

import static dev.lorikeet.cli.Fault.fault;
import static dev.lorikeet.cli.Fault.replace;
import static dev.lorikeet.cli.Fault.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.cli.run.MemoryException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is wrong with a run, or goes wrong in one, ends in one line, and what was there stays. */
class BadRunTest {
    @TempDir
    private Path directory;
    private TinyTask task;

    @BeforeEach
    void writeTask() throws IOException {
        task = TinyTask.in(directory);
    }

    /** The last tensor is B of the last layer. */
    private static void changeLast(Path run, float value) throws IOException {
        Path file = run.resolve("adapter/adapter_model.safetensors");
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(bytes.length - Float.BYTES, value);
        Files.write(file, bytes);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"runs", "merges"})
    void oneLineSaysWhatIsWrong(String expected, Fault fault) throws IOException {
        String[] arguments = fault.make(task, directory.resolve("out/run"));
        List<String> before = files();
        Outcome outcome = Outcome.of(arguments);
        outcome.requireRefusal(expected.replace("%", directory.toString()));
        assertThat(outcome.out()).isEmpty();
        assertThat(files()).isEqualTo(before);
    }

    static Stream<Arguments> runs() {
        String predict = "predict --run % text";
        String evaluate = "evaluate --run %";
        String otherBase = "%/adapter/adapter_model.safetensors: __metadata__.base_weights: the adapter is for a base "
                + "with the weights sha256:";
        return Stream.of(
                run("--run: the folder of a run is expected, or an --adapter", "predict text"),
                run("%x: --run: there is no such folder; lorikeet finetune makes one", "predict --run %x text"),
                run("--top: must be at least 1, not 0", predict + " --top 0"),
                run("--vector: must be auto or scalar or 128 or 256 or 512, not \"64\"", predict + " --vector 64"),
                run(otherBase, predict, (task, _) -> TinyTask.writeModel(task.model(), 2)),
                run(otherBase, evaluate, (task, _) -> TinyTask.writeModel(task.model(), 2)),
                run("%/adapter/adapter_config.json: base_model_name_or_path: there is no directory and no built-in",
                        predict, (task, _) -> Files.move(task.model(), task.model().resolveSibling("moved"))),
                run("%/adapter/adapter_config.json: base_model_name_or_path: \"a", predict, (_, run) -> replace(run
                        .resolve("adapter/adapter_config.json"), "\"base_model_name_or_path\": \"",
                        "\"base_model_name_or_path\": \"a\\u0000")),
                run("%/adapter/adapter_model.safetensors: open: there is no such file", predict,
                        (_, run) -> Files.delete(run.resolve("adapter/adapter_model.safetensors"))),
                run("%/adapter/adapter_model.safetensors: base_model.model.encoder.layer.0.attention.self.query."
                        + "lora_A.weight: shape (4, 8) is expected from adapter_config.json and the model, not (8, 8)",
                        predict,
                        (_, run) -> replace(run.resolve("adapter/adapter_config.json"), "\"r\": 8", "\"r\": 4")),
                run("%/adapter/adapter_config.json: peft_type: \"IA3\" is not one of ADALORA, LORA",
                        "inspect %", (_, run) -> replace(run.resolve("adapter/adapter_config.json"), "LORA", "IA3")),
                run("%/head.safetensors: __metadata__.id2label: is missing: this is not a head", predict,
                        (_, run) -> Files.copy(run.resolve("adapter/adapter_model.safetensors"),
                                run.resolve("head.safetensors"), StandardCopyOption.REPLACE_EXISTING)),
                run("%: --data: is needed: there is no recipe.yaml", evaluate,
                        (_, run) -> Files.delete(run.resolve("recipe.yaml"))),
                run("test.tsv: open: there is no such file", evaluate, (task, _) -> Files.delete(task.test())),
                run("%/recipe.yaml: name: the ending must be .tsv, .csv or .jsonl, or .txt of texts alone",
                        evaluate + " --test %/recipe.yaml"),
                run("%/recipe.yaml: byte 0: the four letters GGUF are expected", "inspect %/recipe.yaml"),
                run("%/x: inspect: there is no such directory or GGUF file, and no built-in model of this name, there "
                        + "are all-MiniLM",
                        "inspect %/x"),
                run("%: inspect: neither config.json nor adapter_config.json is there", "inspect %",
                        (_, run) -> Files.delete(run.resolve("adapter/adapter_config.json"))));
    }

    static Stream<Arguments> merges() {
        return Stream.of(
                run("ADAPTER: either this or --run DIR is expected", "merge --out %x"),
                run("ADAPTER: either this or --run DIR is expected", "merge --run % %/adapter --out %x"),
                run("--model: there is no directory and no built-in model named none",
                        "predict --run % --model none text"),
                run("Missing required option: '--out=DIR|FILE.gguf'; see lorikeet merge --help", "merge --run %"),
                run("%x: --run: there is no adapter in it; lorikeet finetune makes one", "merge --run %x --out %y"),
                run("%/adapter_config.json: open: there is no such file", "merge % --out %x"),
                run("--model: there is no directory and no built-in model named none",
                        "merge %/adapter --model none --out %x"),
                run("%/adapter/adapter_model.safetensors: __metadata__.base_weights: the adapter is for a base with "
                        + "the "
                        + "weights sha256:", "merge --run % --out %x",
                        (task, _) -> TinyTask.writeModel(task.model(),
                                2)),
                run("--out: must not be empty", "merge --run % --out="),
                run("%/../../model: --out: is not empty, a folder for the merged model alone is expected",
                        "merge --run % --out %/../../model"),
                run("%: --out: is not empty, a folder for the merged model alone is expected", "merge --run % --out %"),
                run("%/adapter: --out: is not empty, a", "merge --run % --out %/adapter"),
                run("merge: encoder.layer.1.output.dense.weight: element ", "merge --run % --out %x", (_, run) -> {
                    changeLast(run, Float.MAX_VALUE);
                    Path task = run.resolve("task.json");
                    Files.writeString(task, Files.readString(task)
                            .replaceFirst(",\\s*\"adapter_sha256\"\\s*:\\s*\"\\w+\"", ""));
                }),
                run("%/task.json: adapter_sha256: is not that of the adapter beside it: task and head",
                        "predict --run % x", (_, run) -> changeLast(run, 1)));
    }

    @Test
    void emptyTextsAreRefused() {
        Outcome.of("predict", "--run", "run", "a cat", " ").requireRefusal("TEXT: must not be empty");
    }

    @Test
    void standardInputThatIsNotUtf8IsRefused() {
        Path run = directory.resolve("run");
        Outcome.of(task.finetune(run, "--epochs", "1"));
        Outcome.ofInput("caf\u00E9".getBytes(StandardCharsets.ISO_8859_1), "predict", "--run", run.toString())
                .requireRefusal("standard input: is not UTF-8");
    }

    @Test
    void memoryThatEndsNamesWhatNeededIt() throws Exception {
        Files.writeString(task.test(), ("a cat" + " sleeps".repeat(1000) + "\tanimal\n").repeat(8000),
                StandardOpenOption.APPEND);
        Outcome outcome = Fork.withHeap(directory, "64m", Main.class, task.finetune(directory.resolve("out"))).end();
        outcome.requireRefusal(task.test() + ": line 4749: the texts up to here fill half of the memory, 32 MiB; "
                + "take fewer "
                + "(limit) or give the JVM more (-Xmx)");
        OutOfMemoryError fault = new OutOfMemoryError("Java heap space");
        assertThatThrownBy(() -> MemoryException.during("training", "a smaller batch helps, ", () -> {
            throw fault;
        })).isInstanceOf(MemoryException.class).hasCause(fault).hasMessageMatching("out of memory while training: a "
                + "smaller batch helps, LORIKEET_JAVA_OPTS=-Xmx\\d+g gives Java more than .* [MG]B");
    }

    @Test
    void trainingThatDivergesLeavesNothing() throws IOException {
        replace(task.recipe(), "head-rate: 0.1", "head-rate: 1e38, warmup-ratio: 0");
        List<String> before = files();
        Outcome outcome = Outcome.of(task.finetune(directory.resolve("out/run"), "--epochs", "1", "--limit", "6"));
        assertThat(outcome.err()).isEqualTo(
                "lorikeet: training: the loss of the held-out examples after epoch 1 is NaN; a lower learning "
                        + "rate may help\n");
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void trainingThatDivergesLaterKeepsTheLastFinishedEpoch() throws IOException {
        // one step an epoch, and the first one has no rate yet
        replace(task.recipe(), "batch-size: 6, adapter-rate: 0.02, head-rate: 0.1", "batch-size: 24, head-rate: 1e38, "
                + "warmup-ratio: 0.5");
        Path out = directory.resolve("out");
        Outcome outcome = Outcome.of(task.finetune(out, "--epochs", "2"));
        assertThat(outcome.err())
                .isEqualTo(
                        "lorikeet: training: the loss of the held-out examples after epoch 2 is NaN; a lower learning "
                                + "rate may help; " + out + " holds the last finished epoch\n");
        assertThat(out.resolve("metrics.jsonl")).content().contains("\"epoch\":1").doesNotContain("\"epoch\":2,");
    }

    @Test
    void trainingThatDivergesLeavesTheRunBeforeAlone() throws IOException {
        Path out = directory.resolve("out/run");
        assertThat(Outcome.of(task.finetune(out, "--epochs", "1")).status()).isZero();
        replace(task.recipe(), "head-rate: 0.1", "head-rate: 1e38, warmup-ratio: 0");
        List<String> before = files();
        String metrics = Files.readString(out.resolve("metrics.jsonl"));
        assertThat(Outcome.of(task.finetune(out, "--epochs", "1", "--limit", "6", "--force")).status()).isEqualTo(1);
        assertThat(files()).isEqualTo(before);
        assertThat(out.resolve("metrics.jsonl")).content().isEqualTo(metrics);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> tree = Files.walk(directory)) {
            return tree.map(Path::toString).sorted().toList();
        }
    }
}
