package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An adapter that PEFT wrote, without a run around it: predict, evaluate and embed. */
class AdapterAloneTest {
    private static final Path FIXTURES = Path.of(System.getProperty("lorikeet.fixtures")).resolve("peft");

    @TempDir
    private static Path directory;
    private static Path base;
    private static Path roberta;

    @BeforeAll
    static void writeTask() throws IOException {
        base = withVocabulary("bert-seqcls");
        roberta = withVocabulary("roberta-seqcls");
    }

    private static Path withVocabulary(String name) throws IOException {
        Path copy = Files.createDirectories(directory.resolve(name));
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(FIXTURES.resolve("bases").resolve(name).resolve(file), copy.resolve(file));
        }
        Files.write(copy.resolve("vocab.txt"), List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "the", "cat",
                "dog", "sleeps", "grows", "elm"));
        return copy;
    }

    private static Outcome ask(String verb, Path base, String adapter, String... more) {
        return Outcome.of(Stream.concat(Stream.of(verb, "--model", base.toString(), "--adapter",
                FIXTURES.resolve(adapter).toString()), Stream.of(more)).toArray(String[]::new));
    }

    /** Probabilities by transformers and PEFT, of [CLS] the cat sleeps [SEP]. */
    @Test
    void theHeadIsTheAdaptersAndItsNamesTheBases() {
        List<Map<String, Object>> predictions = predictions(ask("predict", base, "all-linear-seqcls", "--json",
                "the cat sleeps"));
        assertThat(predictions.stream().map(each -> "%s %.5f".formatted(each.get("label"), each.get("probability"))))
                .containsExactly("LABEL_1 0.93631", "LABEL_2 0.03805", "LABEL_0 0.02564");
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> predictions(Outcome outcome) {
        assertThat(outcome.err()).isEmpty();
        Map<String, Object> line = Json.readLine(outcome.out(), directory, 1);
        return (List<Map<String, Object>>) line.get("predictions");
    }

    @Test
    void outputsCanBeNamed() throws IOException {
        assertThat(
                predictions(ask("predict", base, "all-linear-seqcls", "--json", "--labels", "no,maybe,yes", "--pairs",
                        "the cat sleeps", "a dog")))
                .extracting(each -> each.get("label")).containsExactlyInAnyOrder("no",
                        "maybe", "yes");
        ask("predict", base, "all-linear-seqcls", "--labels", "no,yes", "a cat").requireRefusal(
                "all-linear-seqcls: labels: 2 names for the 3 outputs of the head");
        Path own = Files.createDirectories(directory.resolve("own"));
        for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
            Files.copy(FIXTURES.resolve("all-linear-seqcls").resolve(file), own.resolve(file));
        }
        Files.writeString(own.resolve("config.json"), """
                {"id2label": {"0": "entails", "1": "is neutral", "2": "contradicts"}}""");
        assertThat(Outcome.of("predict", "--model", base.toString(), "--adapter", own.toString(), "a cat").out())
                .contains("entails", "is neutral", "contradicts");
    }

    @Test
    void evaluatesOnAFile() throws IOException {
        Path test = Files.writeString(directory.resolve("test.tsv"), "words\tclass\nthe cat sleeps\t0\na dog\t2\n"
                + "an elm\t1\n");
        Outcome outcome = ask("evaluate", base, "all-linear-seqcls", "--labels", "0,1,2", "--data", test.toString(),
                "--text-column", "words", "--label-column", "class", "--json");
        assertThat(outcome.err()).isEmpty();
        JsonObject json = new JsonObject(test, "", Json.readLine(outcome.out(), test, 1));
        assertThat(json.integer("examples")).isEqualTo(3);
        assertThat(json.objects("classes")).hasSize(3);
        assertThat(json.string("adapter")).endsWith("all-linear-seqcls");
        ask("evaluate", base, "all-linear-seqcls").requireRefusal(
                "all-linear-seqcls: --data: is needed: there is no recipe.yaml");
        ask("evaluate", base, "all-linear-seqcls", "--text-column", "words").requireRefusal("--data: is missing");
    }

    @Test
    void aHeadOfTwoLayersIsAHead() {
        assertThat(predictions(ask("predict", roberta, "head-auto", "--json", "the cat"))).hasSize(2);
    }

    @Test
    void saysWhatIsMissing() throws IOException {
        Path encoder = Files.createDirectories(directory.resolve("encoder"));
        Files.writeString(encoder.resolve("adapter_config.json"), Files.readString(FIXTURES.resolve(
                "all-linear-seqcls/adapter_config.json")).replace("SEQ_CLS", "FEATURE_EXTRACTION"));
        Outcome.of("predict", "--model", base.toString(), "--adapter", encoder.toString(), "a cat").requireRefusal(
                "adapter_config.json: task_type: is none of a model with a head (SEQ_CLS, TOKEN_CLS, QUESTION_ANS, "
                        + "CAUSAL_LM, SEQ_2_SEQ_LM)");
        Outcome.of("predict", "a cat").requireRefusal("--run: the folder of a run is expected, or an --adapter");
        ask("predict", base, "all-linear-seqcls", "--run", "out", "a cat").requireRefusal("not both");
        Outcome.of("predict", "--run", "out", "--pairs", "a", "b").requireRefusal("--pairs: is of an --adapter");
    }
}
