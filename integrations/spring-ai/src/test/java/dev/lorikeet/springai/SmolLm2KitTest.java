package dev.lorikeet.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import org.junit.jupiter.api.Test;

/** The guide's application with a language model that knows something. */
class SmolLm2KitTest {
    private static final String VARIABLE = "LORIKEET_SMOLLM2";

    @Test
    void theGuidesQuestionIsAnswered() throws Exception {
        String file = System.getenv(VARIABLE);
        if (file == null) {
            abort(VARIABLE + " names no file: Spring's chat model WAS NOT TESTED with a real one");
        }
        try (Running application = Running.with("spring.ai.lorikeet.chat.model=" + file,
                "spring.ai.lorikeet.chat.max-tokens=32", "spring.ai.lorikeet.chat.temperature=0")) {
            assertThat(application.post("/chat", "What is the capital of France?").body()).contains("Paris");
            assertThat(application.post("/stream", "What is the capital of France?").body()).contains("Paris");
            assertThat(application.get("/actuator/health")).containsEntry("status", "UP");
        }
    }
}
