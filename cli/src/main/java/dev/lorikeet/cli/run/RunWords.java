package dev.lorikeet.cli.run;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.MaskedHead;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.PretrainedConfig;
import dev.lorikeet.transformer.model.SpanHead;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.Locale;

/** What a run is about, in a few words. */
final class RunWords {
    private RunWords() {}

    static String architecture(TaskModel<?, ?, ?> model) {
        PretrainedConfig config = model.backbone().config();
        return model.model().architecture().modelType().toUpperCase(Locale.ROOT) + ", " + config.layers()
                + " layers, hidden " + config.hiddenSize() + ", " + config.heads() + " heads";
    }

    /** The task; and that the head is new, where one may think that it is in the files. */
    static String task(String title, TaskModel<?, ?, ?> model) {
        Head head = model.head();
        return (head instanceof MaskedHead || head instanceof SpanHead) && !isOfFiles(head, model.model())
                ? title + " with a new head, which the model's files lack"
                : title;
    }

    private static boolean isOfFiles(Head head, Model files) {
        return files.hasHead() && files.head().getClass() == head.getClass();
    }

    /** Where the examples are from. */
    static String files(Recipe recipe) {
        return recipe.data() instanceof Recipe.Files own
                ? own.source(own.train()).paths() + " and " + own.source(own.test()).paths()
                : "the examples";
    }
}
