package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Mistake;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.data.DataSource;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.data.TaggedText;
import dev.lorikeet.transformer.io.Printable;
import dev.lorikeet.transformer.metrics.Details;
import dev.lorikeet.transformer.metrics.Entities;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.metrics.Tagged;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Task;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.task.TokenClassification;
import dev.lorikeet.transformer.tokenizer.Encoding;
import dev.lorikeet.transformer.training.EncodedDataset;
import dev.lorikeet.transformer.training.LinearProbe;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A tag of each word. */
record Tags(TokenClassification task) implements CommandTask<List<String>, List<String>, List<String>> {
    /** A recipe's sentences; without a column's name, the usual one. */
    private static TaggedText text(DataSource source, Recipe.Files files) {
        @Nullable
        String tags = files.labels().isEmpty() ? null : files.labels().getFirst();
        return new TaggedText(source, files.text(), tags);
    }

    @Override
    public List<String> labels() {
        return task.labels();
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("task", TaskKind.TOKENS.fileName());
    }

    @Override
    public String title() {
        return "token classification";
    }

    @Override
    public String outputs() {
        return Format.count(labels().size(), "tag", "tags")
                + (areNumbers() ? ", which are numbers: without names, none is "
                        + "told to be of an entity" : "");
    }

    private boolean areNumbers() {
        return labels().stream().allMatch(tag -> tag.matches("-?[0-9]+"));
    }

    @Override
    public String metric() {
        return Entities.areTags(labels()) ? "f1" : "accuracy";
    }

    @Override
    public Examples<List<String>, List<String>> read(DataSource source, Recipe recipe) {
        return text(source, (Recipe.Files) recipe.data()).read(labels());
    }

    @Override
    public int texts() {
        return 1;
    }

    /** Words are what stands between blanks. */
    @Override
    public List<String> input(List<String> texts) {
        return List.of(texts.getFirst().strip().split("\\s+"));
    }

    @Override
    public List<Encoding> encodings(List<String> input, Model model) {
        return List.of(model.tokenizer().encodeWords(input, model.backbone().maxTokens()));
    }

    @Override
    public Map<String, Supplier<Evaluation>> baselines(EncodedDataset train, EncodedDataset test, Recipe recipe) {
        return recipe.probe() ? Map.of(PROBE, () -> LinearProbe.run(train, test, recipe.training().seed())) : Map.of();
    }

    @Override
    public List<List<String>> summary(Examples<List<String>, List<String>> train,
            Examples<List<String>, List<String>> test) {
        return Told.counts("tag", labels(), count(train), count(test));
    }

    private int[] count(Examples<List<String>, List<String>> data) {
        int[] counts = new int[labels().size()];
        data.forEach((_, target) -> target.forEach(tag -> counts[labels().indexOf(tag)]++));
        return counts;
    }

    @Override
    public List<Mistake> mistakes(Examples<List<String>, List<String>> data, Details details) {
        return Mistakes.of((Tagged) details, data::input);
    }

    @Override
    public String show(List<String> target) {
        return String.join(" ", target);
    }

    /** The words under one another with their tags, so that a long sentence is readable. */
    @Override
    public void tell(List<String> words, List<String> tags, int top, Terminal terminal) {
        int width = words.stream().map(Printable::of).mapToInt(String::length).max().orElse(0);
        for (int i = 0; i < words.size(); i++) {
            String word = Printable.of(words.get(i));
            terminal.line("  " + word + " ".repeat(width - word.length()) + "  " + tags.get(i));
        }
    }

    @Override
    public List<String> cellNames() {
        return List.of("tags");
    }

    /** A tag for each word, between blanks as the words are. */
    @Override
    public List<?> cells(List<String> tags) {
        return List.of(String.join(" ", tags));
    }

    @Override
    public Map<String, Object> json(List<String> words, List<String> tags, int top) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("words", words);
        json.put("tags", tags);
        if (Entities.areTags(labels())) {
            json.put("entities", Entities.of(tags).stream().map(entity -> {
                Map<String, Object> own = new LinkedHashMap<>();
                own.put("type", entity.type());
                own.put("words", IntStream.range(entity.from(), entity.to()).mapToObj(words::get).toList());
                own.put("from", entity.from());
                return own;
            }).toList());
        }
        return json;
    }

    /** Of a file whose ending says so, or columns of words and their tags. */
    static final class OfRecipe implements RecipeTask {
        /** Endings of files with a token in each line. */
        private static final Pattern TAGGED = Pattern.compile("(?i).*\\.(conll|conllu|conll2003|iob|iob2|bio)(\\.gz)?");

        @Override
        public TaskKind kind() {
            return TaskKind.TOKENS;
        }

        @Override
        public boolean isMeant(Recipe.Files files, Table table) {
            if (TAGGED.matcher(files.train().getFirst().toString()).matches()) {
                return true;
            }
            List<String> columns = files.text() == null ? table.columns() : List.of();
            return columns.contains("tokens") && (columns.contains("tags") || columns.contains("ner_tags"));
        }

        @Override
        public Recipe settle(Recipe recipe, Recipe.Files files, Table table) {
            return files.task() != null ? recipe : recipe.with(kind(), files.text(), files.pair(), files.labels());
        }

        @Override
        public TaskData<?, ?, ?> read(FileExamples files) {
            TaggedText text = text(files.train(), files.files());
            Examples<List<String>, List<String>> train = files.examples(text::stream, text::read);
            Set<String> tags = new TreeSet<>();
            train.forEach((_, own) -> tags.addAll(own));
            files.requireSeveral(List.copyOf(tags), "every word has the tag ");
            return files.with(new Tags(Tasks.tokenClassification(List.copyOf(tags))), train);
        }

        @Override
        public @Nullable CommandTask<?, ?, ?> of(Task<?, ?, ?> task) {
            return task instanceof TokenClassification tags ? new Tags(tags) : null;
        }
    }
}
