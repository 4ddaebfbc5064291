package dev.lorikeet.transformer.model;

import dev.lorikeet.transformer.io.JsonObject;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One architecture: what Hugging Face's files call its parts, how it is made of them, and the heads it may have. A new
 * one is a class with its layers and a value of this beside it, and an entry in {@link Architectures}.
 *
 * @param modelType {@code model_type} in {@code config.json}
 * @param className what the names of Hugging Face's classes begin with, for example {@code Bert}
 * @param prefix the path of the base model in a model with a head: {@code base_model_prefix}
 * @param words the table of the word embeddings: files of a base model alone have it without the prefix
 * @param tied whether the head of a language model is that table where the config does not say
 * @param buffers what old files hold that is no weight, as a regular expression
 * @param maker of the base model
 * @param heads by what the names of their classes end in, for example {@code ForMaskedLM}
 */
public record Architecture(String modelType, String className, String prefix, String words, boolean tied,
        String buffers, Maker maker, Map<String, HeadKind> heads) {
    /** Heads that files may hold beside the base model. */
    private static final String HEADS = "(cls|classifier|score|lm_head|embed_out|qa_outputs)\\..*";

    /** Under which names heads have the table of the word embeddings. */
    private static final List<String> TABLES = List.of("lm_head.weight", "embed_out.weight",
            "lm_head.decoder.weight", "cls.predictions.decoder.weight", "vocab_projector.weight",
            "generator_lm_head.weight", "predictions.decoder.weight");

    /** Makes a base model. */
    @FunctionalInterface
    public interface Maker {
        /**
         * Takes the base model out of {@code files}.
         *
         * @param architecture that which asks
         * @throws dev.lorikeet.transformer.io.InputException if a field or a tensor is missing or wrong
         */
        Backbone make(Architecture architecture, JsonObject config, TensorReader files, Pooler pooler);
    }

    public Architecture {
        heads = Map.copyOf(heads);
    }

    /** The name of Hugging Face's class that ends in {@code ending}, for example {@code BertModel}. */
    public String className(String ending) {
        HeadKind kind = heads.get(ending);
        return kind == null || kind.name() == null ? className + ending : kind.name();
    }

    /** The head of a class of Hugging Face, by its whole name. */
    @Nullable
    HeadKind head(String name) {
        return heads.entrySet().stream().filter(entry -> className(entry.getKey()).equals(name))
                .map(Map.Entry::getValue).findFirst().orElse(null);
    }

    /** The path of the base model in the class of {@code kind}, or in those without a head. */
    String prefix(@Nullable HeadKind kind) {
        return kind == null || kind.prefix() == null ? prefix : kind.prefix();
    }

    /** The path of the base model under {@code head}; the usual one under a head that no class of Hugging Face has. */
    public String prefix(Head head) {
        String name = head.className();
        return prefix(name == null ? null : head(name));
    }

    /** Whether the head of a language model is the table of the word embeddings. */
    boolean tiesHead(JsonObject config) {
        return config.flag("tie_word_embeddings", tied);
    }

    /**
     * The part of a file that is the base model: files of a base model alone have no prefix.
     *
     * @param kind of the file's class, or null
     * @param shared whether the table of the words is the head's too, and may stand in the file under its name alone
     */
    TensorReader base(TensorReader files, @Nullable HeadKind kind, boolean shared) {
        String path = prefix(kind) + ".";
        String start = !files.contains(words) && files.hasAny(path) ? path : "";
        TensorReader whole = files;
        for (String table : shared ? TABLES : List.<String>of()) {
            whole = whole.orElse(start + words, table);
        }
        return whole.under(start).asRoot();
    }

    /**
     * Takes the base model out of {@code files}, which may hold more.
     *
     * @param kind of the files' class; null where they have no head, and a pooler if they like
     */
    Backbone load(JsonObject config, TensorReader files, @Nullable HeadKind kind) {
        return maker.make(this, config, base(files, kind, tiesHead(config)),
                kind == null ? Pooler.WHERE_PRESENT : kind.pooler());
    }

    /** What a file may hold beside the base model, as a regular expression. */
    String besideTheBase() {
        return HEADS + "|" + buffers;
    }
}
