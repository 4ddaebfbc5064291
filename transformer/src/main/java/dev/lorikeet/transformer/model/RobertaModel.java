package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.nn.Rows;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.Map;

/**
 * RoBERTa (Liu et al. 2019): BERT's layers; positions count the tokens that are not padding, from
 * {@code pad_token_id} + 1 on, and padding has position {@code pad_token_id}, whose row is not trained.
 */
public final class RobertaModel extends BertEncoder {
    /** The descriptor. */
    static final Architecture ARCHITECTURE = new Architecture("roberta", "Roberta", "roberta", WORDS, true, BUFFERS,
            (_, config, files, pooler) -> new RobertaModel(config(config), files, pooler),
            Map.of("ForSequenceClassification", HeadKind.firstToken("classifier.dense", _ -> Activation.TANH,
                    "classifier.out_proj"),
                    "ForTokenClassification", HeadKind.tokens("classifier"),
                    "ForMaskedLM", HeadKind.masked("lm_head.dense", "lm_head.layer_norm", "lm_head",
                            _ -> Activation.GELU),
                    "ForQuestionAnswering", HeadKind.spans()));

    private static BertConfig config(JsonObject json) {
        BertConfig config = BertConfig.read(json, "roberta", 1);
        if (config.maxPositions() <= config.paddingIndex() + 1) {
            throw json.error("max_position_embeddings", "must be above pad_token_id + 1 = " + (config.paddingIndex()
                    + 1) + ", where positions start, not " + config.maxPositions());
        }
        return config;
    }

    RobertaModel(BertConfig config, TensorReader files, Pooler pooler) {
        super(config, files, pooler, config.paddingIndex());
    }

    @Override
    public Architecture architecture() {
        return ARCHITECTURE;
    }

    @Override
    public int maxTokens() {
        return config().maxPositions() - config().paddingIndex() - 1;
    }

    @Override
    int[] positions(Rows rows, int[] ids) {
        int padding = config().paddingIndex();
        int[] offsets = rows.offsets();
        int[] positions = new int[rows.count()];
        for (int s = 0; s < rows.sequences(); s++) {
            int next = padding + 1 + rows.positions()[offsets[s]];
            for (int i = offsets[s]; i < offsets[s + 1]; i++) {
                positions[i] = ids[i] == padding ? padding : next++;
            }
        }
        return positions;
    }
}
