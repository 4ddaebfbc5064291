package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Tensor;

/**
 * One class, or numbers, for each sequence: {@code …ForSequenceClassification}. BERT and RoBERTa read the first token,
 * BERT through its pooler, RoBERTa through a layer of the head; GPT-2 and Llama read the last token that is not
 * {@code pad_token_id}, and the last of all where there is no such id.
 */
public final class SequenceClassifier extends PretrainedModel {
    /** How the rows of a sequence become one. */
    enum Pooling {
        /** The first, through the base model's pooler. */
        POOLER,
        /** The first, through a layer of the head with tanh. */
        DENSE,
        /** The last that is not padding. */
        LAST_TOKEN
    }

    /** From (rows, hidden) to (sequences, hidden). */
    private interface Rows {
        Variable pooled(Tape tape, Variable hidden, Batch batch);
    }

    private final Outputs outputs;
    private final Rows rows;
    private final Linear output;

    /** @param path of the last layer in Hugging Face's files */
    SequenceClassifier(Source source, Pooling pooling, String path) {
        super(source, pooling == Pooling.POOLER ? Pooler.REQUIRED : Pooler.NONE);
        outputs = Outputs.read(source.config());
        rows = rows(source, pooling);
        output = child(path, source.files().linear(path, base().config().hiddenSize(), outputs.labels(),
                pooling != Pooling.LAST_TOKEN, Activation.NONE));
    }

    private Rows rows(Source source, Pooling pooling) {
        return switch (pooling) {
            case POOLER -> (tape, x, batch) -> base().pooled(tape, x, batch.offsets());
            case DENSE -> {
                int hidden = base().config().hiddenSize();
                Linear dense = child("classifier.dense",
                        source.files().linear("classifier.dense", hidden, hidden, Activation.TANH));
                yield (tape, x, batch) -> dense.forward(tape, SequenceOps.first(tape, x, batch.offsets()));
            }
            case LAST_TOKEN -> (tape, x, batch) -> ShapeOps.gather(tape, x, lastTokens(batch, base().config()
                    .paddingIndex()));
        };
    }

    /** Whether the logits are numbers rather than scores of classes. */
    public boolean isRegression() {
        return outputs.regression();
    }

    /** The number of classes, or of numbers. */
    public int labels() {
        return outputs.labels();
    }

    @Override
    Variable logits(Tape tape, Variable hidden, Batch batch) {
        return output.forward(tape, rows.pooled(tape, hidden, batch));
    }

    /** The row of the last token of each sequence that is not padding; its first row where all are. */
    private static int[] lastTokens(Batch batch, int padding) {
        int[] rows = new int[batch.sequences()];
        for (int s = 0; s < rows.length; s++) {
            int row = batch.offsets()[s + 1] - 1;
            while (row > batch.offsets()[s] && batch.ids()[row] == padding) {
                row--;
            }
            rows[s] = row;
        }
        return rows;
    }

    @Override
    public Variable loss(Tape tape, Variable logits, Batch batch, int[] labels) {
        if (outputs.regression()) {
            throw new IllegalArgumentException("loss: " + className() + " is a regression, whose targets are numbers");
        }
        return super.loss(tape, logits, batch, labels);
    }

    /**
     * The mean squared error of a regression.
     *
     * @param logits (sequences, labels), from {@link #forward}
     * @param targets as many numbers
     * @throws IllegalArgumentException if there are more or fewer, or this is no regression
     */
    public Variable loss(Tape tape, Variable logits, Tensor targets) {
        if (!outputs.regression()) {
            throw new IllegalArgumentException("loss: " + className() + " is no regression, its labels are classes");
        }
        boolean fits = targets.size() == logits.value().size();
        return Losses.meanSquaredError(tape, logits, fits ? targets.reshape(logits.value().shape().dims()) : targets);
    }
}
