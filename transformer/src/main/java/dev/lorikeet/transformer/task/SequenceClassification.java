package dev.lorikeet.transformer.task;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Softmax;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WholeRows;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.metrics.Classified;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.Outputs;
import dev.lorikeet.transformer.primitive.FloatList;
import dev.lorikeet.transformer.primitive.IntList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One class of a text, or of a pair.
 *
 * @param labels the names of the classes, in the order of the logits
 */
public record SequenceClassification<X>(Reading<X> reading, List<String> labels, HeadChoice choice)
        implements
            SequenceTask<X, Integer, List<Prediction>>,
            SmoothedTask<X, Integer, List<Prediction>> {
    static final String KIND = "sequence-classification";

    public SequenceClassification {
        labels = ClassNames.of(labels, choice == HeadChoice.PRETRAINED ? 2 : 1); // of one, Hugging Face's is a number
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Outputs outputs() {
        return new Outputs(labels, Outputs.Problem.SINGLE_LABEL);
    }

    @Override
    public Encoded withTarget(Encoded input, Integer target) {
        if (target < 0 || target >= labels.size()) {
            throw new IllegalArgumentException("classification: class " + target + " of an example is not one of "
                    + labels.size());
        }
        return input.classes(target);
    }

    @Override
    public int count(Encoded example) {
        return 1;
    }

    @Override
    public Variable loss(Tape tape, Variable logits, List<Encoded> examples, double over, TargetWeights weights) {
        return Losses.crossEntropy(tape, logits, Encoded.classes(examples), weights.array(),
                weights.labelSmoothing(), over);
    }

    /** Every class with its probability, the most probable first. */
    @Override
    public List<List<Prediction>> predictions(Model model, Tensor logits, List<Encoded> examples) {
        Tensor probabilities = Tensor.zeros(logits.shape());
        Softmax.forward(model.compute(), logits, probabilities);
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
        IntList actual = new IntList();
        IntList said = new IntList();
        FloatList confidence = new FloatList();
        return new Meter() {
            @Override
            public void add(Tensor logits, List<Encoded> examples) {
                for (int i = 0; i < examples.size(); i++) {
                    actual.add(examples.get(i).classes()[0]);
                    int most = WholeRows.argmax(logits, i);
                    said.add(most);
                    confidence.add(probability(logits, i, most));
                }
            }

            @Override
            public Evaluation result(double loss) {
                return Evaluation.of(new Classified(labels.size(), actual.toArray(), said.toArray(),
                        confidence.toArray()), loss);
            }
        };
    }

    /** Of the class {@code most}, whose logit is the largest of the row. */
    private static float probability(Tensor logits, int row, int most) {
        double sum = 0;
        for (int label = 0; label < logits.shape().dim(1); label++) {
            sum += StrictMath.exp((double) logits.get(row, label) - logits.get(row, most));
        }
        return (float) (1 / sum);
    }

    @Override
    public void requireFits(Examples<X, Integer> data) {
        if (data instanceof Dataset<X> set && !set.labels().equals(labels)) {
            throw new IllegalArgumentException("data set " + data.name() + " has the classes "
                    + Shown.names(set.labels()) + ", the classifier " + Shown.names(labels));
        }
    }
}
