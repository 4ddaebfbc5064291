package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** DistilBERT (Sanh et al. 2019): BERT's layers under other names, without embeddings of segments and pooler. */
public final class DistilBertModel extends Backbone {
    private static final String WORDS = "embeddings.word_embeddings";
    private static final Map<String, String> OWN_NAMES = Map.of("hidden_size", "dim", "num_attention_heads", "n_heads",
            "num_hidden_layers", "n_layers");
    private static final float EPS = 1e-12f;

    /** The descriptor. */
    static final Architecture ARCHITECTURE = new Architecture("distilbert", "DistilBert", "distilbert",
            WORDS + ".weight", true,
            "(.*\\.)?position_ids|(pre_classifier|vocab_(transform|layer_norm|projector))\\..*",
            (architecture, config, files, _) -> new DistilBertModel(architecture, config(config), files),
            Map.of("ForSequenceClassification", HeadKind.firstToken("pre_classifier", _ -> Activation.RELU,
                    "classifier"), "ForTokenClassification", HeadKind.tokens("classifier"), "ForMaskedLM",
                    HeadKind.masked(_ -> MaskedHead.Paths.ofLayer("vocab_transform", "vocab_layer_norm",
                            "vocab_projector"), config -> ConfigFields.activation(config, "activation", "gelu")),
                    "ForQuestionAnswering", HeadKind.spans()));

    private static final BertLayer.Paths LAYER = new BertLayer.Paths("attention", "attention.q_lin",
            "attention.k_lin", "attention.v_lin", "attention.out_lin", "sa_layer_norm", "ffn.lin1", "ffn.lin2",
            "output_layer_norm");

    private final Architecture architecture;
    private final BertConfig config;
    private final Embedding words;
    private final Embedding positions;
    private final LayerNorm norm;
    private final List<BertLayer> layers = new ArrayList<>();

    private static BertConfig config(JsonObject file) {
        JsonObject json = ConfigFields.underOwnNames(file, OWN_NAMES);
        ConfigFields.require(json, "model_type", "distilbert");
        ConfigFields.refuseUnsupported(json);
        int vocabularySize = ConfigFields.positive(json, "vocab_size");
        BertConfig config = new BertConfig(vocabularySize, ConfigFields.positive(json, "dim"),
                ConfigFields.positive(json, "n_layers"), ConfigFields.positive(json, "n_heads"),
                ConfigFields.positive(json, "hidden_dim"), ConfigFields.positive(json, "max_position_embeddings"), 1,
                ConfigFields.activation(json, "activation", "gelu"), EPS,
                ConfigFields.paddingIndex(json, vocabularySize, 0));
        ConfigFields.requireDivides(json, "n_heads", config.heads(), "dim", config.hiddenSize());
        return config;
    }

    DistilBertModel(Architecture architecture, BertConfig config, TensorReader files) {
        this.architecture = architecture;
        this.config = config;
        int hidden = config.hiddenSize();
        words = child(WORDS, files.embedding(WORDS, config.vocabularySize(), hidden, config.paddingIndex()));
        positions = child("embeddings.position_embeddings", files.embedding("embeddings.position_embeddings",
                config.maxPositions(), hidden, SequenceOps.NO_PADDING));
        norm = child("embeddings.LayerNorm", files.layerNorm("embeddings.LayerNorm", hidden, EPS));
        for (int i = 0; i < config.layers(); i++) {
            String path = "transformer.layer." + i;
            layers.add(child(path, new BertLayer(config, LAYER, files.under(path + "."))));
        }
    }

    @Override
    public Architecture architecture() {
        return architecture;
    }

    @Override
    public BertConfig config() {
        return config;
    }

    @Override
    public Embedding words() {
        return words;
    }

    @Override
    protected Variable embed(Pass pass, Batch batch) {
        requireOneSegment(batch);
        return norm.forward(pass.tape(), words.forward(pass, batch.ids()),
                positions.forward(pass, pass.rows().positions()));
    }

    @Override
    protected Variable layer(int index, Pass pass, Variable x) {
        return layers.get(index).forward(pass, x);
    }

    @Override
    protected Variable finish(Pass pass, Variable x) {
        return x;
    }
}
