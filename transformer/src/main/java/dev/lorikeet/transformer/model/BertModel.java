package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.nn.Rows;
import dev.lorikeet.transformer.model.SequenceHead.Pooling;
import java.util.Map;

/** BERT (Devlin et al. 2018): positions count from 0 on, whatever the tokens. */
public final class BertModel extends BertEncoder {
    /** The descriptor. */
    static final Architecture ARCHITECTURE = new Architecture("bert", "Bert", "bert", WORDS, true, BUFFERS,
            (_, config, files, pooler) -> new BertModel(BertConfig.read(config, "bert", 0), files, pooler),
            Map.of("ForSequenceClassification", HeadKind.sequences(Pooling.POOLER, "classifier"),
                    "ForTokenClassification", HeadKind.tokens("classifier"), "ForMaskedLM", masked(),
                    "ForPreTraining", masked(), "ForQuestionAnswering", HeadKind.spans()));

    private static HeadKind masked() {
        return HeadKind.masked("cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm",
                "cls.predictions", config -> ConfigFields.activation(config, "hidden_act", "gelu"));
    }

    BertModel(BertConfig config, TensorReader files, Pooler pooler) {
        super(config, files, pooler, SequenceOps.NO_PADDING);
    }

    @Override
    public Architecture architecture() {
        return ARCHITECTURE;
    }

    @Override
    int[] positions(Rows rows, int[] ids) {
        return rows.positions();
    }
}
