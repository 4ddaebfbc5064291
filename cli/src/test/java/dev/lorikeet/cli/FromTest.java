package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.lora.peft.PeftTask;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Reading;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that goes on from another's weights. */
class FromTest {
    private static final Path FIXTURES = Path.of(System.getProperty("lorikeet.fixtures")).resolve("peft");
    /** Rates that change no bit of a weight. */
    private static final String[] STILL = {"--adapter-rate", "1e-30", "--head-rate", "1e-30", "--weight-decay", "0",
        "--warmup-ratio", "0", "--epochs", "1"};

    @TempDir
    private static Path directory;
    private static TinyTask task;
    private static Path run;

    @BeforeAll
    static void finetune() throws IOException {
        task = TinyTask.in(directory);
        run = tuned("run");
    }

    private static Path tuned(String name, String... flags) {
        Path out = directory.resolve(name);
        assertThat(Outcome.of(task.finetune(out, flags)).err()).isEmpty();
        return out;
    }

    private static Outcome from(Path source, Path out, String... more) {
        return Outcome.of(Stream.of(task.finetune(out, "--from", source.toString()), STILL, more).flatMap(Stream::of)
                .toArray(String[]::new));
    }

    private static double lastLoss(Path run) throws IOException {
        List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
        return new JsonObject(run, "", Json.readLine(lines.getLast(), run, 1)).number("test_loss");
    }

    /** Whatever the method, the first epoch begins where the other run ended, to the bit. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            lora     | --rank 4 --targets query,value                           | rank: 4
            adalora  | --target-rank 2 --rank 3 --initial-share 0 --scaling lora | target-rank: 2
            autolora | --rank 4                                                 | name: lora
            full     |                                                          | name: full
            """)
    void goesOnWhereTheOtherEnded(String method, String flags, String said) throws IOException {
        Path source = tuned(method, (("--method " + method + " " + (flags == null ? "" : flags)).trim()).split(" "));
        Path out = directory.resolve(method + "-on");
        Outcome on = from(source, out);
        assertThat(on.err()).isEmpty();
        assertThat(on.out()).contains("From        " + source + ", with its head\n");
        assertThat(lastLoss(out)).isEqualTo(lastLoss(source));
        assertThat(out.resolve("recipe.yaml")).content().contains("from: " + source, said);
        assertThat(Files.readAllLines(out.resolve("metrics.jsonl")).getFirst())
                .containsPattern("\"from_sha256\":\"[0-9a-f]{64}\"");
        assertThat(Outcome.of("evaluate", "--run", out.toString(), "--json").out())
                .contains("\"loss\":" + lastLoss(out));
        Path again = directory.resolve(method + "-again");
        assertThat(Outcome.of("finetune", "--recipe", out.resolve("recipe.yaml").toString(), "--out",
                again.toString()).err()).isEmpty();
        assertThat(again.resolve("head.safetensors")).hasSameBinaryContentAs(out.resolve("head.safetensors"));
    }

    @Test
    void whatIsTrainedIsTheOthersWeights() throws IOException {
        Path out = directory.resolve("further");
        assertThat(Outcome.of(task.finetune(out, "--from", run.toString(), "--epochs", "1")).err()).isEmpty();
        assertThat(out.resolve("adapter/adapter_config.json"))
                .hasSameTextualContentAs(run.resolve("adapter/adapter_config.json"));
        String name = "base_model.model.encoder.layer.0.attention.self.query.lora_B.weight";
        try (TensorFile before = Safetensors.open(run.resolve("adapter/adapter_model.safetensors"));
                TensorFile after = Safetensors.open(out.resolve("adapter/adapter_model.safetensors"))) {
            float[] one = before.read(name).data();
            float[] other = after.read(name).data();
            assertThat(other).isNotEqualTo(one);
            for (int i = 0; i < one.length; i++) { // four steps at 0.02 move an element no further
                assertThat(other[i]).isCloseTo(one[i], within(0.1f));
            }
        }
    }

    @Test
    void aHeadOfOtherLabelsIsNew() throws IOException {
        Path train = Files.writeString(directory.resolve("three.tsv"), "text\tlabel\na cat sleeps\tone\n"
                + "a dog sleeps\ttwo\nthe fox grows\tthree\nan oak grows\tone\n");
        Outcome on = from(run, directory.resolve("three"), "--train", train.toString(), "--test", train.toString());
        assertThat(on.err()).isEmpty();
        assertThat(on.out()).contains("From        " + run + ", with a new head, since its own tells animal, plant\n");
    }

    /** The sets of tasks differ in where their adapters are in the model. */
    @Test
    void goesOnFromAnotherTask() throws IOException {
        Path tagged = Files.writeString(directory.resolve("tags.conll"), "cat\tB-A\nsleeps\tO\n\nelm\tO\ngrows\tO\n");
        Path out = directory.resolve("tags");
        Outcome on = Outcome.of("finetune", "--from", run.toString(), "--train", tagged.toString(), "--test",
                tagged.toString(), "--epochs", "2", "--out", out.toString());
        assertThat(on.err()).isEmpty();
        assertThat(on.out()).contains("with a new head, since its own tells animal, plant");
        assertThat(out.resolve("adapter/adapter_config.json")).content().contains("\"TOKEN_CLS\"", "\"bert.encoder.");
        Outcome back = from(out, directory.resolve("back"));
        assertThat(back.err()).isEmpty();
        assertThat(back.out()).contains("with a new head, since its own tells B-A, O");
    }

    /** The head's outputs are deviations from the mean of the examples, of which the new ones have another. */
    @Test
    void aHeadForNumbersGoesOnInTheirUnit() throws IOException {
        String rows = "text\tlabel\na cat sleeps\t1.5\nan oak grows\t3.25\nthe fox waits\t2.75\n";
        Path train = Files.writeString(directory.resolve("numbers.tsv"), rows);
        Path more = Files.writeString(directory.resolve("more.tsv"), rows + "the elm waits\t40.5\n");
        Path source = tuned("numbers", "--train", train.toString(), "--test", train.toString(),
                "--warmup-ratio", "0");
        Path out = directory.resolve("numbers-on");
        Outcome on = from(source, out, "--train", more.toString(), "--test", train.toString());
        assertThat(on.err()).isEmpty();
        assertThat(on.out()).contains(", with its head\n");
        JsonObject before = predicted(source);
        JsonObject after = predicted(out);
        assertThat(after.number("label")).isCloseTo(before.number("label"), within(1e-4));
    }

    private static JsonObject predicted(Path run) {
        String line = Outcome.of("predict", "--run", run.toString(), "--json", "the dog grows").out();
        return new JsonObject(run, "", Json.readLine(line, run, 1)).object("numbers");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --rank 2         | '--rank: is 2, and 8 in RUN, from whose weights the training goes on'
            --alpha 2        | '--alpha: is 2.0, and 16.0 in RUN, from whose weights the training goes on'
            --method lora    | '--method: is "lora", and "rslora" in RUN, from whose weights the training goes on'
            --targets query  | 'targets: mean 2 layers, and the adapter in RUN, from whose weights the training goes on, has 12'
            """)
    void refusesWhatContradictsTheAdapter(String flag, String rule) {
        from(run, directory.resolve("never"), flag.split(" ")).requireRefusal(rule.replace("RUN", run.toString()));
        assertThat(directory.resolve("never")).doesNotExist();
    }

    @Test
    void theSameLayersByOtherNamesAreNoContradiction() {
        assertThat(from(run, directory.resolve("names"), "--targets", "all-linear", "--rank", "8", "--dropout", "0.1")
                .err()).isEmpty();
    }

    @Test
    void refusesAnotherBaseAndItself() throws IOException {
        Path other = directory.resolve("other-base");
        TinyTask.writeModel(other, 2);
        from(run, directory.resolve("never"), "--model", other.toString()).requireRefusal("adapter_model.safetensors: "
                + "__metadata__.base_weights: the adapter is for a base with the weights sha256:");
        from(run, run, "--force").requireRefusal(run + ": --out: has the model to start from, which the run would "
                + "replace");
        from(task.model(), directory.resolve("never")).requireRefusal(task.model()
                + ": from: is a whole model, which is given by --model");
        from(directory.resolve("none"), directory.resolve("never")).requireRefusal(
                directory.resolve("none") + ": from: there is no such folder");
    }

    @Test
    void aRunThatGoesOnIsResumedFromTheSameWeightsAlone() throws Exception {
        Path source = directory.resolve("source");
        Path out = directory.resolve("resumed");
        assertThat(Outcome.of(task.finetune(source, "--epochs", "1")).err()).isEmpty();
        String[] arguments = task.finetune(out, "--from", source.toString(), "--epochs", "40", "--checkpoint-steps",
                "1", "--resume");
        Fork fork = Fork.small(directory, Main.class, arguments);
        fork.await("epoch 2 of");
        fork.kill();
        assertThat(Outcome.of(task.finetune(source, "--seed", "5", "--epochs", "1", "--force")).err()).isEmpty();
        Outcome.of(arguments).requireRefusal(directory.resolve("resumed.checkpoint") + ": about.from_sha256: the "
                + "weights to go on from (from) are not those that the run began with");
        assertThat(Outcome.of(task.finetune(source, "--epochs", "1", "--force")).err()).isEmpty();
        assertThat(Outcome.of(arguments).out()).contains("goes on after step ", "epoch 40 of 40");
    }

    /** Of the adapters that PEFT wrote, one with a head of its own, whose outputs have no names. */
    @ParameterizedTest
    @ValueSource(strings = {"all-linear-seqcls", "head-auto", "dora-bert", "target-regex", "patterns", "tokens-bert",
        "adalora-pruned", "bias-all", "init-pissa-unconverted"})
    void goesOnFromAnAdapterOfPeft(String name) throws IOException {
        Path source = FIXTURES.resolve(name).toAbsolutePath().normalize();
        Path base = withTokenizer(source.resolve(Peft.baseModelId(source)).normalize());
        Path out = directory.resolve(name);
        Outcome on = from(source, out, "--model", base.toString());
        assertThat(on.err()).isEmpty();
        assertThat(on.out()).contains("From        " + source + ", with a new head, since ");
        TaskModel<?, ?, ?> theirs = PeftTask.load(Model.load(base), source, Reading.TEXT, null);
        TaskModel<?, ?, ?> ours = TaskModel.load(out);
        String prefix = theirs.model().architecture().prefix() + ".";
        assertThat(ours.backbone().namedParameters()).isNotEmpty().allSatisfy((path, parameter) -> assertThat(parameter
                .value().toArray()).as(path).isEqualTo(theirs.namedParameters().get(prefix + path).value().toArray()));
    }

    /** A base of the fixtures, which have no texts, with the tokenizer of the task. */
    private static Path withTokenizer(Path base) throws IOException {
        Path copy = Files.createDirectories(directory.resolve("base-" + base.getFileName()));
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(base.resolve(name), copy.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        Files.copy(task.model().resolve("tokenizer.json"), copy.resolve("tokenizer.json"),
                StandardCopyOption.REPLACE_EXISTING);
        return copy;
    }
}
