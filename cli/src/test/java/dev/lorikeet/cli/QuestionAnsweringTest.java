package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers from the rows of a file to those of a run. */
class QuestionAnsweringTest {
    private static final List<String> ANIMALS = List.of("cat", "dog", "fox");
    private static final List<String> NOUNS = List.of("cat", "dog", "fox", "oak", "elm", "fern");

    @TempDir
    private Path directory;
    private Path run;

    @BeforeEach
    void writeModel() throws IOException {
        TinyTask.in(directory);
        run = directory.resolve("out");
    }

    /** Which animal the first one is; before it stands a letter that Java counts as two. */
    private static String squad(String one, String other, boolean answered) {
        String context = "\uD83E\uDD8A the " + one + " grows a " + other;
        String animal = ANIMALS.contains(one) ? one : ANIMALS.contains(other) ? other : "";
        Map<String, Object> answers = animal.isEmpty() ? Map.of("text", List.of(), "answer_start", List.of())
                : Map.of("text", List.of(animal), "answer_start", List.of(context.indexOf(animal) - 1));
        return animal.isEmpty() && answered ? ""
                : Json.writeLine(Map.of("question", "the", "context", context, "answers", answers));
    }

    private void train(String ending, boolean answered, String... flags) throws IOException {
        StringBuilder rows = new StringBuilder();
        for (String one : NOUNS) {
            NOUNS.forEach(other -> rows.append(squad(one, other, answered)));
        }
        Files.writeString(directory.resolve("a." + ending), rows);
        Path recipe = Files.writeString(directory.resolve("recipe.yaml"), """
                model: model
                data: {train: a.%s, test: a.%s}
                method: {name: full}
                training: {epochs: 12, batch-size: 4, adapter-rate: 0.02, head-rate: 0.05}
                """.formatted(ending, ending));
        Outcome outcome = Outcome.of(Stream.concat(Stream.of("finetune", "--recipe", recipe.toString(), "--out",
                run.toString()), Stream.of(flags)).toArray(String[]::new));
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out()).contains("question answering");
    }

    private JsonObject answer(String verb, String... more) {
        Outcome outcome = Outcome.of(Stream.concat(Stream.of(verb, "--run", run.toString()), Stream.of(more))
                .toArray(String[]::new));
        assertThat(outcome.err()).isEmpty();
        return new JsonObject(run, verb, Json.readLine(outcome.out(), run, 1));
    }

    @Test
    void answersAreFoundOrThereAreNone() throws IOException {
        train("jsonl", false);
        Recipe.Files files = (Recipe.Files) RecipeFile.read(run.resolve("recipe.yaml")).data();
        assertThat(files.task()).isEqualTo(TaskKind.QUESTION_ANSWERING);
        assertThat(List.of(files.text(), files.pair(), files.labels().getFirst()))
                .containsExactly("question", "context", "answers");
        assertThat(JsonObject.read(run.resolve("task.json")).flag("no_answer")).isTrue();
        JsonObject scores = answer("evaluate", "--json");
        assertThat(scores.number("f1")).isGreaterThan(0.8);
        assertThat(scores.number("exact_match")).isGreaterThan(0.8);
        assertThat(scores.number("accuracy_unanswered")).isGreaterThan(0.5);
        JsonObject found = answer("predict", "--json", "--top", "2", "the", "\uD83E\uDD8A the oak grows a dog");
        assertThat(found.string("answer")).isEqualTo("dog");
        assertThat(found.string("question")).isEqualTo("the");
        assertThat(found.string("context")).isEqualTo("\uD83E\uDD8A the oak grows a dog");
        assertThat(found.objects("answers")).hasSize(2).first()
                .satisfies(each -> assertThat(each.integer("answer_start")).isEqualTo(18));
        assertThat(answer("predict", "--json", "the", "the oak grows a fern").string("answer")).isEmpty();
        assertThat(Outcome.of("predict", "--run", run.toString(), "--top", "1", "the", "the oak grows a fern").out())
                .contains("no answer", "%");
        assertThat(Outcome.of("evaluate", "--run", run.toString()).out())
                .contains("F1 ", "Exact ", "Exact answered ", "Loss");
        assertThat(Outcome.of("compare", run.toString()).out()).contains("12 of 12");
        assertThat(run.resolve("report.html")).content().contains("how many of an answer's words are right ones");
        assertThat(Outcome.of("preview", "--recipe", run.resolve("recipe.yaml").toString(), "--examples", "40").out())
                .contains("question answering", "no answer", "[SEP] ");
    }

    /** Windows of 8 tokens, of which the context has 5 at a time; answers go to a table beside its columns. */
    @Test
    void longTextsAreReadInWindows() throws IOException {
        train("jsonl", true, "--max-length", "8", "--doc-stride", "3", "--max-answer-length", "1", "--epochs", "4");
        JsonObject task = JsonObject.read(run.resolve("task.json"));
        assertThat(task.flag("no_answer")).isFalse();
        assertThat(task.integer("doc_stride")).isEqualTo(3);
        String context = "the oak grows a fern the elm grows a dog the fern waits a oak";
        JsonObject found = answer("predict", "--json", "the", context);
        assertThat(context).contains(found.string("answer")).isNotEqualTo(found.string("answer"));
        Path questions = Files.writeString(directory.resolve("q.csv"), "question,context\nthe," + context + "\n");
        Path answers = directory.resolve("answers.csv");
        assertThat(Outcome.of("predict", "--run", run.toString(), "--data", questions.toString(), "--output",
                answers.toString()).err()).isEmpty();
        assertThat(answers).content().startsWith("question,context,answer,probability\nthe," + context + ","
                + found.string("answer") + ",");
        assertThat(Outcome.of("preview", "--recipe", run.resolve("recipe.yaml").toString()).out())
                .contains("[CLS] the [SEP] ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"question": "q", "context": "a cat", "answers": {"text": ["cat"], "answer_start": [1]}}   | the answer "cat" does not stand in the text at 1, but at 2
            {"question": "q", "context": "a cat", "answers": {"text": ["dog"], "answer_start": [99]}}  | the answer "dog" does not stand in the text at 99
            {"question": "q", "context": "a cat", "answers": {"text": ["cat"], "answer_start": ["2"]}} | the answer "cat" begins at "2", a whole number from 0 on is expected
            {"question": "q", "context": "a cat", "answers": {"text": ["cat"], "answer_start": []}}    | the answers are {"text": ["cat"], "answer_start": []}, an object with lists text and answer_start of one length is expected, or a text
            {"question": "q", "context": "a cat", "answers": {"text": [7], "answer_start": [2]}}       | answer 1 is 7, a text is expected
            {"question": "q", "context": "a cat", "answer": "dog"}                                     | the answer "dog" does not stand in the text
            {"question": "q", "context": "a cat", "answer": "cat", "start": -1}                        | the answer "cat" begins at -1.0, a whole number from 0 on is expected
            {"question": "q", "context": "a cat", "answer": ["cat"], "start": 2}                       | the answers are ["cat"], a text is expected
            """)
    void refusesAnswersThatAreNone(String row, String expected) throws IOException {
        Path file = Files.writeString(directory.resolve("a.jsonl"), row + "\n");
        Outcome.of("preview", "--model", directory.resolve("model").toString(), "--train", file.toString(), "--test",
                file.toString()).requireRefusal(file + ": line 1: " + expected);
    }

    @Test
    void readsColumnsOfTheAnswerAndItsBegin() throws IOException {
        Path file = Files.writeString(directory.resolve("a.tsv"),
                "question\tcontext\tanswer\tstart\nthe\ta cat waits a cat\tcat\t14\na\tthe fern grows\t\t\n");
        assertThat(Outcome.of("preview", "--model", directory.resolve("model").toString(), "--train", file.toString(),
                "--test", file.toString()).out()).contains("question answering, from question and context to answer, "
                        + "start", "a part of the text, or none", "cat", "no answer");
        Path passages = Files.writeString(directory.resolve("b.tsv"), "q\ttext\ta\nthe\ta cat waits\tcat\n");
        assertThat(Outcome.of("preview", "--model", directory.resolve("model").toString(), "--train",
                passages.toString(), "--test", passages.toString(), "--task", "question-answering", "--text-column",
                "q", "--pair-column", "text", "--label-column", "a").out()).contains("from q and text to a");
    }

    @Test
    void refusesWhatDoesNotFit() throws IOException {
        Path file = Files.writeString(directory.resolve("a.tsv"), "question\tcontext\tlabel\nthe\ta cat waits\tcat\n");
        String[] command = {"preview", "--model", directory.resolve("model").toString(), "--train", file.toString(),
            "--test", file.toString()};
        refused(command, file + ": columns: a question, a context and answers are needed (text-column, pair-column and "
                + "label-column), there are question, context, label", "--task", "question-answering");
        refused(command, "--doc-stride: must be below max-length, 8, not 8", "--task", "question-answering",
                "--label-column", "label", "--max-length", "8", "--doc-stride", "8");
        refused(command, "--doc-stride: goes with the task question-answering", "--task", "classification",
                "--doc-stride", "8");
        refused(command, "--loss-on: goes with the task causal", "--task", "question-answering", "--loss-on", "all");
        refused(command,
                file + ": line 2: question-answering: the question \"the\" has so many tokens that of 4 none are "
                        + "left for the text",
                "--task", "question-answering", "--label-column", "label", "--max-length", "4");
    }

    @Test
    void questionsThatLeaveNoRoomAreRowsThatAreWrong() throws IOException {
        Path file = Files.writeString(directory.resolve("a.tsv"), "question\tcontext\tanswer\nthe\ta cat waits\tcat\n"
                + "the cat the cat the cat\ta cat waits\tcat\na\ta dog waits\tdog\n");
        String[] command = {"preview", "--model", directory.resolve("model").toString(), "--train", file.toString(),
            "--test", file.toString(), "--max-length", "7"};
        String fault = file
                + ": line 3: question-answering: the question \"the cat the cat the cat\" has so many tokens "
                + "that of 7 none are left for the text";
        refused(command, fault);
        assertThat(Outcome.of(Stream.concat(Stream.of(command), Stream.of("--bad-rows", "skip"))
                .toArray(String[]::new)).out()).contains("2 to train, 2 to test", "1 of 3 rows, which is wrong", fault);
    }

    @Test
    void aQuestionThatLeavesNoRoomIsToldByItsLine() throws IOException {
        train("jsonl", true, "--max-length", "8", "--doc-stride", "3", "--epochs", "1");
        String asked = "the cat the cat the cat";
        String rule = "question-answering: the question \"" + asked
                + "\" has so many tokens that of 8 none are left for the text";
        Path file = Files.writeString(directory.resolve("q.tsv"), "question\tcontext\tanswer\nthe\ta cat waits\tcat\n"
                + asked + "\ta cat waits\tcat\na\ta dog waits\tdog\n");
        String[] predict = {"predict", "--run", run.toString(), "--data", file.toString()};
        refused(predict, file + ": line 3: " + rule);
        Path lines = Files.writeString(directory.resolve("q.txt"), "the\ta cat waits\n\n" + asked + "\ta cat waits\n");
        refused(new String[] {"predict", "--run", run.toString(), "--data", lines.toString()},
                lines + ": line 3: " + rule);
        String[] evaluate = {"evaluate", "--run", run.toString(), "--data", file.toString(), "--label-column",
            "answer"};
        refused(evaluate, file + ": line 3: " + rule);
        assertThat(Outcome.of(Stream.concat(Stream.of(evaluate), Stream.of("--bad-rows", "skip"))
                .toArray(String[]::new)).out()).contains("2 examples", "1 of 3 rows, which is wrong");
    }

    /** An adapter of PEFT's that says nothing of it: {@code fixtures/answers}, by transformers' run_qa.py. */
    @Test
    void anAdapterAloneMayFindNoAnswer() throws IOException {
        Path answers = Path.of(System.getProperty("lorikeet.fixtures")).resolve("answers");
        JsonObject asked = new JsonObject(answers, "examples", Json.readLine(Files.readAllLines(answers.resolve(
                "examples.jsonl")).getFirst(), answers, 1));
        JsonObject expected = JsonObject.read(answers.resolve("expected.json")).objects("examples").getFirst();
        assertThat(expected.string("answer_or_none")).isEmpty();
        String[] command = {"predict", "--model", answers.resolve("base").toString(), "--adapter", answers.resolve(
                "adapter").toString(),
            "--json", asked.string("question"), asked.string("context")};
        assertThat(said(command)).isNotEmpty();
        assertThat(said(command, "--no-answer")).isEmpty();
        // ln(0.8014 / 0.0610), as the script's probabilities have it
        assertThat(said(command, "--no-answer", "--null-score-diff-threshold", "2.5")).isEmpty();
        assertThat(said(command, "--no-answer", "--null-score-diff-threshold", "2.6")).isEqualTo(said(command));
        refused(command, "--null-score-diff-threshold: the model always answers, unless there is --no-answer",
                "--null-score-diff-threshold", "2");
        refused(new String[] {"predict", "--run", "x", "--no-answer"}, "--no-answer: is of an --adapter, a run says it "
                + "itself");
    }

    private static String said(String[] command, String... more) {
        Outcome outcome = Outcome.of(Stream.concat(Stream.of(command), Stream.of(more)).toArray(String[]::new));
        assertThat(outcome.err()).isEmpty();
        return new JsonObject(Path.of("out"), "", Json.readLine(outcome.out(), Path.of("out"), 1)).string("answer");
    }

    /** Examples to validate with choose it, unless it is said. */
    @Test
    void theThresholdIsTheBestOfTheValidation() throws IOException {
        train("jsonl", false, "--validation", "0.3");
        double chosen = JsonObject.read(run.resolve("task.json")).number("null_score_diff_threshold");
        double f1 = answer("evaluate", "--json").number("f1");
        JsonObject never = answer("evaluate", "--json", "--null-score-diff-threshold", "1000");
        assertThat(never.number("accuracy_unanswered")).isZero();
        JsonObject always = answer("evaluate", "--json", "--null-score-diff-threshold", "-1000");
        assertThat(always.number("accuracy_unanswered")).isOne();
        assertThat(answer("evaluate", "--json", "--null-score-diff-threshold", Double.toString(chosen)).number("f1"))
                .isEqualTo(f1).isGreaterThan(Math.max(never.number("f1"), always.number("f1")));
        run = directory.resolve("said");
        train("jsonl", false, "--validation", "0.3", "--epochs", "1", "--null-score-diff-threshold", "1.5");
        assertThat(JsonObject.read(run.resolve("task.json")).number("null_score_diff_threshold")).isEqualTo(1.5);
    }

    private static void refused(String[] command, String message, String... more) {
        Outcome.of(Stream.concat(Stream.of(command), Stream.of(more)).toArray(String[]::new)).requireRefusal(message);
    }
}
