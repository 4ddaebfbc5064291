package dev.lorikeet.transformer.generation;

/** When a beam search has looked far enough, as transformers' {@code early_stopping}. */
public enum EarlyStopping {
    /** When the running beams would not become better than the finished ones by ending now. */
    FALSE("false"),
    /** When there are as many finished texts as beams. */
    TRUE("true"),
    /** When no running beam can become better than the finished ones. */
    NEVER("never");

    private final String fileName;

    EarlyStopping(String fileName) {
        this.fileName = fileName;
    }

    /** As files have it. */
    public String fileName() {
        return fileName;
    }
}
