package dev.lorikeet.cli.recipe;

/** What can be learned from files of one's own. */
public enum TaskKind {
    /** One class of each input. */
    CLASSIFICATION("classification"),
    /** Any number of labels of each input. */
    MULTI_LABEL("multi-label"),
    /** A number of each input, or several. */
    REGRESSION("regression"),
    /** A tag of each word. */
    TOKENS("tokens"),
    /** A vector of each text, near those of texts that mean the same. */
    EMBEDDINGS("embeddings"),
    /** The part of a text that answers a question. */
    QUESTION_ANSWERING("question-answering"),
    /** The tokens behind masks. */
    MASKED("masked"),
    /** The token after each token. */
    CAUSAL("causal");

    private final String fileName;

    TaskKind(String fileName) {
        this.fileName = fileName;
    }

    /** The name in recipes. */
    public String fileName() {
        return fileName;
    }

    /** Whether it learns from texts alone. */
    public boolean isLanguageModel() {
        return this == MASKED || this == CAUSAL;
    }
}
