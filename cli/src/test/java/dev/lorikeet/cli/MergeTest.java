package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.TaskType;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.weights.DType;
import dev.lorikeet.transformer.weights.GgufFile;
import dev.lorikeet.transformer.weights.GgufWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What merge makes of a run, and what becomes of a run whose base has moved. */
class MergeTest {
    @TempDir
    private static Path directory;
    private static TinyTask task;
    private static Path run;

    @BeforeAll
    static void finetune() throws IOException {
        task = TinyTask.in(directory);
        run = directory.resolve("run");
        assertThat(Outcome.of(task.finetune(run)).err()).isEmpty();
    }

    @Test
    void mergeWritesAModelThatAnswersAsTheRunDoes() throws IOException {
        Path merged = directory.resolve("merged");
        Outcome outcome = Outcome.of("merge", "--run", run.toString(), "--out", merged.toString());
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out().lines()).startsWith("Adapter     " + run.resolve("adapter"),
                "Base        " + task.model(), "Merged      12 layers").hasSize(4 + 1 + 12 + 2).endsWith("Written to "
                        + merged);
        assertThat(outcome.out()).containsPattern("\n  encoder\\.layer\\.1\\.output\\.dense +[1-9]\\d*\\.\\d %\n");
        assertThat(files(merged)).containsExactly("config.json", "head.safetensors", "load.py", "model.safetensors",
                "recipe.yaml", "task.json", "tokenizer.json");
        TaskModel<String, Integer, List<Prediction>> tuned = TaskModel.load(run).asClassifier();
        TaskModel<String, Integer, List<Prediction>> whole = TaskModel.load(merged).asClassifier();
        for (String text : List.of("the cat sleeps", "an oak waits", "fern")) {
            List<Prediction> expected = tuned.predict(text);
            List<Prediction> actual = whole.predict(text);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(actual.get(i).label()).isEqualTo(expected.get(i).label());
                assertThat(actual.get(i).probability()).isCloseTo(expected.get(i).probability(), within(1e-5f));
            }
        }
        assertThat(Outcome.of("evaluate", "--run", merged.toString()).out().lines().skip(2))
                .as("the same data, accuracy and loss")
                .isEqualTo(Outcome.of("evaluate", "--run", run.toString()).out().lines().skip(2).toList());
        assertThat(Outcome.of("predict", "--run", merged.toString(), "a cat").out()).startsWith("a cat\n  ");
        Outcome.of("predict", "--run", merged.toString(), "--model", task.model().toString(), "a cat")
                .requireRefusal(merged + ": --model: the model of this run is whole, it has no base");
        Path again = directory.resolve("merged again");
        assertThat(Outcome.of("merge", run.resolve("adapter").toString(), "--model", task.model().toString(), "--out",
                again.toString()).status()).isZero();
        for (String file : files(merged)) {
            assertThat(again.resolve(file)).hasSameBinaryContentAs(merged.resolve(file));
        }
    }

    @Test
    void anAdapterAloneIsMergedWithoutAHead() throws IOException {
        Path adapter = directory.resolve("alone/adapter");
        Files.createDirectories(adapter);
        for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
            Files.copy(run.resolve("adapter").resolve(file), adapter.resolve(file));
        }
        Path merged = directory.resolve("alone/merged");
        assertThat(Outcome.of("merge", adapter.toString(), "--out", merged.toString()).err()).isEmpty();
        assertThat(files(merged)).containsExactly("config.json", "model.safetensors", "tokenizer.json");
    }

    /** A checkpoint beside the run's adapter, say. */
    @Test
    void anAdapterBesideTheRunsIsTheOneThatIsMerged() throws IOException {
        Path other = Files.createDirectories(run.resolve("another"));
        for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
            Files.copy(run.resolve("adapter").resolve(file), other.resolve(file));
        }
        Path config = other.resolve("adapter_config.json");
        Files.writeString(config, Files.readString(config).replace("\"lora_alpha\": 16", "\"lora_alpha\": 64"));
        Path merged = directory.resolve("another merged");
        assertThat(Outcome.of("merge", other.toString(), "--out", merged.toString()).err()).isEmpty();
        Path ofRun = directory.resolve("of the run");
        assertThat(Outcome.of("merge", run.resolve("adapter").toString(), "--out", ofRun.toString()).err()).isEmpty();
        assertThat(merged.resolve("model.safetensors")).binaryContent()
                .isNotEqualTo(Files.readAllBytes(ofRun.resolve("model.safetensors")));
    }

    @Test
    void aMergedModelWithoutARecipeIsEvaluatedOnAnyData() throws IOException {
        Path merged = directory.resolve("bare");
        assertThat(Outcome.of("merge", "--run", run.toString(), "--out", merged.toString()).err()).isEmpty();
        Files.delete(merged.resolve("recipe.yaml"));
        Outcome.of("evaluate", "--run", merged.toString()).requireRefusal(merged + ": --data: is needed: there is no "
                + "recipe.yaml that says what the test examples are");
        Path data = directory.resolve("bare.tsv");
        String label = TaskModel.load(merged).asClassifier().predict("a cat").getFirst().label();
        Files.writeString(data, "text\tlabel\na cat\t" + label + "\n");
        assertThat(Outcome.of("evaluate", "--run", merged.toString(), "--test", data.toString()).out())
                .contains("Accuracy    100.0 %, 1 right");
    }

    @Test
    void aRunMovesWithItsBase() throws IOException {
        Path moved = directory.resolve("moved");
        TinyTask there = TinyTask.in(Files.createDirectories(moved));
        Path tuned = moved.resolve("run");
        assertThat(Outcome.of(there.finetune(tuned, "--epochs", "1")).err()).isEmpty();
        String config = Files.readString(tuned.resolve("adapter/adapter_config.json"));
        assertThat(config).as("PEFT opens it from anywhere").contains("\"" + there.model().toAbsolutePath() + "\"");
        Path base = Files.move(there.model(), moved.resolve("base"));
        Outcome.of("evaluate", "--run", tuned.toString()).requireRefusal("there is no directory and no built-in model "
                + "named " + there.model().toAbsolutePath() + ": say by --model where it is");
        String expected = Outcome.of("predict", "--run", tuned.toString(), "--model", base.toString(), "a cat").out();
        assertThat(expected).startsWith("a cat\n  ");
        assertThat(Outcome.of("evaluate", "--run", tuned.toString(), "--model", base.toString()).out())
                .contains("Model       " + base);
        Path merged = moved.resolve("merged");
        assertThat(Outcome.of("merge", "--run", tuned.toString(), "--model", base.toString(), "--out",
                merged.toString()).err()).isEmpty();
        assertThat(Outcome.of("predict", "--run", merged.toString(), "a cat").out()).isEqualTo(expected);
    }

    @Test
    void aMergedAdapterOfAHuggingFaceHeadIsThatClass() {
        Path merged = directory.resolve("class");
        Path fixtures = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "peft");
        assertThat(Outcome.of("merge", fixtures.resolve("all-linear-seqcls").toString(), "--model",
                fixtures.resolve("bases/bert-seqcls").toString(), "--out", merged.toString()).err()).isEmpty();
        assertThat(merged.resolve("config.json")).content().contains("\"BertForSequenceClassification\"");
        assertThat(Outcome.of("inspect", merged.toString()).out()).contains("  classifier.weight ");
    }

    /** With the vocabulary inside of it; an adapter may name it by a path that is seen from the adapter. */
    @Test
    void aBaseInAGgufFileBecomesADirectory() throws IOException {
        Path folder = Files.createDirectories(directory.resolve("gguf"));
        Path base = gguf(folder.resolve("base.gguf"));
        Path tuned = folder.resolve("run");
        assertThat(Outcome.of(task.finetune(tuned, "--model", base.toString(), "--epochs", "1")).err()).isEmpty();
        Path merged = folder.resolve("merged");
        assertThat(Outcome.of("merge", "--run", tuned.toString(), "--out", merged.toString()).err()).isEmpty();
        assertThat(Outcome.of("predict", "--run", merged.toString(), "a cat").out()).startsWith("a cat\n  ")
                .isEqualTo(Outcome.of("predict", "--run", tuned.toString(), "a cat").out());

        Path alone = Files.move(tuned.resolve("adapter"), folder.resolve("alone"));
        Path config = alone.resolve("adapter_config.json");
        Files.writeString(config, Files.readString(config).replace(base.toAbsolutePath().toString(), "../base.gguf"));
        Path headless = folder.resolve("headless");
        assertThat(Outcome.of("merge", alone.toString(), "--out", headless.toString()).err()).isEmpty();
        assertThat(files(headless)).containsExactly("config.json", "model.safetensors", "tokenizer.json",
                "tokenizer_config.json");
        for (String file : List.of("model.safetensors", "tokenizer.json")) {
            assertThat(headless.resolve(file)).hasSameBinaryContentAs(merged.resolve(file));
        }

        Path whole = folder.resolve("whole");
        assertThat(Outcome.of(task.finetune(whole, "--model", base.toString(), "--epochs", "1", "--method", "full"))
                .err()).isEmpty();
        assertThat(whole.resolve("model/tokenizer.json")).hasSameBinaryContentAs(merged.resolve("tokenizer.json"));
        assertThat(Outcome.of("predict", "--run", whole.toString(), "a cat").out()).startsWith("a cat\n  ");
    }

    /** A causal model of a GGUF file, with an adapter of PEFT's. */
    @Test
    void anAdapterOnAGgufFileBecomesOne() throws IOException {
        Path folder = Files.createDirectories(directory.resolve("llama"));
        Path base = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "gguf/models/llama.gguf")
                .toAbsolutePath().normalize();
        Model model = Model.load(base);
        LoraAdapter made = Lora.attach(TaskModel.of(model), LoraConfig.rslora().rank(4).targets("q_proj", "v_proj")
                .taskType(TaskType.CAUSAL_LM).build(), 1);
        made.parameters().values().forEach(parameter -> Random.fillUniform(parameter.value(), 0.3f, 1));
        Path adapter = folder.resolve("peft");
        Peft.save(made, base.toString(), model.hash(), adapter);

        Path lora = folder.resolve("lora.gguf");
        assertThat(Outcome.of("export", adapter.toString(), "--type", "f16", "--out", lora.toString()).out())
                .isEqualTo("Adapter     " + adapter + "\nBase        " + base + "\nWritten     4 layers to " + lora
                        + "\n");
        try (GgufFile file = GgufFile.open(lora)) {
            assertThat(file.names()).hasSize(8);
            assertThat(file.dtype("blk.1.attn_q.weight.lora_b")).isEqualTo(DType.F16);
        }
        Outcome.of("export", adapter.toString(), "--out", lora.toString()).requireRefusal(lora
                + ": --out: is there already, the name of a new file is expected");
        Outcome.of("export", adapter.toString(), "--type", "q4_0", "--out", folder.resolve("x").toString())
                .requireRefusal("one of f32, f16, bf16, q8_0 is expected, not 'q4_0'");

        Path merged = folder.resolve("merged.gguf");
        assertThat(Outcome.of("merge", adapter.toString(), "--format", "gguf", "--out", merged.toString()).out())
                .contains("Merged      4 layers").endsWith("Written to " + merged + "\n");
        made.merge();
        Path expected = folder.resolve("expected.gguf");
        model.writeGguf(model.backbone(), DType.F32, expected);
        assertThat(merged).hasSameBinaryContentAs(expected);
        assertThat(Outcome.of("merge", adapter.toString(), "--format", "gguf", "--type", "q8_0", "--out",
                folder.resolve("small.gguf").toString()).err()).isEmpty();
        assertThat(Files.size(folder.resolve("small.gguf"))).isLessThan(Files.size(merged) / 2);
        Outcome.of("merge", adapter.toString(), "--type", "f16", "--out", folder.resolve("x").toString())
                .requireRefusal("--type: is for --format gguf, a Hugging Face directory has float32");
        Outcome.of("merge", "--run", run.toString(), "--format", "gguf", "--out", folder.resolve("x").toString())
                .requireRefusal("config.json: model_type: GGUF files of bert have no place for head.weight; a "
                        + "Hugging Face directory has");
        Outcome.of("merge", "--base-only", "--model", task.model().toString(), "--format", "gguf", "--out",
                folder.resolve("x").toString()).requireRefusal(
                        "tokenizer.json: added_tokens: has no special token for "
                                + "the cls_token of the tokenizer");
    }

    /** A recorded one, with the letters as its vocabulary. */
    /** What PEFT puts an adapter on whose base was a GGUF file. */
    @Test
    void theBaseAloneBecomesADirectoryOrAFile() {
        Path base = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "gguf/models/llama.gguf")
                .toAbsolutePath();
        Path folder = directory.resolve("base of llama");
        Outcome written = Outcome.of("merge", "--base-only", "--model", base.toString(), "--out", folder.toString());
        assertThat(written.err()).isEmpty();
        assertThat(written.out()).isEqualTo("Base        " + base + "\nWritten to " + folder + "\n");
        assertThat(JsonObject.read(folder.resolve("config.json")).list("architectures"))
                .isEqualTo(List.of("LlamaForCausalLM"));
        assertThat(Model.load(folder).hash()).isEqualTo(Model.load(base).hash());
        Path file = directory.resolve("base of llama.gguf");
        assertThat(Outcome.of("merge", "--base-only", "--model", base.toString(), "--format", "gguf", "--out",
                file.toString()).err()).isEmpty();
        assertThat(Model.load(file).hash()).isEqualTo(Model.load(base).hash());
        Outcome.of("merge", "--base-only", "--model", base.toString(), "--out", folder.toString())
                .requireRefusal(folder + ": --out: is not empty, a folder for the merged model alone is expected");
        Outcome.of("merge", "--base-only", "--out", folder.toString())
                .requireRefusal("--model: is missing, or an adapter that names its base");
        Path ofRun = directory.resolve("base of the run");
        assertThat(Outcome.of("merge", "--base-only", "--run", run.toString(), "--out", ofRun.toString()).err())
                .isEmpty();
        assertThat(Model.load(ofRun).hash()).isEqualTo(Model.load(task.model()).hash());
    }

    private static Path gguf(Path file) {
        Path recorded = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "gguf/models/bert-q8_0.gguf");
        try (GgufFile source = GgufFile.open(recorded)) {
            GgufWriter writer = new GgufWriter("bert");
            source.values().keys().stream().filter(key -> !key.matches("general\\.(architecture|alignment)"))
                    .forEach(key -> writer.put(key, source.values()));
            writer.put("tokenizer.ggml.model", "bert");
            writer.put("tokenizer.ggml.tokens", Stream.concat(Stream.of("[PAD]", "[UNK]", "[CLS]", "[SEP]"),
                    "abcdefghijklmnopqrstuvwxyz".chars().mapToObj(Character::toString))
                    .flatMap(token -> Stream.of("\u2581" + token, token)).toList());
            writer.put("tokenizer.ggml.unknown_token_id", 2);
            writer.put("tokenizer.ggml.cls_token_id", 4);
            writer.put("tokenizer.ggml.seperator_token_id", 6);
            source.names().forEach(name -> writer.tensor(name, source.shape(name), DType.F32,
                    () -> source.read(name)));
            writer.write(file);
        }
        return file;
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            return tree.filter(Files::isRegularFile).map(file -> folder.relativize(file).toString()).sorted().toList();
        }
    }
}
