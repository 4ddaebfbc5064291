package dev.lorikeet.transformer.task;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Softmax;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WholeRows;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.metrics.ConfusionMatrix;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.MeanPooledHead;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.Outputs;
import dev.lorikeet.transformer.model.SequenceHead;
import dev.lorikeet.transformer.tokenizer.Encoding;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One class of a text.
 *
 * @param labels the names of the classes, in the order of the logits
 * @param pooling how the tokens of a text become one vector
 */
public record SequenceClassification(List<String> labels, Pooling pooling)
        implements
            Task<String, Integer, List<Prediction>> {
    static final String KIND = "sequence-classification";

    /** How the tokens of a text become one vector. */
    public enum Pooling {
        /** Their mean, see {@link MeanPooledHead}. */
        MEAN,
        /** As Hugging Face's {@code …ForSequenceClassification} of the architecture, see {@link SequenceHead}. */
        PRETRAINED
    }

    public SequenceClassification {
        labels = ClassNames.of(labels, pooling == Pooling.PRETRAINED ? 2 : 1); // of one, Hugging Face's is a number
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("labels", labels, "pooling", pooling.name().toLowerCase(Locale.ROOT));
    }

    @Override
    public Encoded encode(String input, @Nullable Integer target, Model model) {
        if (target != null && (target < 0 || target >= labels.size())) {
            throw new IllegalArgumentException("classification: class " + target + " of an example is not one of "
                    + labels.size());
        }
        Encoding encoding = model.tokenizer().encode(input, model.backbone().maxTokens());
        Encoded encoded = Encoded.of(encoding.ids(), encoding.truncated());
        return target == null ? encoded : encoded.classes(target);
    }

    @Override
    public Head head(Model model, long seed) {
        return switch (pooling) {
            case MEAN -> new MeanPooledHead(labels.size(), model.backbone().config().hiddenSize(), seed);
            case PRETRAINED -> SequenceHeads.of(model, new Outputs(labels, false), seed);
        };
    }

    @Override
    public boolean trainsHead() {
        return true;
    }

    @Override
    public int count(Encoded example) {
        return 1;
    }

    @Override
    public Variable loss(Tape tape, Variable logits, List<Encoded> examples, double over) {
        return Losses.crossEntropy(tape, logits, Encoded.classes(examples), 0f, over);
    }

    /** Every class with its probability, the most probable first. */
    @Override
    public List<List<Prediction>> predictions(Compute compute, Tensor logits, List<Encoded> examples) {
        Tensor probabilities = Tensor.zeros(logits.shape());
        Softmax.forward(compute, logits, probabilities);
        List<List<Prediction>> all = new ArrayList<>();
        for (int example = 0; example < examples.size(); example++) {
            int row = example;
            all.add(IntStream.range(0, labels.size())
                    .mapToObj(i -> new Prediction(labels.get(i), probabilities.get(row, i)))
                    .sorted(Comparator.comparing(Prediction::probability).reversed()).toList());
        }
        return all;
    }

    @Override
    public Meter meter() {
        IntArrayList actual = new IntArrayList();
        IntArrayList predicted = new IntArrayList();
        return new Meter() {
            @Override
            public void add(Tensor logits, List<Encoded> examples) {
                for (int i = 0; i < examples.size(); i++) {
                    actual.add(examples.get(i).classes()[0]);
                    predicted.add(WholeRows.argmax(logits, i));
                }
            }

            @Override
            public Evaluation result(double loss) {
                return Evaluation.of(new ConfusionMatrix(labels.size(), actual.toIntArray(), predicted.toIntArray()),
                        loss);
            }
        };
    }

    @Override
    public void requireFits(Examples<String, Integer> data) {
        if (data instanceof Dataset set && !set.labels().equals(labels)) {
            throw new IllegalArgumentException("data set " + data.name() + " has the classes "
                    + Shown.names(set.labels()) + ", the classifier " + Shown.names(labels));
        }
    }
}
