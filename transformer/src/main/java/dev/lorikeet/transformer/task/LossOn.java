package dev.lorikeet.transformer.task;

import java.util.Arrays;

/** Which tokens of an input a language model learns to tell. */
public enum LossOn {
    /** What the model is to write: completions, or what it says in talks; TRL's completion and assistant loss. */
    COMPLETION("completion"),
    /** All tokens, those that it is given among them. */
    ALL("all");

    private final String fileName;

    LossOn(String fileName) {
        this.fileName = fileName;
    }

    /** The name in files. */
    public String fileName() {
        return fileName;
    }

    /** @throws IllegalArgumentException if there is none of this name */
    static LossOn of(String name) {
        return Arrays.stream(values()).filter(each -> each.fileName.equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("loss_on: \"" + name
                        + "\" is not one of completion, all"));
    }
}
