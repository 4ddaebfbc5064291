package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.nn.Rows;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.Map;

/** ELECTRA (Clark et al. 2020), the discriminator: BERT without its pooler, with embeddings that may be smaller. */
public final class ElectraModel extends BertEncoder {
    /** The descriptor. Files of the pre-trained model hold the head that tells replaced tokens. */
    static final Architecture ARCHITECTURE = new Architecture("electra", "Electra", "electra", WORDS, true,
            BUFFERS + "|discriminator_predictions\\..*",
            (architecture, config, files, _) -> new ElectraModel(architecture, config, files),
            Map.of("ForSequenceClassification", HeadKind.firstToken("classifier.dense", _ -> Activation.GELU,
                    "classifier.out_proj"), "ForTokenClassification", HeadKind.tokens("classifier")));

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
