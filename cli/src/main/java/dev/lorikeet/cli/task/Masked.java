package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.data.Input;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.MaskedLanguageModel;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.Task;
import dev.lorikeet.transformer.tokenizer.Encoding;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The tokens behind masks. */
record Masked(MaskedLanguageModel task) implements LanguageWork<String, List<List<Prediction>>> {
    @Override
    public TaskKind kind() {
        return TaskKind.MASKED;
    }

    @Override
    public Input<String> input(Recipe.Files files) {
        return Input.text(Objects.requireNonNull(files.text()));
    }

    @Override
    public String input(List<String> texts) {
        return texts.getFirst();
    }

    /** Whole, since what is too long for a model is cut into pieces, and not off. */
    @Override
    public List<Encoding> encodings(String input, Model model) {
        return List.of(model.tokenizer().encode(input, Integer.MAX_VALUE));
    }

    @Override
    public String outputs() {
        return "the tokens behind masks";
    }

    @Override
    public String show(String target) {
        return "masks are drawn anew each time";
    }

    @Override
    public List<List<String>> tries(String run) {
        return List.of(List.of("predict", "--run", run, "a text with a [MASK] of your own"));
    }

    @Override
    public void tell(String input, List<List<Prediction>> masks, int top, Terminal terminal) {
        for (int i = 0; i < masks.size(); i++) {
            if (masks.size() > 1) {
                terminal.line("  mask " + (i + 1));
            }
            Told.probabilities(masks.get(i).subList(0, Math.min(top, masks.get(i).size())), terminal);
        }
    }

    @Override
    public Map<String, Object> json(String input, List<List<Prediction>> masks, int top) {
        return Map.of("masks", masks.stream()
                .map(each -> Map.of("predictions", Told.json(each.subList(0, Math.min(top, each.size()))))).toList());
    }

    /** The most probable token of each mask. */
    @Override
    public List<?> cells(List<List<Prediction>> masks) {
        return List.of(masks.stream().map(each -> each.getFirst().label()).collect(Collectors.joining(" ")));
    }

    /** Of texts, where it is asked for. */
    static final class OfRecipe implements RecipeTask {
        @Override
        public TaskKind kind() {
            return TaskKind.MASKED;
        }

        @Override
        public Recipe settle(Recipe recipe, Recipe.Files files, Table table) {
            return files.text() != null ? recipe
                    : recipe.with(kind(), Columns.text(table.columns()), null, files.labels());
        }

        @Override
        public TaskData<?, ?, ?> read(FileExamples files) {
            return new Masked(new MaskedLanguageModel(files.recipe().blockSize())).with(files);
        }

        @Override
        public @Nullable CommandTask<?, ?, ?> of(Task<?, ?, ?> task) {
            return task instanceof MaskedLanguageModel masked ? new Masked(masked) : null;
        }
    }
}
