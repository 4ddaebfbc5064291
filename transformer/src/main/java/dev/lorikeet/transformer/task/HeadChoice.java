package dev.lorikeet.transformer.task;

import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.MeanPooledHead;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.Outputs;
import dev.lorikeet.transformer.model.SequenceHead;
import java.util.Locale;

/** Which head a task of whole sequences gets; {@code pooling} in its files, after what becomes of the tokens. */
public enum HeadChoice {
    /** Their mean, see {@link MeanPooledHead}. */
    MEAN,
    /** As Hugging Face's {@code …ForSequenceClassification} of the architecture, see {@link SequenceHead}. */
    PRETRAINED;

    private static final String CLASS = "ForSequenceClassification";

    /** The head in the files of {@code model} where it has these outputs, else a new one. */
    Head head(Model model, Outputs outputs, long seed) {
        return switch (this) {
            case MEAN -> new MeanPooledHead(outputs.count(), model.backbone().config().hiddenSize(), seed);
            case PRETRAINED -> model.hasHead() && model.head() instanceof SequenceHead head
                    && head.outputs().equals(outputs) ? head : model.newHead(CLASS, outputs, seed);
        };
    }

    /** The name in files. */
    public String fileName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException if there is none of this name */
    static HeadChoice of(String fileName) {
        for (HeadChoice known : values()) {
            if (known.fileName().equals(fileName)) {
                return known;
            }
        }
        throw new IllegalArgumentException("pooling: \"" + fileName + "\" is not one of mean, pretrained");
    }
}
