package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * DeBERTa, versions 2 and 3 (He et al. 2021): BERT's layers, whose scores also compare each query and each key with
 * embeddings of how far apart the two are. All layers share these; in version 2 a convolution over the embeddings is
 * added behind the first layer.
 */
public final class DebertaModel extends Backbone {
    private static final String WORDS = "embeddings.word_embeddings";

    /** The descriptor. The pooler is a part of the head. */
    static final Architecture ARCHITECTURE = new Architecture("deberta-v2", "DebertaV2", "deberta",
            WORDS + ".weight", true, "(.*\\.)?position_ids|pooler\\..*|(lm|mask)_predictions\\..*",
            (architecture, config, files, _) -> new DebertaModel(architecture, DebertaConfig.read(config), files),
            Map.of("ForSequenceClassification", HeadKind.firstToken("pooler.dense",
                    config -> ConfigFields.activation(config, "pooler_hidden_act", "gelu"), "classifier"),
                    "ForTokenClassification", HeadKind.tokens("classifier"), "ForMaskedLM",
                    HeadKind.masked(DebertaModel::masked, config -> ConfigFields.activation(config, "hidden_act",
                            "gelu")),
                    "ForQuestionAnswering", HeadKind.spans()));

    private final Architecture architecture;
    private final DebertaConfig config;
    private final Embedding words;
    private final @Nullable Embedding positions;
    private final @Nullable Embedding types;
    private final @Nullable Linear projection;
    private final LayerNorm norm;
    private final List<DebertaLayer> layers = new ArrayList<>();
    private final @Nullable Embedding distances;
    private final @Nullable LayerNorm distanceNorm;
    private final @Nullable DebertaConvolution convolution;

    DebertaModel(Architecture architecture, DebertaConfig config, TensorReader files) {
        this.architecture = architecture;
        this.config = config;
        int hidden = config.hiddenSize();
        float eps = config.layerNormEps();
        int size = config.embeddingSize();
        words = child(WORDS, files.embedding(WORDS, config.vocabularySize(), size, config.paddingIndex()));
        positions = config.biasedInput() ? table(files, "embeddings.position_embeddings", config.maxPositions(), size)
                : null;
        types = config.typeVocabularySize() > 0
                ? table(files, "embeddings.token_type_embeddings", config.typeVocabularySize(), size)
                : null;
        projection = size == hidden ? null
                : child("embeddings.embed_proj", files.linear("embeddings.embed_proj", size, hidden, false,
                        Activation.NONE));
        norm = child("embeddings.LayerNorm", files.layerNorm("embeddings.LayerNorm", hidden, eps));
        for (int i = 0; i < config.layers(); i++) {
            String path = "encoder.layer." + i;
            layers.add(child(path, new DebertaLayer(config, files.under(path + "."))));
        }
        DebertaConfig.Relative relative = config.relative();
        distances = relative == null ? null : table(files, "encoder.rel_embeddings", 2 * relative.span(), hidden);
        distanceNorm = relative == null || !relative.normalised() ? null
                : child("encoder.LayerNorm", files.layerNorm("encoder.LayerNorm", hidden, eps));
        convolution = config.convolution() == null ? null
                : child("encoder.conv", new DebertaConvolution(config.convolution(), hidden, eps,
                        files.under("encoder.conv.")));
    }

    /** By {@code legacy}: the names that BERT has, which is usual in transformers, or those of the authors' files. */
    private static MaskedHead.Paths masked(JsonObject config) {
        if (config.flag("legacy", true)) {
            return new MaskedHead.Paths("cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm",
                    "cls.predictions").eps(1e-7);
        }
        String head = "lm_predictions.lm_head";
        return new MaskedHead.Paths(head + ".dense", head + ".LayerNorm", head).eps(1e-7).alwaysTied();
    }

    private Embedding table(TensorReader files, String path, int entries, int size) {
        return child(path, files.embedding(path, entries, size, SequenceOps.NO_PADDING));
    }

    @Override
    public Architecture architecture() {
        return architecture;
    }

    @Override
    public DebertaConfig config() {
        return config;
    }

    @Override
    public Embedding words() {
        return words;
    }

    @Override
    protected Variable embed(Pass pass, Batch batch) {
        Tape tape = pass.tape();
        Variable sum = words.forward(pass, batch.ids());
        if (positions != null) {
            sum = ElementOps.add(tape, sum, positions.forward(pass, pass.rows().positions()));
        }
        if (types == null) {
            requireOneSegment(batch);
        } else {
            sum = ElementOps.add(tape, sum, types.forward(pass, batch.typeIds()));
        }
        return norm.forward(tape, projection == null ? sum : projection.forward(pass, sum));
    }

    @Override
    protected Variable layer(int index, Pass pass, Variable x) {
        Variable y = layers.get(index).forward(pass, x, distances(pass));
        return index > 0 || convolution == null ? y : convolution.forward(pass, x, y);
    }

    /** The embeddings of those distances that occur in the longest sequence of the pass, or null. */
    private DebertaLayer.@Nullable Distances distances(Pass pass) {
        DebertaConfig.Relative relative = config.relative();
        if (relative == null || distances == null) {
            return null;
        }
        int far = IntStream.range(0, pass.rows().sequences()).map(pass.rows()::length).max().orElse(1) - 1;
        int first = relative.bucket(-far);
        int[] buckets = IntStream.rangeClosed(-far, far).map(distance -> relative.bucket(distance) - first).toArray();
        Variable rows = distances.base(pass.tape(),
                IntStream.rangeClosed(first, relative.bucket(far)).toArray());
        return new DebertaLayer.Distances(
                distanceNorm == null ? rows : distanceNorm.forward(pass.tape(), rows), buckets);
    }

    @Override
    protected Variable finish(Pass pass, Variable x) {
        return x;
    }
}
