package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.transformer.InputException;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.Weights;
import java.nio.file.Path;

/** Hugging Face's class of this name: a {@link BertModel} with its pooler, and a linear map of what that gives. */
public final class BertForSequenceClassification extends Module {
    private static final String BUFFERS = "bert\\.embeddings\\.position_ids";

    private final BertModel bert;
    private final Linear classifier;

    private BertForSequenceClassification(BertModel bert, Linear classifier) {
        this.bert = child("bert", bert);
        this.classifier = child("classifier", classifier);
    }

    /**
     * Loads a Hugging Face directory.
     *
     * @throws InputException if the files do not make this model
     */
    public static BertForSequenceClassification load(Path directory) {
        BertConfig config = BertConfig.read(directory.resolve("config.json"));
        try (Weights weights = Safetensors.openDirectory(directory)) {
            Checkpoint checkpoint = new Checkpoint(weights);
            BertModel bert = new BertModel(config, checkpoint.under("bert."));
            if (!bert.hasPooler()) {
                throw new InputException(weights.source(), "bert.pooler.dense.weight", "there is no such tensor");
            }
            Linear classifier = checkpoint.linear("classifier", config.hiddenSize(), config.labels());
            checkpoint.requireAllTaken(BUFFERS);
            return new BertForSequenceClassification(bert, classifier);
        }
    }

    public BertModel bert() {
        return bert;
    }

    public Linear classifier() {
        return classifier;
    }

    /** @return the logits (sequences, labels) */
    public Variable forward(Tape tape, Batch batch) {
        Variable pooled = bert.pooled(tape, bert.forward(tape, batch), batch.offsets());
        return classifier.forward(tape, pooled);
    }
}
