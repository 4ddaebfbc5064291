package dev.lorikeet.lora;

import dev.lorikeet.transformer.model.CausalHead;
import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.MaskedHead;
import dev.lorikeet.transformer.model.SequenceHead;
import dev.lorikeet.transformer.model.SequenceToSequenceHead;
import dev.lorikeet.transformer.model.SpanHead;
import dev.lorikeet.transformer.model.TokenHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a model is for, under PEFT's names. It decides which heads are trained and saved beside the adapter. */
public enum TaskType {
    SEQ_CLS, TOKEN_CLS, QUESTION_ANS, CAUSAL_LM, SEQ_2_SEQ_LM, FEATURE_EXTRACTION;

    /** The task of one of the heads; null where PEFT has none for it. */
    static @Nullable TaskType of(Head head) {
        return switch (head) {
            case SequenceHead _ -> SEQ_CLS;
            case TokenHead _ -> TOKEN_CLS;
            case SpanHead _ -> QUESTION_ANS;
            case CausalHead _ -> CAUSAL_LM;
            case SequenceToSequenceHead _ -> SEQ_2_SEQ_LM;
            case MaskedHead _ -> null;
            default -> FEATURE_EXTRACTION; // no class of Hugging Face has it
        };
    }

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
