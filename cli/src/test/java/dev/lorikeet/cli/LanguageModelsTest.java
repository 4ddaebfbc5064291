package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.cli.report.Metric;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Language models by the command, from texts alone to perplexities and answers. */
class LanguageModelsTest {
    private static final Path MODELS = Path.of(System.getProperty("lorikeet.basedir"), "fixtures/language_models");
    private static final List<String> NOUNS = List.of("bird", "tree", "river", "cat");
    private static final List<String> VERBS = List.of("sings", "grows", "runs", "sleeps");

    @TempDir
    private Path directory;
    private Path run;

    @BeforeEach
    void name() {
        run = directory.resolve("out");
    }

    /** What each noun does, which is all there is to learn. */
    private static List<String> sentences() {
        return Stream.of("the small ", "a ", "the old ").flatMap(start -> Stream.of(" .", " near the river .")
                .flatMap(end -> NOUNS.stream().map(noun -> start + noun + " " + VERBS.get(NOUNS.indexOf(noun)) + end)))
                .toList();
    }

    private Path write(String name, Stream<String> lines) throws IOException {
        return Files.write(directory.resolve(name), lines.toList());
    }

    private Outcome finetune(String model, String task, Path data, String... more) {
        return Outcome.of(Stream.concat(Stream.of("finetune", "--model", MODELS.resolve(model).toString(), "--task",
                task, "--train", data.toString(), "--test", data.toString(), "--out", run.toString()),
                Arrays.stream(more)).toArray(String[]::new));
    }

    private static void requireSuccess(Outcome outcome) {
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.status()).isZero();
    }

    private JsonObject answered(String... arguments) {
        Outcome outcome = Outcome.of(arguments);
        requireSuccess(outcome);
        return new JsonObject(run, "", Json.readLine(outcome.out().strip(), run, 1));
    }

    @Test
    void masksAreFilledInByWhatWasLearnedOfLines() throws IOException {
        Path data = write("lines.txt", Stream.concat(sentences().stream(), Stream.of("", "")));
        Outcome trained = finetune("bert", "masked", data, "--epochs", "80", "--method", "full", "--adapter-rate",
                "0.01", "--head-rate", "0.01", "--batch-size", "8");
        requireSuccess(trained);
        assertThat(trained.out()).contains("masked language model, from text", "unigram model", "model before training",
                "Test perplexity", "predict --run " + run + " \"a text with a [MASK] of your own\"");
        Recipe recipe = RecipeFile.read(run.resolve("recipe.yaml"));
        assertThat(((Recipe.Files) recipe.data()).task()).isEqualTo(TaskKind.MASKED);
        assertThat(((Recipe.Files) recipe.data()).text()).isEqualTo("text");
        JsonObject evaluated = answered("evaluate", "--run", run.toString(), "--json");
        assertThat(evaluated.number("perplexity")).isCloseTo(Math.exp(evaluated.number("loss")),
                within(1e-9));
        String best = trained.out().lines().filter(line -> line.contains("epoch 80 of 80")).findFirst().orElseThrow();
        assertThat(best).contains("test perplexity " + format(evaluated.number("perplexity")));
        assertThat(evaluated.number("perplexity")).as("a unigram model has about 10").isLessThan(6);
        JsonObject answer = answered("predict", "--run", run.toString(), "--json", "--top", "2",
                "the small bird [MASK]##s .");
        assertThat(answer.objects("masks")).hasSize(1).first().satisfies(mask -> assertThat(mask.objects("predictions"))
                .hasSize(2));
        assertThat(Outcome.of("predict", "--run", run.toString(), "the [MASK] [MASK] cat sleeps .").out())
                .contains("  mask 1\n", "  mask 2\n", "%");
        Outcome.of("predict", "--run", run.toString(), "the cat")
                .requireRefusal("masked-language-model: there is no [MASK] in the text");
        assertThat(Outcome.of("preview", "--recipe", run.resolve("recipe.yaml").toString()).out())
                .contains("masked language model, from text", "[CLS] the small bird sing ##s . [SEP]");
    }

    private static String format(double perplexity) {
        return new Metric("perplexity").text(perplexity);
    }

    @Test
    void aDecoderLearnsTheTokenAfterEachToken() throws IOException {
        Path data = write("rows.jsonl", sentences().stream().map(text -> Json.writeLine(Map.of("answer", text))
                .strip()));
        Outcome trained = finetune("llama", "causal", data, "--text-column", "answer", "--block-size", "24", "--epochs",
                "20", "--adapter-rate", "0.02", "--batch-size", "4");
        requireSuccess(trained);
        assertThat(trained.out()).contains("causal language model of texts in blocks of 24 tokens, from answer",
                "unigram model", "model before training").doesNotContain("predict");
        JsonObject evaluated = answered("evaluate", "--run", run.toString(), "--json");
        assertThat(evaluated.number("perplexity")).as("a unigram model has about 10").isLessThan(5);
        assertThat(JsonObject.read(run.resolve("task.json")).integer("block_size")).isEqualTo(24);
        assertThat(JsonObject.read(run.resolve("adapter/adapter_config.json")).string("task_type"))
                .isEqualTo("CAUSAL_LM");
        Outcome.of("predict", "--run", run.toString(), "the cat").requireRefusal("the model is for the task causal, "
                + "which goes on with texts: generate and chat do that, and evaluate tells the perplexity of texts");
        Path merged = directory.resolve("merged");
        requireSuccess(Outcome.of("merge", "--run", run.toString(), "--out", merged.toString()));
        assertThat(answered("evaluate", "--run", merged.toString(), "--test", data.toString(), "--json")
                .number("perplexity")).as("texts are not put together in it").isLessThan(5);
        assertThat(JsonObject.read(merged.resolve("config.json")).list("architectures"))
                .isEqualTo(List.of("LlamaForCausalLM"));
    }

    @Test
    void aWholeModelIsTrainedWithItsHead() throws IOException {
        Path data = write("lines.txt", sentences().stream());
        requireSuccess(finetune("llama", "causal", data, "--method", "full", "--epochs", "12", "--batch-size", "4",
                "--adapter-rate", "0.01",
                "--head-rate", "0.01"));
        assertThat(answered("evaluate", "--run", run.toString(), "--json").number("perplexity")).isLessThan(5);
    }

    @Test
    void refusesWhatTextsAloneHaveNot() throws IOException {
        Path data = write("lines.txt", sentences().stream());
        finetune("bert", "masked", data, "--label-column", "text")
                .requireRefusal("--label-column: does not go with the "
                        + "task masked, which learns from texts alone");
        finetune("bert", "classification", data, "--block-size", "9")
                .requireRefusal("--block-size: goes with language models: the tasks masked and causal");
        finetune("bert", "classification", data)
                .requireRefusal(data + ": columns: none is known to be the one that the labels are in "
                        + "(label-column), there are text; texts alone are for the task masked or causal, ");
        finetune("bert", "causal", data).requireRefusal("is a BertForMaskedLM, which has no head for that");
        finetune("bert", "masked", data, "--no-header", "--text-column", "1")
                .requireRefusal(data + ": name: lines of text have neither a header nor a delimiter");
    }

    /** The model is told by its columns what is learned; of a prompt nothing is. */
    @Test
    void completionsAndTalksAreFoundByTheirColumns() throws IOException {
        String model = MODELS.resolveSibling("completions").resolve("model").toString();
        Path pairs = write("pairs.jsonl", NOUNS.stream().map(noun -> Json.writeLine(Map.of("prompt", "What does a "
                + noun + " do?", "completion", " It " + VERBS.get(NOUNS.indexOf(noun)) + ".")).strip()));
        Path talks = write("talks.jsonl", NOUNS.stream().map(noun -> Json.writeLine(Map.of("messages", List.of(
                Map.of("role", "user", "content", "a " + noun + "?"), Map.of("role", "assistant", "content", "It "
                        + VERBS.get(NOUNS.indexOf(noun))))))
                .strip()));
        String shown = Outcome.of("preview", "--model", model, "--train", pairs.toString(), "--test", pairs.toString(),
                "--examples", "1", "--max-length", "8").out();
        assertThat(shown).contains("causal language model of completions, from prompt to completion",
                " are learned of 8, 2 are cut off the right", "  What does a bird do? It sings.<|im_end|>", " »")
                .contains("<|im_end|>«");
        String talk = Outcome.of("preview", "--model", model, "--train", talks.toString(), "--test", talks.toString(),
                "--examples", "1").out();
        assertThat(talk).contains("causal language model of talks, from messages", "<|im_start|>user\n  a bird?",
                "<|im_start|>assistant\n  It sings<|im_end|>");
        Outcome trained = Outcome.of("finetune", "--model", model, "--train", pairs.toString(), "--test",
                pairs.toString(), "--out", run.toString(), "--epochs", "4", "--adapter-rate", "0.02", "--loss-on",
                "all", "--truncation-side", "left");
        requireSuccess(trained);
        JsonObject task = JsonObject.read(run.resolve("task.json"));
        assertThat(List.of(task.string("input"), task.string("loss_on"), task.string("truncation_side")))
                .containsExactly("completion", "all", "left");
        assertThat(answered("evaluate", "--run", run.toString(), "--json").number("perplexity")).isLessThan(800);
        Outcome.of("preview", "--model", model, "--task", "masked", "--train", pairs.toString(), "--test",
                pairs.toString(), "--loss-on", "all").requireRefusal("--loss-on: goes with the task causal");
        Path wrong = write("wrong.jsonl", Stream.of("{\"messages\": [{\"role\": \"user\"}]}"));
        Outcome.of("preview", "--model", model, "--train", wrong.toString(), "--test", wrong.toString())
                .requireRefusal("wrong.jsonl: line 1: message 1: a message of role \"user\" has no \"content\"");
    }

    /** What stands near a noun, which an encoder reads. */
    @Test
    void aTextIsWrittenForAText() throws IOException {
        Path model = Files.createDirectory(directory.resolve("t5"));
        for (String file : List.of("config.json", "generation_config.json", "model.safetensors")) {
            Files.copy(MODELS.resolveSibling("models/t5_v1_1").resolve(file), model.resolve(file));
        }
        Files.copy(MODELS.resolve("llama/vocab.txt"), model.resolve("vocab.txt"));
        Path data = write("pairs.tsv", Stream.concat(Stream.of("prompt\tcompletion"), Stream.of("the small ", "a ",
                "the old ").flatMap(
                        start -> NOUNS.stream().map(noun -> start + noun + "\tnear the "
                                + NOUNS.get((NOUNS.indexOf(noun) + 1) % NOUNS.size())))));
        Outcome trained = finetune(model.toString(), "sequence-to-sequence", data, "--epochs", "60", "--method", "full",
                "--adapter-rate", "0.01", "--head-rate", "0.01", "--batch-size", "4", "--generate", "4");
        requireSuccess(trained);
        assertThat(trained.out()).contains("the completion for each prompt", "model before training", "exact 100.0 %");
        assertThat(run.resolve("adapter.gguf")).doesNotExist();
        JsonObject evaluated = answered("evaluate", "--run", run.toString(), "--json");
        assertThat(evaluated.number("perplexity")).isLessThan(1.1);
        assertThat(answered("generate", "--model", run.resolve("model").toString(), "--json", "the old tree")
                .string("generated_text"))
                .isEqualTo("near the river");
        // 36 layers of 32 by 30 to 36 numbers; the head of the files is frozen, and not counted
        assertThat(finetune(model.toString(), "sequence-to-sequence", data, "--dry-run", "--batch-size", "4", "--force")
                .out()).contains(
                        "Parameters  18,432 of 61,936 trained");
        finetune(model.toString(), "sequence-to-sequence", data, "--force", "--targets", "q,shared").requireRefusal(
                "shared is the table of an encoder and of its decoder");
        Path odd = write("odd.tsv", Stream.of("prompt\tcompletion", "the small bird\tnear the \u2603",
                "a bird\tnear the river", "the old tree\tnear the bird"));
        assertThat(finetune(model.toString(), "sequence-to-sequence", odd, "--dry-run", "--force").out()).contains(
                "Unknown     1 token of train, 1 token of test stand for what the model has none for");
        Outcome other = finetune(model.toString(), "causal", data, "--force");
        assertThat(other.err()).contains("t5 is an encoder and a decoder, which are for the task sequence-to-sequence");
    }
}
