package dev.lorikeet.langchain4j;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.lorikeet.transformer.model.Model;
import java.nio.file.Path;

/** The language model of the tests, which {@code .ci/run} fetches. */
final class SmolLm2 {
    private static final String VARIABLE = "LORIKEET_SMOLLM2";

    private SmolLm2() {}

    /** Aborts the test, and says why, where the file is absent. */
    static Model load() {
        String file = System.getenv(VARIABLE);
        if (file == null) {
            abort(VARIABLE + " names no file: NOTHING of LangChain4j's chat models WAS TESTED");
        }
        return Model.load(Path.of(file));
    }
}
