package dev.lorikeet.transformer.generation;

/** Why a text ends. */
public enum FinishReason {
    /** The model has given an end token, or a stop string came. */
    STOP("stop"),
    /** There are as many tokens as asked for, or as the model has positions. */
    LENGTH("length"),
    /** Who listens wants no more. */
    CANCELLED("cancelled");

    private final String fileName;

    FinishReason(String fileName) {
        this.fileName = fileName;
    }

    /** As JSON has it: {@code stop} and {@code length} are OpenAI's. */
    public String fileName() {
        return fileName;
    }
}
