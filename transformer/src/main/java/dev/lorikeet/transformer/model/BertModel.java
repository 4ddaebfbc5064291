package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.weights.TensorFile;
import java.util.Map;

/** BERT (Devlin et al. 2018): positions count from 0 on, whatever the tokens. */
public final class BertModel extends BertEncoder {
    /** The descriptor. */
    static final Architecture ARCHITECTURE = new Architecture("bert", "Bert", "bert", WORDS, true, BUFFERS,
            (config, files, pooler) -> new BertModel(BertConfig.read(config, "bert", 0), files, pooler),
            Map.of("ForSequenceClassification",
                    source -> new SequenceClassifier(source, SequenceClassifier.Pooling.POOLER, "classifier"),
                    "ForTokenClassification", source -> new TokenClassifier(source, "classifier"),
                    "ForMaskedLM", source -> new MaskedLanguageModel(source, "cls.predictions.transform.dense",
                            "cls.predictions.transform.LayerNorm", "cls.predictions",
                            ConfigFields.activation(source.config(), "hidden_act", "gelu"))));

    BertModel(BertConfig config, TensorReader files, Pooler pooler) {
        super(config, files, pooler, SequenceOps.NO_PADDING);
    }

    /**
     * Builds the model from {@code weights}, whose names may begin with {@code bert.} as in checkpoints with a head.
     *
     * @throws InputException if a tensor is missing, has another shape than {@code config} says, or belongs to no layer
     */
    public static BertModel load(BertConfig config, TensorFile weights) {
        TensorReader files = new TensorReader(weights);
        BertModel model = new BertModel(config, ARCHITECTURE.base(files, false), Pooler.WHERE_PRESENT);
        files.requireAllTaken(ARCHITECTURE.besideTheBase());
        return model;
    }

    @Override
    public Architecture architecture() {
        return ARCHITECTURE;
    }

    @Override
    int[] positions(Batch batch) {
        return batch.positions();
    }
}
