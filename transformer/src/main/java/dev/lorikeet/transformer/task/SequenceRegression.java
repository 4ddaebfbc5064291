package dev.lorikeet.transformer.task;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.metrics.Fit;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.Outputs;
import dev.lorikeet.transformer.primitive.FloatList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Numbers of a text, or of a pair, by the mean squared error.
 *
 * @param labels the names of the numbers, in the order of the logits
 * @param scales of each number: a logit is so many deviations from the mean, so that prices are learned as well as
 *     grades
 */
public record SequenceRegression<X>(Reading<X> reading, List<String> labels, HeadChoice choice, List<Scale> scales)
        implements
            SequenceTask<X, float[], float[]> {
    static final String KIND = "sequence-regression";

    /**
     * Where numbers are, and how far apart.
     *
     * @param deviation positive
     */
    public record Scale(float mean, float deviation) {
        /** Larger numbers overflow in a few deviations. */
        private static final float LARGEST = 1e30f;
        /** A logit is the number itself, as in Hugging Face's heads. */
        public static final Scale NONE = new Scale(0, 1);

        public Scale {
            if (!(Math.abs(mean) <= LARGEST && deviation >= 1 / LARGEST && deviation <= LARGEST)) { // NaN too
                throw new IllegalArgumentException("deviations: a mean of " + mean + " with a deviation of " + deviation
                        + " is beyond what floats scale");
            }
        }

        /** That of these numbers; where all are the same, they alone are the mean. */
        public static Scale of(double... numbers) {
            double mean = Arrays.stream(numbers).average().orElse(0);
            double variance = Arrays.stream(numbers).map(each -> (each - mean) * (each - mean)).average().orElse(0);
            float deviation = (float) Math.sqrt(variance);
            return new Scale((float) mean, deviation >= 1 / LARGEST ? deviation : 1);
        }

        float logit(float number) {
            return (number - mean) / deviation;
        }

        float number(float logit) {
            return mean + deviation * logit;
        }
    }

    public SequenceRegression {
        labels = ClassNames.of(labels, 1);
        scales = List.copyOf(scales);
        if (scales.size() != labels.size()) {
            throw new IllegalArgumentException("means: " + scales.size() + " for " + labels.size()
                    + " labels");
        }
    }

    /** Numbers that are logits. */
    static <X> SequenceRegression<X> unscaled(Reading<X> reading, List<String> labels, HeadChoice choice) {
        return new SequenceRegression<>(reading, labels, choice, Collections.nCopies(labels.size(), Scale.NONE));
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>(SequenceTask.super.settings());
        settings.put("means", scales.stream().map(Scale::mean).toList());
        settings.put("deviations", scales.stream().map(Scale::deviation).toList());
        return settings;
    }

    @Override
    public Outputs outputs() {
        return new Outputs(labels, Outputs.Problem.REGRESSION);
    }

    @Override
    public Encoded withTarget(Encoded input, float[] target) {
        if (target.length != labels.size()) {
            throw new IllegalArgumentException("regression: " + target.length + " targets of an example for "
                    + labels.size() + " outputs");
        }
        for (float number : target) {
            if (!Float.isFinite(number)) {
                throw new IllegalArgumentException("regression: the target " + number + " of an example is no number");
            }
        }
        return input.numbers(target.clone());
    }

    @Override
    public int count(Encoded example) {
        return labels.size();
    }

    @Override
    public Variable loss(Tape tape, Variable logits, List<Encoded> examples, double over) {
        return Losses.meanSquaredError(tape, logits, targets(examples), over);
    }

    /** (examples, numbers), as logits. */
    private Tensor targets(List<Encoded> examples) {
        int count = labels.size();
        Tensor targets = Tensor.zeros(examples.size(), count);
        for (int i = 0; i < examples.size(); i++) {
            float[] numbers = examples.get(i).numbers();
            if (numbers.length != count) {
                throw new IllegalArgumentException("regression: " + numbers.length + " targets of example " + i
                        + " for " + count + " outputs");
            }
            for (int j = 0; j < count; j++) {
                targets.data()[i * count + j] = scales.get(j).logit(numbers[j]);
            }
        }
        return targets;
    }

    @Override
    public List<float[]> predictions(Model model, Tensor logits, List<Encoded> examples) {
        return IntStream.range(0, examples.size()).mapToObj(i -> {
            float[] numbers = new float[labels.size()];
            for (int j = 0; j < numbers.length; j++) {
                numbers[j] = scales.get(j).number(logits.get(i, j));
            }
            return numbers;
        }).toList();
    }

    @Override
    public Meter meter() {
        FloatList actual = new FloatList();
        FloatList said = new FloatList();
        return new Meter() {
            @Override
            public void add(Tensor logits, List<Encoded> examples) {
                for (int i = 0; i < examples.size(); i++) {
                    for (int j = 0; j < labels.size(); j++) {
                        actual.add(examples.get(i).numbers()[j]);
                        said.add(scales.get(j).number(logits.get(i, j)));
                    }
                }
            }

            @Override
            public Evaluation result(double loss) {
                float[] predicted = said.toArray();
                for (float number : predicted) {
                    if (!Float.isFinite(number)) { // which the loss, of logits, need not be
                        return new Evaluation(Double.POSITIVE_INFINITY, Map.of(), null);
                    }
                }
                return Evaluation.of(new Fit(labels, actual.toArray(), predicted), loss);
            }
        };
    }
}
