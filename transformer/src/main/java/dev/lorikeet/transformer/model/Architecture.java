package dev.lorikeet.transformer.model;

import dev.lorikeet.transformer.io.JsonObject;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The architectures, with what Hugging Face's files call their parts. */
public enum Architecture {
    /** {@link BertModel}. */
    BERT("bert", "Bert", "bert", "embeddings.word_embeddings.weight", "(.*\\.)?position_ids"),
    /** {@link RobertaModel}. */
    ROBERTA("roberta", "Roberta", "roberta", "embeddings.word_embeddings.weight", "(.*\\.)?position_ids"),
    /** {@link Gpt2Model}. */
    GPT2("gpt2", "GPT2", "transformer", "wte.weight", "(.*\\.)?attn\\.(masked_)?bias"),
    /** {@link LlamaModel}. */
    LLAMA("llama", "Llama", "model", "embed_tokens.weight", "(.*\\.)?rotary_emb\\.inv_freq");

    /** Heads that files may hold beside the base model. */
    private static final String HEADS = "(cls|classifier|score|lm_head|qa_outputs)\\..*";

    private final String modelType;
    private final String className;
    private final String prefix;
    private final String firstTensor;
    private final String buffers;

    Architecture(String modelType, String className, String prefix, String firstTensor, String buffers) {
        this.modelType = modelType;
        this.className = className;
        this.prefix = prefix;
        this.firstTensor = firstTensor;
        this.buffers = buffers;
    }

    /** {@code model_type} in {@code config.json}. */
    public String modelType() {
        return modelType;
    }

    /** The name of Hugging Face's class that ends in {@code ending}, for example {@code BertModel}. */
    public String className(String ending) {
        return className + ending;
    }

    /** The path of the base model in a model with a head: {@code base_model_prefix}. */
    public String prefix() {
        return prefix;
    }

    /** What old files hold that is no weight, as a regular expression. */
    String buffers() {
        return buffers;
    }

    /** The architecture that {@code model_type} names. */
    static Architecture of(JsonObject config) {
        String type = config.string("model_type");
        return Arrays.stream(values()).filter(architecture -> architecture.modelType.equals(type)).findFirst()
                .orElseThrow(() -> config.error("model_type", "\"" + type + "\" is not one of "
                        + Arrays.stream(values()).map(Architecture::modelType).collect(Collectors.joining(", "))));
    }

    /** The part of a file that is the base model: files of a base model alone have no prefix. */
    Checkpoint base(Checkpoint checkpoint) {
        return checkpoint.contains(prefix + "." + firstTensor) ? checkpoint.under(prefix + ".") : checkpoint;
    }

    /**
     * Takes the base model out of {@code checkpoint}.
     *
     * @param pooler what to do with BERT's pooler, which the others do not have
     */
    BaseModel load(JsonObject config, Checkpoint checkpoint, BertEncoder.Pooler pooler) {
        Checkpoint base = base(checkpoint);
        BaseModel model = switch (this) {
            case BERT -> new BertModel(BertConfig.read(config, this), base, pooler);
            case ROBERTA -> new RobertaModel(BertConfig.read(config, this), base, pooler);
            case GPT2 -> new Gpt2Model(Gpt2Config.read(config), base);
            case LLAMA -> new LlamaModel(LlamaConfig.read(config), base);
        };
        model.madeFrom(config);
        return model;
    }

    /** What a file may hold beside the base model, as a regular expression. */
    String besideTheBase() {
        return HEADS + "|" + buffers;
    }
}
