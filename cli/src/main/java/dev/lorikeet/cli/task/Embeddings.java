package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Mistake;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.data.DataSource;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.data.Input;
import dev.lorikeet.transformer.data.Row;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.metrics.Details;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.metrics.Fit;
import dev.lorikeet.transformer.metrics.Retrieved;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Embedder;
import dev.lorikeet.transformer.task.SentenceEmbedding;
import dev.lorikeet.transformer.tokenizer.Encoding;
import dev.lorikeet.transformer.training.EncodedDataset;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/** A vector of each text. */
record Embeddings(SentenceEmbedding task) implements CommandTask<List<String>, Float, float[][]> {
    /** The texts of an example, those that must not be near last. */
    static Input<List<String>> input(Recipe recipe) {
        Recipe.Files files = (Recipe.Files) recipe.data();
        List<String> columns = new ArrayList<>(List.of(Objects.requireNonNull(files.text()),
                Objects.requireNonNull(files.pair())));
        if (recipe.embedding().negative() != null) {
            columns.add(recipe.embedding().negative());
        }
        return Input.texts(columns);
    }

    @Override
    public List<String> labels() {
        return List.of();
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("task", TaskKind.EMBEDDINGS.fileName(), "training.loss", task.loss().fileName());
    }

    @Override
    public String title() {
        return "sentence embeddings by " + task.loss().fileName();
    }

    @Override
    public String outputs() {
        return "a vector of each text";
    }

    @Override
    public String metric() {
        return task.loss().isScored() ? "spearman" : "mrr_10";
    }

    @Override
    public Examples<List<String>, Float> read(DataSource source, Recipe recipe) {
        Recipe.Files files = (Recipe.Files) recipe.data();
        return new Table(source, files.format()).samples(input(recipe), scores(files), row -> score(row, recipe));
    }

    /** The examples to train with, which are not kept. */
    Examples<List<String>, Float> stream(DataSource source, Recipe recipe) {
        Recipe.Files files = (Recipe.Files) recipe.data();
        return new Table(source, files.format()).stream(input(recipe), scores(files),
                recipe.embedding().toString(), row -> score(row, recipe));
    }

    private List<String> scores(Recipe.Files files) {
        return task.loss().isScored() ? files.labels() : List.of();
    }

    private float score(Row row, Recipe recipe) {
        if (!task.loss().isScored()) {
            return SentenceEmbedding.NO_SCORE;
        }
        Double largest = recipe.embedding().largestScore();
        float score = (float) (row.number(0) / (largest == null ? 1 : largest));
        try {
            task.loss().requireScore(score);
        } catch (IllegalArgumentException e) {
            throw row.error(String.valueOf(e.getMessage()));
        }
        return score;
    }

    @Override
    public int texts() {
        return 2;
    }

    @Override
    public List<String> input(List<String> texts) {
        return texts;
    }

    @Override
    public List<Encoding> encodings(List<String> input, Model model) {
        return input.stream().map(text -> model.tokenizer().encode(text, model.backbone().maxTokens())).toList();
    }

    /** The encoder as it is before it is trained. */
    @Override
    public Map<String, Supplier<Evaluation>> baselines(EncodedDataset train, EncodedDataset test, Recipe recipe) {
        return Map.of("frozen encoder", () -> test.evaluate(recipe.training().batchSize(), new Workspace()));
    }

    @Override
    public List<List<String>> summary(Examples<List<String>, Float> train, Examples<List<String>, Float> test) {
        return List.of(List.of("", "examples", "texts of each", "mean score"), row("train", train),
                row("test", test));
    }

    private List<String> row(String part, Examples<List<String>, Float> data) {
        DoubleSummaryStatistics scores = new DoubleSummaryStatistics();
        data.forEach((_, score) -> scores.accept(score));
        return List.of(part, Format.count(data.size()), Format.count(data.input(0).size()),
                task.loss().isScored() ? Format.number(scores.getAverage()) : "none");
    }

    @Override
    public List<Mistake> mistakes(Examples<List<String>, Float> data, Details details) {
        return details instanceof Fit fit ? Mistakes.ofSimilarities(fit, i -> String.join("  |  ", data.input(i)))
                : Mistakes.of((Retrieved) details, data::input);
    }

    @Override
    public String show(Float target) {
        return target.isNaN() ? "belong together" : "score " + Format.number(target);
    }

    @Override
    public void tell(List<String> input, float[][] vectors, int top, Terminal terminal) {
        terminal.line(String.format(Locale.ROOT, "  cosine %.3f", Embedder.cosine(vectors[0], vectors[1])));
    }

    @Override
    public List<String> cellNames() {
        return List.of("cosine");
    }

    @Override
    public List<?> cells(float[][] vectors) {
        return List.of(Embedder.cosine(vectors[0], vectors[1]));
    }

    @Override
    public Map<String, Object> json(List<String> input, float[][] vectors, int top) {
        return Map.of("cosine", Embedder.cosine(vectors[0], vectors[1]));
    }
}
