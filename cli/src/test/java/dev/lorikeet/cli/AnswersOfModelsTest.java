package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.cli.run.SavedRun;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.metrics.text.Generated;
import dev.lorikeet.transformer.metrics.text.TextScores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a language model writes in answer to test examples, and what that is worth. */
class AnswersOfModelsTest {
    private static final String MODEL = Path.of(System.getProperty("lorikeet.basedir"), "fixtures/completions/model")
            .toString();

    @TempDir
    private Path directory;
    private Path run;
    private Path pairs;

    @BeforeEach
    void write() throws IOException {
        run = directory.resolve("run");
        pairs = write("pairs.jsonl", Stream.of("bird sings", "tree grows", "bird flies", "cat sleeps").map(each -> each
                .split(" ")).map(each -> Map.of("prompt", "What does a " + each[0] + " do?", "completion",
                        " It "
                                + each[1] + ".")));
    }

    private Path write(String name, Stream<Map<String, ?>> rows) throws IOException {
        return Files.write(directory.resolve(name), rows.map(row -> Json.writeLine(row).strip()).toList());
    }

    private Outcome finetune(Path data, String... more) {
        return Outcome.of(Stream.concat(Stream.of("finetune", "--model", MODEL, "--train", data.toString(), "--test",
                data.toString(), "--out", run.toString(), "--epochs", "2", "--batch-size", "2", "--max-new-tokens",
                "5"), Stream.of(more))
                .toArray(String[]::new));
    }

    private static void requireSuccess(Outcome outcome) {
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.status()).isZero();
    }

    private List<JsonObject> lines(String name) throws IOException {
        return Files.readAllLines(run.resolve(name)).stream().map(line -> new JsonObject(run, name, Json.readLine(line,
                run, 1))).toList();
    }

    /** The bird does two things, which are references of one answer. */
    @Test
    void areScoredBeforeAndAfterTheTraining() throws IOException {
        Outcome trained = finetune(pairs, "--generate", "2", "--scores", "rouge,exact-match,bleu");
        requireSuccess(trained);
        assertThat(trained.out()).contains("Answers before training, to 2 prompts of the test examples",
                "Answers after training, to 2 prompts of the test examples", "ROUGE-L", "answers.jsonl");
        List<JsonObject> answers = lines("answers.jsonl");
        assertThat(answers).hasSize(2);
        assertThat(answers.getFirst().list("references")).isEqualTo(List.of(" It sings.", " It flies."));
        assertThat(answers.getFirst().string("prompt")).isEqualTo("What does a bird do?");
        List<JsonObject> told = lines("metrics.jsonl").stream().filter(line -> line.string("type").equals("answers"))
                .toList();
        assertThat(told).extracting(line -> line.string("when")).containsExactly("before training", "after training");
        for (JsonObject line : told) {
            String field = line.string("when").startsWith("before") ? "before" : "answer";
            TextScores scores = TextScores.of(answers.stream().map(each -> new Generated(each.string(field), each
                    .list("references").stream().map(String::valueOf).toList())).toList());
            assertThat(line.number("test_bleu")).isEqualTo(scores.bleu());
            assertThat(line.number("test_rouge2")).isEqualTo(scores.rouge2());
            assertThat(line.number("test_exact_match")).isEqualTo(scores.exact());
            assertThat(line.has("test_chrf")).isFalse();
        }
        assertThat(SavedRun.read(run).orElseThrow().test()).containsEntry("rougeL",
                told.getLast().number("test_rougeL"));
        assertThat(run.resolve("report.html")).content().contains("What does a bird do?", "It sings. (or 1 other)",
                "ROUGE-L");
        assertThat(run.resolve("adapter/README.md")).content().contains("## Answers to 2 prompts of the test examples",
                "- rougeL", "| after training | ");
        requireSameAnswers(answers, told.getLast());
        Path metrics = run.resolve("metrics.jsonl");
        Files.write(metrics, Files.readAllLines(metrics).stream().filter(line -> !line.contains("after training"))
                .toList());
        assertThat(SavedRun.read(run).orElseThrow().test()).as("stopped before the answers").doesNotContainKey("bleu");
        assertThat(SavedRun.finished(run)).isEmpty();
    }

    private void requireSameAnswers(List<JsonObject> answers, JsonObject told) {
        Outcome evaluated = Outcome.of("evaluate", "--run", run.toString(), "--json");
        requireSuccess(evaluated);
        JsonObject again = new JsonObject(run, "", Json.readLine(evaluated.out().strip(), run, 1)).object("answers");
        assertThat(again.number("bleu")).isCloseTo(told.number("test_bleu"), within(1e-12));
        assertThat(again.objects("texts")).extracting(each -> each.string("answer")).isEqualTo(answers.stream()
                .map(each -> each.string("answer")).toList());
        Outcome asked = Outcome.of("evaluate", "--run", run.toString(), "--generate", "3", "--scores", "chrf,cider",
                "--num-beams", "2");
        requireSuccess(asked);
        assertThat(asked.out()).contains("to 3 prompts", "ChrF", "CIDEr", "What does a cat do?").doesNotContain("BLEU");
        assertThat(Outcome.of("evaluate", "--run", run.toString(), "--generate", "0").out()).doesNotContain("Answers");
    }

    /** Of a talk the last answer is asked for. */
    @Test
    void ofTalksTheLastOneIsAskedFor() throws IOException {
        Path talks = write("talks.jsonl", Stream.of("bird", "cat").map(noun -> Map.of("messages", List.of(
                message("user", "Hello."), message("assistant", "Hello, you."), message("user", "a " + noun + "?"),
                message("assistant", "It is a " + noun + "."), message("user", "Thank you.")))));
        requireSuccess(finetune(talks, "--generate", "9", "--validation", "0.5"));
        List<JsonObject> answers = lines("answers.jsonl");
        assertThat(answers).extracting(each -> each.string("prompt")).containsExactly("a bird?", "a cat?");
        assertThat(answers).extracting(each -> each.list("references").toString()).containsExactly("[It is a bird.]",
                "[It is a cat.]");
        assertThat(answers).allMatch(each -> each.has("before") && each.has("answer"));
        assertThat(run.resolve("adapter.gguf")).as("the adapter of a Llama, for llama.cpp").exists();
    }

    private static Map<String, String> message(String role, String content) {
        return Map.of("role", role, "content", content);
    }

    @Test
    void areAskedOfThoseThatWriteAlone() throws IOException {
        Path lines = write("lines.jsonl", Stream.of(Map.of("text", "a bird sings"), Map.of("text", "a cat sleeps")));
        finetune(lines, "--task", "causal", "--generate", "2").requireRefusal("--generate: goes with prompts and "
                + "messages, whose answers a language model writes");
        finetune(pairs, "--generate", "2", "--scores", "bleu,blue").requireRefusal("--scores: must be a list of "
                + "exact-match, bleu, chrf, rouge, meteor, nist, cider, cron-meaning, not");
        finetune(pairs, "--generate", "2", "--num-beams", "2", "--stop-strings", ".").requireRefusal("stop-strings: go "
                + "without num-beams");
        Path silent = write("silent.jsonl", Stream.of(Map.of("messages", List.of(message("user", "a bird?"),
                message("assistant", "It sings."))), Map.of("messages", List.of(message("assistant", "Hello.")))));
        Path none = write("none.jsonl", Stream.of(Map.of("messages", List.of(message("assistant", "Hello.")))));
        finetune(silent, "--test", none.toString(), "--generate", "2").requireRefusal("--generate: no talk of ");
    }
}
