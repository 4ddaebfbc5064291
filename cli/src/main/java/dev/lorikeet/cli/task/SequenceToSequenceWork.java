package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeSettings;
import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.transformer.data.Input;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Completion;
import dev.lorikeet.transformer.task.LanguageForm;
import dev.lorikeet.transformer.task.SequenceToSequence;
import dev.lorikeet.transformer.task.Task;
import dev.lorikeet.transformer.tokenizer.Encoding;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A text for each text: it is trained and evaluated; generate asks it. */
record SequenceToSequenceWork(SequenceToSequence task) implements WritingWork<Completion> {
    @Override
    public boolean isWriting() {
        return true;
    }

    @Override
    public TaskKind kind() {
        return TaskKind.SEQUENCE_TO_SEQUENCE;
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>(WritingWork.super.settings());
        if (task.maxLength() > 0) {
            settings.put(RecipeSettings.MAX_LENGTH.name(), Integer.toString(task.maxLength()));
        }
        return settings;
    }

    @Override
    public String title() {
        return kind().fileName() + " model";
    }

    @Override
    public String things() {
        return "completions";
    }

    @Override
    public Input<Completion> input(Recipe.Files files) {
        return LanguageForm.COMPLETION.columns(
                List.of(Objects.requireNonNull(files.text()), files.labels().getFirst()));
    }

    @Override
    public String outputs() {
        return "the completion for each prompt";
    }

    @Override
    public String show(Completion target) {
        return target.completion();
    }

    /** Of the prompt and of the completion. */
    @Override
    public List<Encoding> encodings(Completion input, Model model) {
        int most = task.most(model);
        return List.of(model.tokenizer().encode(input.prompt(), most),
                model.tokenizer().encode(input.completion(), most));
    }

    @Override
    public String asked() {
        return "writes a text for a text: generate does that, and evaluate tells the perplexity";
    }

    /** Of two columns, where it is asked for: those of a causal model are the same. */
    static final class OfRecipe implements RecipeTask {
        private static final List<String> USUAL = List.of("prompt", "completion");

        @Override
        public TaskKind kind() {
            return TaskKind.SEQUENCE_TO_SEQUENCE;
        }

        @Override
        public Recipe settle(Recipe recipe, Recipe.Files files, Table table) {
            return recipe.with(kind(), files.text() == null ? USUAL.getFirst() : files.text(), null,
                    files.labels().isEmpty() ? USUAL.subList(1, 2) : files.labels());
        }

        @Override
        public TaskData<?, ?, ?> read(FileExamples files) {
            return new SequenceToSequenceWork(new SequenceToSequence(files.recipe().maxLength())).with(files);
        }

        @Override
        public @Nullable CommandTask<?, ?, ?> of(Task<?, ?, ?> task) {
            return task instanceof SequenceToSequence own ? new SequenceToSequenceWork(own) : null;
        }
    }
}
