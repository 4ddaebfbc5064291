package dev.lorikeet.transformer.model;

import dev.lorikeet.transformer.io.JsonObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One architecture: what Hugging Face's files call its parts, how it is made of them, and the heads it may have. A new one
 * is a class with its layers and a value of this beside it, and an entry in {@link Architectures}.
 *
 * @param modelType {@code model_type} in {@code config.json}
 * @param className what the names of Hugging Face's classes begin with, for example {@code Bert}
 * @param prefix the path of the base model in a model with a head: {@code base_model_prefix}
 * @param firstTensor a tensor of every base model: files of a base model alone have it without the prefix
 * @param buffers what old files hold that is no weight, as a regular expression
 * @param maker of the base model
 * @param heads by what the names of their classes end in, for example {@code ForMaskedLM}
 */
public record Architecture(String modelType, String className, String prefix, String firstTensor, String buffers,
        Maker maker, Map<String, Head> heads) {
    /** Heads that files may hold beside the base model. */
    private static final String HEADS = "(cls|classifier|score|lm_head|qa_outputs)\\..*";

    /** Makes a base model. */
    @FunctionalInterface
    public interface Maker {
        /**
         * Takes the base model out of {@code checkpoint}.
         *
         * @throws dev.lorikeet.transformer.io.InputException if a field or a tensor is missing or wrong
         */
        BaseModel make(JsonObject config, Checkpoint checkpoint, Pooler pooler);
    }

    /** Makes a model with a head. */
    @FunctionalInterface
    public interface Head {
        PretrainedModel make(PretrainedModel.Source source);
    }

    public Architecture {
        heads = Map.copyOf(heads);
    }

    /** The name of Hugging Face's class that ends in {@code ending}, for example {@code BertModel}. */
    public String className(String ending) {
        return className + ending;
    }

    /** The head of a class of Hugging Face, by its whole name. */
    @Nullable
    Head head(String name) {
        return name.startsWith(className) ? heads.get(name.substring(className.length())) : null;
    }

    /** The part of a file that is the base model: files of a base model alone have no prefix. */
    Checkpoint base(Checkpoint checkpoint) {
        return checkpoint.contains(prefix + "." + firstTensor) ? checkpoint.under(prefix + ".") : checkpoint;
    }

    /** Takes the base model out of {@code checkpoint}, which may hold more. */
    BaseModel load(JsonObject config, Checkpoint checkpoint, Pooler pooler) {
        BaseModel model = maker.make(config, base(checkpoint), pooler);
        model.madeFrom(config);
        return model;
    }

    /** What a file may hold beside the base model, as a regular expression. */
    String besideTheBase() {
        return HEADS + "|" + buffers;
    }
}
