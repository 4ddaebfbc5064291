package dev.lorikeet.lora;

import dev.lorikeet.transformer.model.CausalHead;
import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.MaskedHead;
import dev.lorikeet.transformer.model.SequenceHead;
import dev.lorikeet.transformer.model.SequenceToSequenceHead;
import dev.lorikeet.transformer.model.SpanHead;
import dev.lorikeet.transformer.model.TokenHead;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a model is for, under PEFT's names. It decides which heads are trained and saved beside the adapter. */
public enum TaskType {
    SEQ_CLS("ForSequenceClassification", SequenceHead.class, "classifier", "score"),
    TOKEN_CLS("ForTokenClassification", TokenHead.class, "classifier", "score"),
    QUESTION_ANS("ForQuestionAnswering", SpanHead.class, "qa_outputs"),
    CAUSAL_LM("ForCausalLM", CausalHead.class),
    SEQ_2_SEQ_LM("ForConditionalGeneration", SequenceToSequenceHead.class),
    /** A head that no class of Hugging Face's has, or none. */
    FEATURE_EXTRACTION("Model", Head.class);

    private final String ending;
    private final Class<? extends Head> head;
    private final List<String> heads;

    TaskType(String ending, Class<? extends Head> head, String... heads) {
        this.ending = ending;
        this.head = head;
        this.heads = List.of(heads);
    }

    /** The task of one of the heads; null where PEFT has none for it. */
    static @Nullable TaskType of(Head head) {
        return head instanceof MaskedHead ? null
                : Stream.of(values()).filter(type -> type.head.isInstance(head)).findFirst().orElseThrow();
    }

    /** The task that PEFT calls so; empty where there is none. */
    public static Optional<TaskType> named(String name) {
        return Stream.of(values()).filter(type -> type.name().equals(name)).findFirst();
    }

    /** What the names of Hugging Face's classes for it end in; some call theirs otherwise. */
    public String ending() {
        return ending;
    }

    /**
     * The names that heads of this task may have: PEFT adds them to {@code modules_to_save}, whether they exist or not.
     */
    public List<String> heads() {
        return heads;
    }
}
