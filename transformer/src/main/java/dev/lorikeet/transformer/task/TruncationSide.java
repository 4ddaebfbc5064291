package dev.lorikeet.transformer.task;

import java.util.Arrays;

/** Where what is too long is cut off, Hugging Face's {@code truncation_side}. */
public enum TruncationSide {
    /** The end goes. */
    RIGHT("right"),
    /** The beginning goes. */
    LEFT("left");

    private final String fileName;

    TruncationSide(String fileName) {
        this.fileName = fileName;
    }

    /** The name in files. */
    public String fileName() {
        return fileName;
    }

    /** @throws IllegalArgumentException if there is none of this name */
    static TruncationSide of(String name) {
        return Arrays.stream(values()).filter(each -> each.fileName.equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("truncation_side: \"" + name
                        + "\" is not one of right, left"));
    }
}
