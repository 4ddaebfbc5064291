package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.nn.Rows;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.Map;

/**
 * ELECTRA (Clark et al. 2020), discriminator and generator: BERT without its pooler, with embeddings that may be
 * smaller. The generator has the head for masks.
 */
public final class ElectraModel extends BertEncoder {
    /** The descriptor. Files of the pre-trained models hold the head that tells replaced tokens, or masked ones. */
    static final Architecture ARCHITECTURE = new Architecture("electra", "Electra", "electra", WORDS, true,
            BUFFERS + "|discriminator_predictions\\..*|generator_(predictions|lm_head)\\..*",
            (architecture, config, files, _) -> new ElectraModel(architecture, config, files),
            Map.of("ForSequenceClassification", HeadKind.firstToken("classifier.dense", _ -> Activation.GELU,
                    "classifier.out_proj"), "ForTokenClassification", HeadKind.tokens("classifier"), "ForMaskedLM",
                    HeadKind.masked(_ -> MaskedHead.Paths.ofLayer("generator_predictions.dense",
                            "generator_predictions.LayerNorm", "generator_lm_head"), _ -> Activation.GELU),
                    "ForQuestionAnswering", HeadKind.spans()));

    private final Architecture architecture;

    ElectraModel(Architecture architecture, JsonObject json, TensorReader files) {
        BertConfig config = BertConfig.read(json, "electra", 0);
        super(config, ConfigFields.positive(json, "embedding_size", 128), files, Pooler.NONE, SequenceOps.NO_PADDING);
        this.architecture = architecture;
    }

    @Override
    public Architecture architecture() {
        return architecture;
    }

    @Override
    int[] positions(Rows rows, int[] ids) {
        return rows.positions();
    }
}
