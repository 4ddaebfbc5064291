package dev.lorikeet.transformer.task;

import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.Outputs;
import dev.lorikeet.transformer.model.SequenceHead;

/** Hugging Face's heads for sequences. */
final class SequenceHeads {
    private static final String CLASS = "ForSequenceClassification";

    private SequenceHeads() {}

    /** The head in the files of {@code model} where it has these outputs, else a new one. */
    static Head of(Model model, Outputs outputs, long seed) {
        return model.hasHead() && model.head() instanceof SequenceHead head && head.outputs().equals(outputs) ? head
                : model.newHead(CLASS, outputs, seed);
    }
}
