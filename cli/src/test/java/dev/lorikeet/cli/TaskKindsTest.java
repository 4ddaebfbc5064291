package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.transformer.data.BadRows;
import dev.lorikeet.transformer.data.TableFormat;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.EmbeddingHead.Pooling;
import dev.lorikeet.transformer.task.EmbeddingLoss;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every kind of task from a few lines of recipe to its answers, its columns and the kind itself found in the files. */
class TaskKindsTest {
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

    @Test
    void pairsAreTold() throws IOException {
        train("csv", "sentence1,sentence2,label", (one, other) -> "the " + one + ",a " + other + ","
                + (ANIMALS.contains(other) ? "animal" : "plant"));
        requireSettled(TaskKind.CLASSIFICATION, "sentence1", "sentence2", "label");
        assertThat(evaluated().number("accuracy")).isGreaterThan(0.6);
        JsonObject answer = answer("predict", "--json", "the cat", "a fern");
        assertThat(answer.fields()).containsEntry("sentence1", "the cat").containsEntry("sentence2", "a fern");
        assertThat(answer.objects("predictions")).hasSize(2);
        Outcome lines = Outcome.ofInput("the cat\ta dog\n\nthe cat\ta fern\n".getBytes(StandardCharsets.UTF_8),
                "predict", "--run", run.toString(), "--top", "1");
        assertThat(lines.out().lines().toList()).hasSize(7).startsWith("the cat  |  a dog");
        Outcome.of("predict", "--run", run.toString(), "one text alone")
                .requireRefusal("TEXT: the model reads pairs, two texts for each answer, not 1");
        Outcome.ofInput("no tab\n".getBytes(StandardCharsets.UTF_8), "predict", "--run", run.toString())
                .requireRefusal(
                        "standard input: line 1: \"no tab\" is no pair, two texts with a tab between them are "
                                + "expected");
        assertThat(Outcome.of("preview", "--recipe", run.resolve("recipe.yaml").toString()).out())
                .contains("classification of pairs, from sentence1 and sentence2 to label")
                .contains("[CLS] the cat [SEP] a cat [SEP]");
    }

    @Test
    void numbersAreTold() throws IOException {
        train("tsv", "text\tscore", (one, other) -> "the " + one + " " + other + "\t" + (100.5
                + (ANIMALS.contains(one) ? 40 : 0)));
        requireSettled(TaskKind.REGRESSION, "text", null, "score");
        JsonObject scores = evaluated();
        assertThat(scores.number("r2")).isGreaterThan(0.5);
        assertThat(scores.number("mse")).isLessThan(200);
        double cat = answer("predict", "--json", "the cat dog").object("numbers").number("score");
        double fern = answer("predict", "--json", "the fern oak").object("numbers").number("score");
        assertThat(cat).isCloseTo(140.5, within(25.0));
        assertThat(fern).isCloseTo(100.5, within(25.0));
        assertThat(Outcome.of("predict", "--run", run.toString(), "the cat dog").out().lines().toList().get(1))
                .matches("  score  1\\d\\d(\\.\\d{1,3})?");
        assertThat(run.resolve("report.html")).content().contains("Predicted and true: score", "mean of training");
    }

    @Test
    void severalNumbersAreTold() throws IOException {
        train("tsv", "text\ta\tb", (one, other) -> "the " + one + " " + other + "\t"
                + (ANIMALS.contains(one) ? 1 : 0) + "\t" + (ANIMALS.contains(other) ? -1000 : 1000),
                "--label-column", "a,b");
        assertThat(evaluated().objects("numbers")).extracting(each -> each.string("name")).containsExactly("a", "b");
        JsonObject numbers = answer("predict", "--json", "the cat fern").object("numbers");
        assertThat(numbers.number("a")).isBetween(0.3, 1.7);
        assertThat(numbers.number("b")).isBetween(200.0, 1800.0);
    }

    @Test
    void setsOfLabelsAreTold() throws IOException {
        BiFunction<String, String, String> row = (one, other) -> Json.writeLine(Map.of("text", one + " " + other,
                "labels", Stream.of(one, other).distinct().filter(ANIMALS::contains).sorted().toList())).strip();
        train("jsonl", "", row);
        requireSettled(TaskKind.MULTI_LABEL, "text", null, "labels");
        JsonObject scores = evaluated();
        assertThat(scores.number("f1_micro")).isGreaterThan(0.5);
        assertThat(scores.objects("labels")).extracting(label -> label.string("label")).isEqualTo(ANIMALS);
        JsonObject answer = answer("predict", "--json", "cat fern");
        assertThat(ANIMALS).containsAll(answer.list("labels").stream().map(String::valueOf).toList());
        assertThat(answer.objects("predictions")).hasSize(3);
        assertThat(Outcome.of("predict", "--run", run.toString(), "oak elm").out()).contains("%");
        assertThat(Outcome.of("preview", "--recipe", run.resolve("recipe.yaml").toString(), "--examples", "30").out())
                .contains("multi-label classification, from text to labels", "no label", "cat, dog");
    }

    @Test
    void separatorsAreBetweenLabelsInTables() throws IOException {
        train("tsv", "text\tlabels", (one, other) -> one + " " + other + "\t"
                + String.join("; ", Stream.of(one, other).distinct().filter(ANIMALS::contains).toList()),
                "--task", "multi-label", "--separator", ";", "--validation", "0.3");
        assertThat(evaluated().objects("labels")).hasSize(3); // with the thresholds that were chosen
        List<?> thresholds = JsonObject.read(run.resolve("task.json")).list("thresholds");
        assertThat(thresholds).hasSize(3).anyMatch(threshold -> ((Number) threshold).doubleValue() != 0.5);
        assertThat(Files.readString(run.resolve("metrics.jsonl"))).contains("\"best\":" + Json.writeLine(
                Map.of("each", thresholds)).replaceAll(".*:|}\\s*", ""));
    }

    @Test
    void wordsAreTagged() throws IOException {
        train("conll", "", (one, other) -> tagged("the") + tagged(one) + tagged("sleeps") + tagged(other));
        Recipe.Files files = (Recipe.Files) RecipeFile.read(run.resolve("recipe.yaml")).data();
        assertThat(files.task()).isEqualTo(TaskKind.TOKENS);
        JsonObject scores = evaluated();
        assertThat(scores.number("f1")).isGreaterThan(0.9);
        assertThat(scores.objects("labels")).extracting(label -> label.string("label")).containsExactly("animal");
        JsonObject answer = answer("predict", "--json", "the cat sleeps  fern");
        assertThat(answer.list("tags")).isEqualTo(List.of("O", "B-animal", "O", "O"));
        assertThat(answer.objects("entities")).hasSize(1).first()
                .satisfies(entity -> assertThat(entity.list("words")).isEqualTo(List.of("cat")));
        assertThat(Outcome.of("predict", "--run", run.toString(), "the cat").out())
                .isEqualTo("the cat\n  the  O\n  cat  B-animal\n");
        assertThat(Outcome.of("preview", "--recipe", run.resolve("recipe.yaml").toString()).out())
                .contains("token classification", "B-animal");
    }

    private static String tagged(String word) {
        return word + "\t" + (ANIMALS.contains(word) ? "B-animal" : "O") + "\n";
    }

    @Test
    void textsThatBelongTogetherComeNear() throws IOException {
        train("tsv", "sentence1\tsentence2\tscore", (one, other) -> "the " + one + "\ta " + other + "\t"
                + (ANIMALS.contains(one) == ANIMALS.contains(other) ? "4.5" : "0.5"), "--task", "embeddings");
        assertThat(RecipeFile.read(run.resolve("recipe.yaml")).embedding())
                .isEqualTo(new Recipe.Embedding(null, EmbeddingLoss.cosineSimilarity(), Pooling.MEAN, 4.5));
        assertThat(evaluated().number("spearman")).isGreaterThan(0.6);
        assertThat(answer("predict", "--json", "the cat", "a fox").number("cosine")).isGreaterThan(
                answer("predict", "--json", "the cat", "a fern").number("cosine"));
        List<String> lines = Outcome.ofInput("the cat\n\na fox\n".getBytes(StandardCharsets.UTF_8), "embed", "--run",
                run.toString()).out().lines().toList();
        assertThat(lines).hasSize(3);
        assertThat(new JsonObject(run, "embed", Json.readLine(lines.get(0), run, 1)).list("embedding")).hasSize(8);
        assertThat(lines.get(1)).isEqualTo("{\"text\":\"\"}");
        Outcome.of("embed", "--run", run.toString(), "--pooling", "cls", "a").requireRefusal(
                "--pooling: goes without --run, which says it itself");
        Outcome.of("embed", "--run", run.toString(), "--dimensions", "9", "a").requireRefusal(
                "--dimensions: must be from 1 to 8, not 9");
    }

    /** Correlations of constants are NaN, which JSON has not. */
    @Test
    void aMetricThatIsNotDefinedIsToldEverywhere() throws IOException {
        train("tsv", "sentence1\tsentence2\tscore",
                (one, other) -> "the cat\tthe cat\t" + (one.equals("cat") ? 0.5 : 1), "--task", "embeddings",
                "--epochs", "1");
        assertThat(answer("evaluate", "--json").string("spearman")).isEqualTo("NaN");
        assertThat(Outcome.of("compare", "--json", run.toString()).out()).contains("\"spearman\":\"NaN\"");
        assertThat(Outcome.of("compare", run.toString()).out()).contains("–");
        assertThat(run.resolve("report.html")).content().contains("Spearman is not defined");
    }

    @Test
    void positivesAreFoundAmongOthers() throws IOException {
        train("jsonl", "", (one, other) -> Json.writeLine(Map.of("anchor", "the " + one, "positive", one + " sleeps "
                + other)).strip(), "--task", "embeddings", "--loss", "multiple-negatives-ranking");
        assertThat(evaluated().number("mrr_10")).isGreaterThan(0.2);
        assertThat(Outcome.of("embed", "--model", directory.resolve("model").toString(), "--dimensions", "2", "a cat")
                .out()).matches("\\{\"text\":\"a cat\",\"embedding\":\\[[-0-9.E]+,[-0-9.E]+]}\n");
    }

    @Test
    void oneFractionMakesNumbersWhereverItStands() throws IOException {
        StringBuilder rows = new StringBuilder("text\tlabel\n");
        for (int i = 0; i < 3000; i++) {
            rows.append("the cat\t").append(i % 3).append(".0\n");
        }
        Path file = Files.writeString(directory.resolve("a.tsv"), rows);
        String[] preview = {"preview", "--model", directory.resolve("model").toString(), "--train", file.toString(),
            "--test", file.toString()};
        assertThat(Outcome.of(preview).out()).contains("Task        classification, from text to label");
        Files.writeString(file, rows + "the dog\t0.5\n");
        assertThat(Outcome.of(preview).out()).contains("Task        regression, from text to label");
        Files.writeString(file, rows + "the dog\t0.5\nthe fox\tn/a\n");
        Outcome.of(preview).requireRefusal(file + ": line 3003: \"n/a\" is no number, as nearly all others in the "
                + "column \"label\" are; what is learned says --task");
    }

    @Test
    void whatDoesNotFitIsRefused() throws IOException {
        Path file = Files.writeString(directory.resolve("a.tsv"), "text\tlabel\nthe cat\tx\nthe dog\t2.5\n");
        String[] files = {"preview", "--model", directory.resolve("model").toString(), "--train", file.toString(),
            "--test", file.toString()};
        refused(files, file + ": line 2: the number (column \"label\") is \"x\"", "--task", "regression");
        refused(files, "--label-column: several columns are several numbers, which the task multi-label has not",
                "--task", "multi-label", "--label-column", "label,text");
        refused(files, "--label-column: a column is there twice: label, label", "--label-column", "label,label");
        refused(files, file + ": columns: the loss triplet compares 3 texts of an example, there are columns of 2: "
                + "negative-column says which the third is", "--task", "embeddings", "--text-column", "text",
                "--pair-column", "label", "--loss", "triplet");
        refused(files, "--loss: goes with the task embeddings", "--loss", "contrastive");
        refused(files, file + ": columns: two of texts are needed for embeddings (text-column and pair-column), there "
                + "are text, label", "--task", "embeddings");
        refused(files, "--pair-column: goes with a text-column, which is the first of a pair", "--pair-column",
                "label");
        refused(files, "--negative-column: \"text\" is a column of the texts already", "--task", "embeddings",
                "--text-column", "text", "--pair-column", "label", "--negative-column", "text");
        Files.writeString(file, "text\tlabel\nthe cat\t2.5\nthe dog\t2.5\n");
        refused(files, file + ": column \"label\": every example has 2.5, at least two are needed");
        Files.writeString(file, "text\tlabel\nthe cat\t2.5\nthe dog\t3e38\n");
        refused(files, file + ": line 3: the number (column \"label\") is \"3e38\"");
        Path tags = Files.writeString(directory.resolve("one.conll"), "a O\ncat O\n");
        Outcome.of("preview", "--train", tags.toString(), "--test", tags.toString()).requireRefusal(
                tags + ": every word has the tag \"O\", at least two are needed");
        Path json = Files.writeString(directory.resolve("a.jsonl"), "{\"text\": \"the cat\", \"label\": [1, 0]}\n");
        Outcome.of("preview", "--train", json.toString(), "--test", json.toString()).requireRefusal(json
                + ": line 1: the labels (column \"label\") are [1, 0], a list of names is expected");
        Files.writeString(file, "text\tlabel\nthe cat\tx,,y\n");
        refused(files, file + ": line 2: the labels (column \"label\") are \"x,,y\", where one is empty", "--task",
                "multi-label");
        Files.writeString(file, "text\tlabel\nthe cat\tx,x\n");
        refused(files, file + ": line 2: the labels (column \"label\") are \"x,x\", where \"x\" is there twice",
                "--task", "multi-label");
        Files.writeString(file, "text\tlabel\nthe cat\t\n");
        refused(files, file + ": column \"label\": no example has a label", "--task", "multi-label");
    }

    private static void refused(String[] command, String message, String... more) {
        Outcome.of(Stream.concat(Stream.of(command), Stream.of(more)).toArray(String[]::new)).requireRefusal(message);
    }

    /** Trains on a row for each two nouns, and tests on the same. */
    private void train(String ending, String header, BiFunction<String, String, String> row, String... flags)
            throws IOException {
        StringBuilder rows = new StringBuilder(header.isEmpty() ? "" : header + "\n");
        for (String one : NOUNS) {
            for (String other : NOUNS) {
                rows.append(row.apply(one, other)).append('\n');
            }
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
        assertThat(outcome.out()).contains(" texts to test with are among those to train with");
    }

    private void requireSettled(TaskKind task, String text, @Nullable String pair, String label) {
        assertThat(RecipeFile.read(run.resolve("recipe.yaml")).data()).isInstanceOfSatisfying(Recipe.Files.class,
                files -> assertThat(files).isEqualTo(new Recipe.Files(files.train(), files.test(),
                        TableFormat.STANDARD, BadRows.FAIL, task, text, pair, List.of(label), ",", 1)));
    }

    /** What evaluate says, which is what the last epoch said. */
    private JsonObject evaluated() throws IOException {
        JsonObject scores = answer("evaluate", "--json");
        List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
        JsonObject last = new JsonObject(run, "epoch", Json.readLine(lines.getLast(), run, lines.size()));
        last.fields().keySet().stream().filter(name -> name.startsWith("test_"))
                .forEach(name -> assertThat(scores.number(name.substring(5))).as(name).isEqualTo(last.number(name)));
        assertThat(Outcome.of("evaluate", "--run", run.toString()).out()).contains("Loss");
        assertThat(Outcome.of("compare", run.toString()).out()).contains("12 of 12");
        return scores;
    }

    private JsonObject answer(String verb, String... more) {
        Outcome outcome = Outcome.of(Stream.concat(Stream.of(verb, "--run", run.toString()), Stream.of(more))
                .toArray(String[]::new));
        assertThat(outcome.err()).isEmpty();
        return new JsonObject(run, verb, Json.readLine(outcome.out(), run, 1));
    }
}
