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
    /** From (rows, hidden) to (sequences, hidden). */
    private interface Pooling {
        Variable pooled(Tape tape, Variable hidden, Batch batch);
    }

    private final Outputs outputs;
    private final Pooling pooling;
    private final Linear output;

    SequenceClassifier(Source source) {
        super(source, source.architecture() == Architecture.BERT ? BertEncoder.Pooler.REQUIRED
                : BertEncoder.Pooler.NONE);
        outputs = Outputs.read(source.config());
        int hidden = base().config().hiddenSize();
        pooling = switch (base()) {
            case BertModel bert -> (tape, x, batch) -> bert.pooled(tape, x, batch.offsets());
            case RobertaModel _ -> {
                Linear dense = child("classifier.dense",
                        source.checkpoint().linear("classifier.dense", hidden, hidden, Activation.TANH));
                yield (tape, x, batch) -> dense.forward(tape, SequenceOps.first(tape, x, batch.offsets()));
            }
            case Gpt2Model _,LlamaModel _ -> (tape, x, batch) -> ShapeOps.gather(tape, x,
                    lastTokens(batch, base().config().paddingIndex()));
        };
        String path = switch (source.architecture()) {
            case BERT -> "classifier";
            case ROBERTA -> "classifier.out_proj";
            case GPT2, LLAMA -> "score";
        };
        output = child(path, source.checkpoint().linear(path, hidden, outputs.labels(), !path.equals("score"),
                Activation.NONE));
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
        return output.forward(tape, pooling.pooled(tape, hidden, batch));
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
