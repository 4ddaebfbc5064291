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
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.metrics.Details;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.metrics.Fit;
import dev.lorikeet.transformer.metrics.Retrieved;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Embedder;
import dev.lorikeet.transformer.task.EmbeddingLoss;
import dev.lorikeet.transformer.task.SentenceEmbedding;
import dev.lorikeet.transformer.task.Task;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.tokenizer.Encoding;
import dev.lorikeet.transformer.training.EncodedDataset;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A vector of each text. */
record Embeddings(SentenceEmbedding task) implements CommandTask<List<String>, Float, float[][]> {
    /** The texts of an example, those that must not be near last. */
    private static Input<List<String>> input(Recipe recipe) {
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
    public List<List<String>> tries(String run) {
        return Stream.concat(CommandTask.super.tries(run).stream(),
                Stream.of(List.of("embed", "--run", run, "a text of your own"))).toList();
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

    /** Of pairs, or of texts and one that is not near. */
    static final class OfRecipe implements RecipeTask {
        @Override
        public TaskKind kind() {
            return TaskKind.EMBEDDINGS;
        }

        @Override
        public Recipe settle(Recipe recipe, Recipe.Files files, Table table) {
            List<String> columns = table.columns();
            Recipe.Embedding asked = recipe.embedding();
            List<String> inputs = files.text() == null ? Columns.inputs(columns)
                    : files.pair() == null ? List.of(files.text()) : List.of(files.text(), files.pair());
            if (inputs.size() < 2) {
                throw new InputException(files.train().getFirst(), "columns", "two of texts are needed for embeddings "
                        + "(text-column and pair-column), there are " + Shown.names(columns));
            }
            String negative = asked.negative() != null || files.text() != null || !columns.contains("negative")
                    ? asked.negative()
                    : "negative";
            String label = files.labels().isEmpty() ? Columns.label(columns) : files.labels().getFirst();
            boolean scores = negative == null && (!files.labels().isEmpty() || columns.contains(label));
            EmbeddingLoss loss = asked.loss() != null ? asked.loss()
                    : scores ? EmbeddingLoss.cosineSimilarity() : EmbeddingLoss.multipleNegativesRanking();
            int texts = negative == null ? 2 : 3;
            if (texts < loss.fewestTexts() || texts > loss.mostTexts()) {
                throw new InputException(files.train().getFirst(), "columns",
                        "the loss " + loss.fileName() + " compares "
                                + loss.fewestTexts() + " texts of an example, there are columns of " + texts
                                + (negative == null ? ": negative-column says which the third is" : ""));
            }
            Double largest = asked.largestScore();
            if (largest == null && loss instanceof EmbeddingLoss.CosineSimilarity) {
                DoubleSummaryStatistics scale = new DoubleSummaryStatistics();
                table.rows(List.of(label), row -> Math.abs(row.number(0)), score -> {
                    scale.accept(score);
                    return true;
                });
                largest = scale.getMax() > 1 ? scale.getMax() : null; // else all are cosines already
            }
            return recipe.with(kind(), inputs.getFirst(), inputs.getLast(),
                    loss.isScored() ? List.of(label) : List.of())
                    .with(new Recipe.Embedding(negative, loss, asked.pooling(), largest));
        }

        @Override
        public TaskData<?, ?, ?> read(FileExamples files) {
            Recipe recipe = files.recipe();
            Embeddings task = new Embeddings(Tasks.embedding(recipe.embedding().pooling(),
                    Objects.requireNonNull(recipe.embedding().loss())));
            return files.with(task, files.examples(input(recipe), task.scores(files.files()),
                    recipe.embedding().toString(), row -> task.score(row, recipe)));
        }

        @Override
        public @Nullable CommandTask<?, ?, ?> of(Task<?, ?, ?> task) {
            return task instanceof SentenceEmbedding embedding ? new Embeddings(embedding) : null;
        }
    }
}
