package dev.lorikeet.transformer.task;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.Outputs;
import dev.lorikeet.transformer.tokenizer.Encoding;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Numbers of a text, by the mean squared error, with Hugging Face's {@code …ForSequenceClassification} of the
 * architecture.
 *
 * @param labels the names of the numbers, in the order of the logits
 */
public record SequenceRegression(List<String> labels) implements Task<String, float[], float[]> {
    static final String KIND = "sequence-regression";

    public SequenceRegression {
        labels = ClassNames.of(labels, 1);
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("labels", labels);
    }

    @Override
    public Encoded encode(String input, float @Nullable [] target, Model model) {
        Encoding encoding = model.tokenizer().encode(input, model.backbone().maxTokens());
        Encoded encoded = Encoded.of(encoding.ids(), encoding.truncated());
        return target == null ? encoded : encoded.numbers(target);
    }

    @Override
    public Head head(Model model, long seed) {
        return SequenceHeads.of(model, new Outputs(labels, true), seed);
    }

    @Override
    public boolean trainsHead() {
        return true;
    }

    @Override
    public int count(Encoded example) {
        return labels.size();
    }

    @Override
    public Variable loss(Tape tape, Variable logits, List<Encoded> examples, double over) {
        return Losses.meanSquaredError(tape, logits, targets(examples), over);
    }

    /** (examples, numbers). */
    private Tensor targets(List<Encoded> examples) {
        Tensor targets = Tensor.zeros(examples.size(), labels.size());
        for (int i = 0; i < examples.size(); i++) {
            float[] numbers = examples.get(i).numbers();
            if (numbers.length != labels.size()) {
                throw new IllegalArgumentException("regression: " + numbers.length + " targets of example " + i
                        + " for " + labels.size() + " outputs");
            }
            System.arraycopy(numbers, 0, targets.data(), i * labels.size(), numbers.length);
        }
        return targets;
    }

    @Override
    public List<float[]> predictions(Compute compute, Tensor logits, List<Encoded> examples) {
        float[] all = logits.toArray();
        int count = labels.size();
        return IntStream.range(0, examples.size()).mapToObj(i -> Arrays.copyOfRange(all, i * count, (i + 1) * count))
                .toList();
    }

    @Override
    public Meter meter() {
        return new Meter() {
            @Override
            public void add(Tensor logits, List<Encoded> examples) {}

            @Override
            public Evaluation result(double loss) {
                return new Evaluation(loss, Map.of("mse", loss), null);
            }
        };
    }
}
