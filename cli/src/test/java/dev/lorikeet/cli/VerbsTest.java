package dev.lorikeet.cli;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The verbs on a tiny task: one run for all of them. */
class VerbsTest {
    private static final Pattern ACCURACY = Pattern.compile("epoch \\d+ of \\d+ +test accuracy (\\S+ %)");

    @TempDir
    private static Path directory;
    private static TinyTask task;
    private static Path run;
    private static Outcome finetuned;

    @BeforeAll
    static void finetune() throws IOException {
        task = TinyTask.in(directory);
        run = directory.resolve("out/run");
        finetuned = Outcome.of(task.finetune(run));
        assertThat(finetuned.err()).isEmpty();
        assertThat(finetuned.status()).isZero();
    }

    @Test
    void aRunLeavesTheseFilesAndNoOther() throws IOException {
        assertThat(files(run)).containsExactly("adapter/README.md", "adapter/adapter_config.json",
                "adapter/adapter_model.safetensors",
                "head.safetensors", "load.py", "metrics.jsonl", "recipe.yaml", "report.html", "task.json",
                "tensorboard/events.out.tfevents.000001.lorikeet", "tensorboard/events.out.tfevents.000002.lorikeet",
                "tensorboard/events.out.tfevents.000003.lorikeet", "tensorboard/events.out.tfevents.000004.lorikeet");
        assertThat(files(run.getParent())).as("no temporary files").allMatch(file -> file.startsWith("run/"));
    }

    @Test
    void finetuneTellsWhatItDoes() {
        assertThat(finetuned.out().lines()).contains("Recipe      tiny",
                "Model       " + task.model() + ": BERT, 2 layers, hidden 8, 2 heads",
                "Data        train.tsv: 24 to train, 12 to test, 2 classes",
                "Task        classification, from text to label",
                "Method      rsLoRA, rank 8, alpha 16, on 12 linear layers",
                "Training, 4 epochs of 4 steps with 6 examples, 120 tokens an epoch", "Written to " + run,
                "  adapter/           the adapter, as Hugging Face PEFT opens it",
                "  head.safetensors   the model's head");
        assertThat(finetuned.out()).contains("majority class", "50.0 %", "frozen linear probe",
                "\n  lorikeet predict --run " + run + " \"a text of your own\"\n");
        assertThat(accuracies(finetuned)).hasSize(TinyTask.EPOCHS);
    }

    @Test
    void metricsHaveALineForEveryBaselineStepAndEpoch() throws IOException {
        List<Map<String, Object>> lines = metrics();
        assertThat(lines.stream().map(line -> line.get("type")).map(Object::toString).collect(joining(" ")))
                .isEqualTo("run time baseline baseline" + " step step step step epoch".repeat(TinyTask.EPOCHS));
        assertThat(lines.getFirst()).containsEntry("method", "rslora").containsEntry("trained", 1_682)
                .containsEntry("total", 3_026);
        assertThat(lines.getLast()).containsEntry("epoch", TinyTask.EPOCHS).containsEntry("tokens", 120);
        assertThat(lines.get(4)).containsEntry("step", 1).containsEntry("rate", 0.0);
    }

    @Test
    void evaluateGivesTheAccuracyOfTheLastEpochFromTheFilesAlone() throws IOException {
        Outcome outcome = Outcome.of("evaluate", "--run", run.toString());
        assertThat(outcome.status()).isZero();
        Map<String, Object> last = metrics().getLast();
        long right = Math.round((double) last.get("test_accuracy") * 12);
        assertThat(outcome.out().lines()).startsWith("Run         " + run, "Model       " + task.model(),
                "Data        test.tsv: 12 examples",
                "Accuracy    " + accuracies(finetuned).getLast() + ", " + right + " right")
                .contains("Matthews    %.3f".formatted((double) last.get("test_matthews")),
                        "Loss        %.3f".formatted((double) last.get("test_loss")))
                .anyMatch(line -> line.matches("  animal +[0-9.]+ % +[0-9.]+ % +[0-9.]+ % +6"));
        Outcome json = Outcome.of("evaluate", "--run", run.toString(), "--json");
        JsonObject all = new JsonObject(run, "", Json.readLine(json.out(), run, 1));
        for (String name : List.of("loss", "accuracy", "f1_macro", "matthews")) {
            assertThat(all.number(name)).as(name).isEqualTo(last.get("test_" + name));
        }
        assertThat(all.integer("examples")).isEqualTo(12);
        assertThat(all.objects("classes")).extracting(each -> each.string("label") + " " + each.integer("examples"))
                .containsExactly("animal 6", "plant 6");
        assertThat(all.objects("classes").stream().mapToDouble(each -> each.number("f1")).average().orElseThrow())
                .isCloseTo(all.number("f1_macro"), within(1e-12));
    }

    @Test
    void evaluateTakesOtherTexts() throws IOException {
        Path other = Files.writeString(directory.resolve("other.csv"), "label,text\nplant,the elm waits\n");
        assertThat(Outcome.of("evaluate", "--run", run.toString(), "--test", other.toString()).out())
                .contains("other.csv: 1 example\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            batch-size: 24                    | 'the first epoch changes nothing: its only step is the first of the warm-up, '
            batch-size: 6, warmup-ratio: 1    | 'the warm-up takes all steps, so that no rate reaches its peak'
            """)
    void aWarmUpThatIsMostOfARunIsSaid(String training, String line) throws IOException {
        String content = Files.readString(task.recipe()).replace("batch-size: 6", training);
        Path recipe = Files.writeString(directory.resolve("warm.yaml"), content);
        assertThat(Outcome.of("finetune", "--recipe", recipe.toString(), "--epochs", "2", "--out",
                directory.resolve("warm" + training.length()).toString()).out().lines()).anyMatch(l -> l.startsWith(" "
                        + " " + line));
        assertThat(finetuned.out()).doesNotContain("warm-up");
    }

    @Test
    void predictShowsClassesAndTheirProbabilities() {
        List<String> lines = Outcome.of("predict", "--run", run.toString(), "the cat sleeps", "@an oak").out().lines()
                .toList();
        assertThat(lines).hasSize(6);
        assertThat(lines.get(0)).isEqualTo("the cat sleeps");
        assertThat(lines.get(3)).isEqualTo("@an oak");
        assertThat(lines.subList(1, 3)).allMatch(line -> line.matches("  (animal|plant ) +\\d+\\.\\d %  [█▏▎▍▌▋▊▉]+"));
    }

    @Test
    void predictShowsAsManyClassesAsAskedFor() {
        assertThat(Outcome.of("predict", "--run", run.toString(), "--top", "1", "a fern").out().lines().toList())
                .hasSize(3).last().asString().matches("  and 1 class with \\d+\\.\\d % together");
    }

    @Test
    void predictReadsLinesAndWritesJsonLines() {
        byte[] input = "the cat waits\n\n  \r\nthe \"café\"\n".getBytes(StandardCharsets.UTF_8);
        Outcome outcome = Outcome.ofInput(input, "predict", "--run", run.toString(), "--json");
        assertThat(outcome.err()).isEmpty();
        List<Map<String, Object>> lines = json(outcome.out().lines());
        assertThat(lines).extracting(line -> line.get("text")).as("empty lines keep their place")
                .containsExactly("the cat waits", "", "  ", "the \"café\"");
        assertThat(lines.get(1)).as("an empty line has no answer").containsOnlyKeys("text");
        for (Map<String, Object> line : List.of(lines.get(0), lines.get(3))) {
            JsonObject object = new JsonObject(Path.of("output"), "", line);
            assertThat(object.objects("predictions")).extracting(prediction -> prediction.string("label"))
                    .containsExactlyInAnyOrder("animal", "plant");
            assertThat(object.objects("predictions").stream().mapToDouble(p -> p.number("probability")).sum())
                    .isCloseTo(1, within(1e-6));
        }
    }

    @Test
    void emptyLinesKeepTheirPlace() {
        Outcome outcome = Outcome.ofInput("a cat\n\na fern\n".getBytes(StandardCharsets.UTF_8), "predict", "--run",
                run.toString(), "--top", "2");
        assertThat(outcome.out().lines().toList()).hasSize(7).element(3).isEqualTo("");
    }

    @Test
    void whatATerminalWouldObeyIsShownAndNotSent() {
        String text = "a \u001b[2Jcat\u009b\u202e";
        assertThat(Outcome.of("predict", "--run", run.toString(), text).out())
                .startsWith("a \\u001b[2Jcat\\u009b\\u202e\n  ");
        String json = Outcome.of("predict", "--run", run.toString(), "--json", text).out();
        assertThat(json).containsIgnoringCase("a \\u001b[2Jcat\\u009b\\u202e").hasLineCount(1);
        assertThat(json(json.lines()).getFirst()).containsEntry("text", text);
    }

    @Test
    void theRecipeOfARunGivesTheSameBytesAgain() {
        Path again = run.resolveSibling("again"); // the path of the base counts from the run
        Outcome outcome = Outcome.of("finetune", "--recipe", run.resolve("recipe.yaml").toString(), "--out",
                again.toString());
        assertThat(accuracies(outcome)).isEqualTo(accuracies(finetuned));
        for (String file : List.of("adapter/adapter_config.json", "adapter/adapter_model.safetensors",
                "head.safetensors", "load.py", "recipe.yaml", "task.json")) {
            assertThat(again.resolve(file)).hasSameBinaryContentAs(run.resolve(file));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            targets: [query, value]          | rsLoRA, rank 8, alpha 16, on 4 linear layers  | 5.657
            targets: .*0.*\\.dense           | rsLoRA, rank 8, alpha 16, on 3 linear layers  | 5.657
            name: lora, rank: 4, alpha: 2.5  | LoRA, rank 4, alpha 2.5, on 12 linear layers  | 0.625
            """)
    void theRecipeSaysWhichLayersAreAdaptedAndHow(String method, String line, String scaling) throws IOException {
        Path recipe = directory.resolve("method.yaml");
        Files.writeString(recipe, Files.readString(task.recipe()) + "method: {" + method + "}\n");
        Path out = directory.resolve("method");
        assertThat(Outcome.of("finetune", "--recipe", recipe.toString(), "--epochs", "1", "--out", out.toString(),
                "--force").out().lines()).contains("Method      " + line);
        assertThat(Outcome.of("inspect", out.toString()).out()).contains("Scaling     " + scaling + "\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            lora    | query,value        | LoRA, rank 8, alpha 16, on 4 linear layers
            rslora  | .*1.*\\.[kv][a-z]+ | rsLoRA, rank 8, alpha 16, on 2 linear layers
            lora    | all-linear         | LoRA, rank 8, alpha 16, on 12 linear layers
            """)
    void flagsSayWhichLayersAreAdaptedAndHow(String method, String targets, String line) {
        assertThat(Outcome.of(task.finetune(directory.resolve("flags"), "--force", "--epochs", "1", "--method", method,
                "--targets", targets)).out().lines()).contains("Method      " + line);
    }

    @Test
    void fullFineTuningLeavesTheModelWhole() throws IOException {
        Path out = directory.resolve("whole");
        assertThat(Outcome.of(task.finetune(out, "--epochs", "1")).status()).isZero();
        Outcome full = Outcome.of(task.finetune(out, "--method", "full", "--force"));
        assertThat(full.err()).isEmpty();
        assertThat(full.out().lines()).contains("Method      Full fine-tuning, every weight of the encoder",
                "Parameters  1,362 of 1,362 trained, 100.0 %",
                "  model/             the model, as Hugging Face transformers opens it");
        assertThat(files(out)).as("no adapter of the run before").containsExactly("head.safetensors", "load.py",
                "metrics.jsonl", "model/README.md", "model/config.json", "model/model.safetensors",
                "model/tokenizer.json", "recipe.yaml",
                "report.html", "task.json", "tensorboard/events.out.tfevents.000001.lorikeet",
                "tensorboard/events.out.tfevents.000002.lorikeet", "tensorboard/events.out.tfevents.000003.lorikeet",
                "tensorboard/events.out.tfevents.000004.lorikeet");
        assertThat(out.resolve("model/model.safetensors")).binaryContent()
                .isNotEqualTo(Files.readAllBytes(task.model().resolve("model.safetensors")));
        Outcome evaluated = Outcome.of("evaluate", "--run", out.toString());
        assertThat(evaluated.out()).contains("Model       " + out.resolve("model"),
                "Accuracy    " + accuracies(full).getLast() + ", ");
        assertThat(Outcome.of("predict", "--run", out.toString(), "a cat").out()).startsWith("a cat\n  ");
        assertThat(Outcome.of("inspect", out.toString()).out()).startsWith("Model       " + out.resolve("model"));
        assertThat(out.resolve("report.html")).content().contains("Full fine-tuning on ").doesNotContain("Adapter");

        Outcome.of("finetune", "--recipe", out.resolve("recipe.yaml").toString(), "--out", out.resolve("again")
                .toString());
        assertThat(out.resolve("again/model/model.safetensors"))
                .hasSameBinaryContentAs(out.resolve("model/model.safetensors"));
        Outcome.of("finetune", "--recipe", task.recipe().toString(), "--model", out.resolve("model").toString(),
                "--out", out.toString(), "--force")
                .requireRefusal(out + ": --out: has the model to start from, which the run would replace");
        assertThat(Outcome.of(task.finetune(out, "--epochs", "1", "--force")).status()).isZero();
        assertThat(out.resolve("model")).doesNotExist();
        assertThat(out.resolve("adapter/adapter_config.json")).exists();
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "jsonl"})
    void theFormOfTheDataDoesNotMatter(String ending) throws IOException {
        Path out = directory.resolve(ending);
        assertThat(Outcome.of(task.finetune(out, "--train", rewritten(task.train(), ending).toString(), "--test",
                rewritten(task.test(), ending).toString())).err()).isEmpty();
        assertThat(out.resolve("adapter/adapter_model.safetensors"))
                .hasSameBinaryContentAs(run.resolve("adapter/adapter_model.safetensors"));
    }

    @Test
    void aSecondRunTakesTheFoldersPlaceWhereItIsTold() throws IOException {
        Path out = directory.resolve("taken");
        String[] second = task.finetune(out, "--epochs", "1", "--seed", "7", "--rank", "2");
        Outcome.of(task.finetune(out, "--epochs", "2"));
        Files.writeString(out.resolve("notes.txt"), "mine");
        byte[] adapter = Files.readAllBytes(out.resolve("adapter/adapter_model.safetensors"));
        Outcome.of(second).requireRefusal(out + ": --out: holds a run: another folder keeps both, --force replaces it "
                + "once the new run is finished");
        assertThat(out.resolve("adapter/adapter_model.safetensors")).hasBinaryContent(adapter);
        assertThat(Outcome.of(Stream.concat(Stream.of(second), Stream.of("--force")).toArray(String[]::new)).status())
                .isZero();
        assertThat(files(out)).hasSize(11).contains("notes.txt");
        assertThat(out.resolve("recipe.yaml")).content().contains("epochs: 1", "seed: 7", "rank: 2");
        assertThat(out.resolve("metrics.jsonl")).content().hasLineCount(4 + 5);
        assertThat(files(directory)).as("nothing is left beside it").noneMatch(file -> file.contains("lorikeet-"))
                .noneMatch(file -> file.startsWith("taken.new"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            adalora  | --target-rank 2 --rank 3 | rank 3 falling to 2 in the mean, alpha 16 | AdaLoRA | 3, then 2 in the mean
            autolora | --rank 4                 | rank at most 4, alpha 16                  | LoRA    | 4, others by pattern
            """)
    void ranksFindThemselves(String method, String flags, String line, String kind, String rank) throws IOException {
        Path out = directory.resolve(method);
        List<String> more = new ArrayList<>(List.of("--method", method));
        more.addAll(List.of(flags.split(" ")));
        Outcome outcome = Outcome.of(task.finetune(out, more.toArray(String[]::new)));
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out()).containsPattern("Method      A\\w+, " + line + ", on 12 linear layers\n")
                .containsPattern("\nRanks \\d to \\d, \\d\\.\\d in the mean; finding them took ");
        assertThat(Outcome.of("evaluate", "--run", out.toString()).out())
                .contains("Accuracy    " + accuracies(outcome).getLast() + ", ");
        assertThat(Outcome.of("inspect", out.toString()).out()).contains("Method      " + kind + "\n", "Rank        "
                + rank + "\n");
        assertThat(out.resolve("report.html")).content().contains("Ranks over time");
        assertThat(out.resolve("metrics.jsonl")).content().contains("{\"type\":\"ranks\",", "\"extra_passes\":");
        Path again = directory.resolve(method + " again");
        Outcome.of("finetune", "--recipe", out.resolve("recipe.yaml").toString(), "--out", again.toString());
        assertThat(again.resolve("adapter/adapter_model.safetensors"))
                .hasSameBinaryContentAs(out.resolve("adapter/adapter_model.safetensors"));
        assertThat(Outcome.of("merge", "--run", out.toString(), "--out", directory.resolve(method + "-merged")
                .toString()).err()).isEmpty();
    }

    @Test
    void aVocabularyAloneIsATokenizer() throws IOException {
        Path model = directory.resolve("vocabulary");
        TinyTask.writeModel(model, 1);
        JsonObject tokens = JsonObject.read(model.resolve("tokenizer.json")).object("model").object("vocab");
        Files.delete(model.resolve("tokenizer.json"));
        Files.write(model.resolve("vocab.txt"), tokens.fields().keySet());
        Path out = directory.resolve("vocabulary-run");
        assertThat(Outcome.of(task.finetune(out, "--model", model.toString())).err()).isEmpty();
        assertThat(out.resolve("adapter/adapter_model.safetensors"))
                .hasSameBinaryContentAs(run.resolve("adapter/adapter_model.safetensors"));
    }

    @Test
    void inspectShowsAModel() {
        Outcome outcome = Outcome.of("inspect", task.model().toString());
        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).contains("Parameters  1,344 in 37 tensors, 5.4 kB", "hidden_size", "\nTensors\n");
        assertThat(outcome.out().lines()).anyMatch(
                line -> line
                        .matches("  encoder\\.layer\\.\\*\\.intermediate\\.dense\\.weight +2 × \\(12, 8\\) +F32 +192"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "adapter"})
    void inspectShowsTheAdapterOfARun(String folder) {
        Outcome outcome = Outcome.of("inspect", run.resolve(folder).toString());
        assertThat(outcome.status()).isZero();
        assertThat(outcome.out().lines()).contains("Adapter     " + run.resolve("adapter"),
                "Base        " + task.model(), "Method      rsLoRA", "Rank        8", "Alpha       16",
                "Scaling     5.657", "Parameters  1,664 in 24 tensors, 6.7 kB");
        assertThat(outcome.out()).contains("Targets     encoder.layer.*.attention.self.query, encoder.layer.*");
    }

    @Test
    void inspectNamesDora() {
        LoraAdapter adapter = Lora.attach(Model.load(task.model()).backbone(), LoraConfig.lora().targets("query")
                .dora(true).build(), 1);
        Path dora = directory.resolve("dora");
        Peft.save(adapter, "base", null, dora);
        Outcome outcome = Outcome.of("inspect", dora.toString());
        assertThat(outcome.status()).isZero();
        assertThat(outcome.out().lines()).contains("Method      LoRA with DoRA");
    }

    private static List<String> accuracies(Outcome outcome) {
        return ACCURACY.matcher(outcome.out()).results().map(found -> found.group(1)).toList();
    }

    private static List<Map<String, Object>> metrics() throws IOException {
        try (Stream<String> lines = Files.lines(run.resolve("metrics.jsonl"))) {
            return json(lines);
        }
    }

    private static List<Map<String, Object>> json(Stream<String> lines) {
        return lines.map(line -> Json.readLine(line, Path.of("lines"), 1)).toList();
    }

    /** A tab-separated file in another form. */
    private static Path rewritten(Path tsv, String ending) throws IOException {
        String content = Files.readString(tsv);
        String other = ending.equals("csv") ? content.replace('\t', ',')
                : content.lines().skip(1).map(line -> line.split("\t"))
                        .map(fields -> Json.writeLine(Map.of("text", fields[0], "label", fields[1])))
                        .reduce("", String::concat);
        return Files.writeString(Path.of(tsv.toString().replace("tsv", ending)), other);
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            return tree.filter(Files::isRegularFile).map(file -> folder.relativize(file).toString()).sorted().toList();
        }
    }
}
