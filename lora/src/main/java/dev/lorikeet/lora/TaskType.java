package dev.lorikeet.lora;

import java.util.List;

/** What a model is for, under PEFT's names. It decides which heads are trained and saved beside the adapter. */
public enum TaskType {
    SEQ_CLS, TOKEN_CLS, QUESTION_ANS, CAUSAL_LM, SEQ_2_SEQ_LM, FEATURE_EXTRACTION;

    /**
     * The names that heads of this task may have: PEFT adds them to {@code modules_to_save}, whether they exist or not.
     */
    public List<String> heads() {
        return switch (this) {
            case SEQ_CLS, TOKEN_CLS -> List.of("classifier", "score");
            case QUESTION_ANS -> List.of("qa_outputs");
            case CAUSAL_LM, SEQ_2_SEQ_LM, FEATURE_EXTRACTION -> List.of();
        };
    }
}
