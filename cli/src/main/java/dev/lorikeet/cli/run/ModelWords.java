package dev.lorikeet.cli.run;

import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.MaskedHead;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.PretrainedConfig;
import dev.lorikeet.transformer.model.SpanHead;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.Locale;

/** What a model is, in a few words. */
final class ModelWords {
    private ModelWords() {}

    static String architecture(TaskModel<?, ?, ?> model) {
        PretrainedConfig config = model.backbone().config();
        return model.model().architecture().modelType().toUpperCase(Locale.ROOT) + ", " + config.layers()
                + " layers, hidden " + config.hiddenSize() + ", " + config.heads() + " heads";
    }

    /** The task; and that the head is new, where one may think that it is in the files. */
    static String task(String title, TaskModel<?, ?, ?> model) {
        Head head = model.head();
        Model files = model.model();
        boolean known = files.hasHead() && files.head().getClass() == head.getClass();
        return (head instanceof MaskedHead || head instanceof SpanHead) && !known
                ? title + " with a new head, which the model's files lack"
                : title;
    }
}
