package dev.lorikeet.transformer.task;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.metrics.Labelled;
import dev.lorikeet.transformer.metrics.Thresholds;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.Outputs;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Any number of labels of a text, or of a pair, each told by itself: by the binary cross-entropy of its logit.
 *
 * @param labels the names, in the order of the logits
 * @param thresholds the probabilities from which on labels are said, one for each
 */
public record MultiLabelClassification<X>(Reading<X> reading, List<String> labels, HeadChoice choice,
        Thresholds thresholds)
        implements
            SequenceTask<X, Set<Integer>, List<Prediction>> {
    static final String KIND = "multi-label-classification";

    public MultiLabelClassification {
        labels = ClassNames.of(labels, 1);
        if (thresholds.each().size() != labels.size()) {
            throw new IllegalArgumentException("thresholds: " + thresholds.each().size() + " for " + labels.size()
                    + " labels");
        }
        for (double threshold : thresholds.each()) {
            if (!(threshold > 0 && threshold < 1)) {
                throw new IllegalArgumentException("thresholds: " + threshold + " is not in (0, 1)");
            }
        }
    }

    /** This with other thresholds: what the model has learned stays the same. */
    public MultiLabelClassification<X> with(Thresholds other) {
        return new MultiLabelClassification<>(reading, labels, choice, other);
    }

    /** Whether what was predicted of a label is enough to say it. */
    public boolean isSaid(Prediction prediction) {
        return prediction.probability() >= thresholds.each().get(labels.indexOf(prediction.label()));
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>(SequenceTask.super.settings());
        settings.put("thresholds", thresholds.each());
        return settings;
    }

    @Override
    public Outputs outputs() {
        return new Outputs(labels, Outputs.Problem.MULTI_LABEL);
    }

    @Override
    public Encoded withTarget(Encoded input, Set<Integer> target) {
        for (int label : target) {
            if (label < 0 || label >= labels.size()) {
                throw new IllegalArgumentException("classification: label " + label + " of an example is not one of "
                        + labels.size());
            }
        }
        return input.classes(target.stream().mapToInt(label -> label).sorted().toArray());
    }

    @Override
    public int count(Encoded example) {
        return labels.size();
    }

    @Override
    public Variable loss(Tape tape, Variable logits, List<Encoded> examples, double over) {
        Tensor targets = Tensor.zeros(examples.size(), labels.size());
        for (int i = 0; i < examples.size(); i++) {
            for (int label : examples.get(i).classes()) {
                targets.data()[i * labels.size() + label] = 1;
            }
        }
        return Losses.binaryCrossEntropy(tape, logits, targets, over);
    }

    /** Every label with its probability, the most probable first; those are said that {@link #isSaid}. */
    @Override
    public List<List<Prediction>> predictions(Model model, Tensor logits, List<Encoded> examples) {
        List<List<Prediction>> all = new ArrayList<>();
        for (int example = 0; example < examples.size(); example++) {
            int row = example;
            all.add(IntStream.range(0, labels.size())
                    .mapToObj(i -> new Prediction(labels.get(i), (float) Losses.sigmoid(logits.get(row, i))))
                    .sorted(Comparator.comparing(Prediction::probability).reversed()).toList());
        }
        return all;
    }

    @Override
    public Meter meter() {
        List<boolean[]> actual = new ArrayList<>();
        List<float[]> scores = new ArrayList<>();
        return new Meter() {
            @Override
            public void add(Tensor logits, List<Encoded> examples) {
                for (int i = 0; i < examples.size(); i++) {
                    boolean[] has = new boolean[labels.size()];
                    for (int label : examples.get(i).classes()) {
                        has[label] = true;
                    }
                    float[] score = new float[labels.size()];
                    for (int label = 0; label < score.length; label++) {
                        score[label] = (float) Losses.sigmoid(logits.get(i, label));
                    }
                    actual.add(has);
                    scores.add(score);
                }
            }

            @Override
            public Evaluation result(double loss) {
                return Evaluation.of(new Labelled(labels, actual.toArray(boolean[][]::new),
                        scores.toArray(float[][]::new), thresholds), loss);
            }
        };
    }
}
