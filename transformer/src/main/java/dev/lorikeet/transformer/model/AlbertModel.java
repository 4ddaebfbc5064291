package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.SequenceHead.Pooling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * ALBERT (Lan et al. 2020): BERT's layers, of which one group is used again and again, as a rule one layer for all, so
 * that its gradients are sums over all uses; embeddings are smaller than hidden states, and are projected to their
 * size. An adapter on a layer is used wherever the layer is.
 */
public final class AlbertModel extends Backbone {
    private static final String WORDS = "embeddings.word_embeddings";
    private static final String POOLER = "pooler";
    private static final String USUAL_ACTIVATION = "gelu_new";
    private static final BertLayer.Paths LAYER = new BertLayer.Paths("attention", "attention.query", "attention.key",
            "attention.value", "attention.dense", "attention.LayerNorm", "ffn", "ffn_output",
            "full_layer_layer_norm");

    /** The descriptor. Files of the pre-trained model hold the head that tells the order of sentences. */
    static final Architecture ARCHITECTURE = new Architecture("albert", "Albert", "albert", WORDS + ".weight", true,
            "(.*\\.)?(position_ids|token_type_ids)|sop_classifier\\..*|predictions\\..*", AlbertModel::new,
            Map.of("ForSequenceClassification", HeadKind.sequences(Pooling.POOLER, "classifier"),
                    "ForTokenClassification", HeadKind.tokens("classifier"), "ForMaskedLM", masked(), "ForPreTraining",
                    masked(), "ForQuestionAnswering", HeadKind.spans()));

    private static HeadKind masked() {
        return HeadKind.masked("predictions.dense", "predictions.LayerNorm", "predictions",
                config -> ConfigFields.activation(config, "hidden_act", USUAL_ACTIVATION));
    }

    private final Architecture architecture;
    private final BertConfig config;
    private final Embedding words;
    private final Embedding positions;
    private final Embedding types;
    private final LayerNorm norm;
    private final Linear projection;
    private final List<List<BertLayer>> groups = new ArrayList<>();
    private final int inGroup;
    private final @Nullable Linear pooler;

    AlbertModel(Architecture architecture, JsonObject json, TensorReader files, Pooler pooler) {
        this.architecture = architecture;
        config = BertConfig.read(ConfigFields.withDefault(json, "hidden_act", USUAL_ACTIVATION), "albert", 0);
        int size = ConfigFields.positive(json, "embedding_size", 128);
        int count = ConfigFields.positive(json, "num_hidden_groups", 1);
        if (count > config.layers()) {
            throw json.error("num_hidden_groups", "must be at most num_hidden_layers " + config.layers() + ", not "
                    + count);
        }
        inGroup = ConfigFields.positive(json, "inner_group_num", 1);
        words = table(files, WORDS, config.vocabularySize(), size, config.paddingIndex());
        positions = table(files, "embeddings.position_embeddings", config.maxPositions(), size,
                SequenceOps.NO_PADDING);
        types = table(files, "embeddings.token_type_embeddings", config.typeVocabularySize(), size,
                SequenceOps.NO_PADDING);
        norm = child("embeddings.LayerNorm", files.layerNorm("embeddings.LayerNorm", size, config.layerNormEps()));
        projection = child("encoder.embedding_hidden_mapping_in",
                files.linear("encoder.embedding_hidden_mapping_in", size, config.hiddenSize()));
        for (int group = 0; group < count; group++) {
            List<BertLayer> layers = new ArrayList<>();
            for (int i = 0; i < inGroup; i++) {
                String path = "encoder.albert_layer_groups." + group + ".albert_layers." + i;
                layers.add(child(path, new BertLayer(config, LAYER, files.under(path + "."))));
            }
            groups.add(layers);
        }
        this.pooler = pooler.isWanted(files, POOLER)
                ? child(POOLER, files.linear(POOLER, config.hiddenSize(), config.hiddenSize()))
                : null;
    }

    private Embedding table(TensorReader files, String path, int entries, int size, int padding) {
        return child(path, files.embedding(path, entries, size, padding));
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

    /** A group's layers are counted each time that the group is used. */
    @Override
    int count() {
        return config.layers() * inGroup;
    }

    @Override
    protected Variable embed(Pass pass, Batch batch) {
        Variable placed = ElementOps.add(pass.tape(), words.forward(pass, batch.ids()),
                positions.forward(pass, pass.rows().positions()));
        return projection.forward(pass, norm.forward(pass.tape(), placed, types.forward(pass, batch.typeIds())));
    }

    @Override
    protected Variable layer(int index, Pass pass, Variable x) {
        int group = (int) (index / inGroup / ((double) config.layers() / groups.size()));
        return groups.get(group).get(index % inGroup).forward(pass, x);
    }

    @Override
    protected Variable finish(Pass pass, Variable x) {
        return x;
    }

    /** The pooler. */
    @Override
    public List<String> besideHiddenStates() {
        return pooler == null ? List.of() : List.of(POOLER);
    }

    @Override
    public boolean hasPooler() {
        return pooler != null;
    }

    @Override
    public Variable pooled(Pass pass, Variable hidden) {
        return pooler == null ? super.pooled(pass, hidden) : Pooler.pooled(pass, pooler, hidden);
    }
}
