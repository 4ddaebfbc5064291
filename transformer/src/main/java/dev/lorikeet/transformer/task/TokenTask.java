package dev.lorikeet.transformer.task;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.CrossEntropy;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WholeRows;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.model.CausalHead;
import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.MaskedHead;
import dev.lorikeet.transformer.model.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A token of the vocabulary for each token, of sequences of token ids. A target is one number for each token, or
 * {@link CrossEntropy#IGNORED}. The head is that of the files.
 */
public sealed interface TokenTask extends SmoothedTask<int[], int[], int[]> {
    /** The tokens behind masks: {@code …ForMaskedLM}. */
    record Masked() implements TokenTask {
        static final String KIND = "masked-language-model";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public Class<? extends Head> headKind() {
            return MaskedHead.class;
        }

        @Override
        public int[] targets(Encoded example) {
            return example.classes();
        }
    }

    /** The token after each token: {@code …ForCausalLM}. Targets are not shifted: as a rule they are the ids. */
    record Causal() implements TokenTask {
        static final String KIND = "causal-language-model";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public Class<? extends Head> headKind() {
            return CausalHead.class;
        }

        /** The target of the next row of the same sequence; the last row has none. */
        @Override
        public int[] targets(Encoded example) {
            int[] next = Arrays.copyOfRange(example.classes(), 1, example.classes().length + 1);
            next[next.length - 1] = CrossEntropy.IGNORED;
            return next;
        }
    }

    /** What the logits of each row are compared with. */
    int[] targets(Encoded example);

    @Override
    default Map<String, Object> settings() {
        return Map.of();
    }

    @Override
    default Encoded encode(int[] input, int @Nullable [] target, Model model) {
        if (input.length == 0) {
            throw new InputException(kind() + ": an input without tokens");
        }
        int room = Math.min(input.length, model.backbone().maxTokens());
        if (target != null && target.length != input.length) {
            throw new InputException(kind() + ": " + target.length + " targets for " + input.length + " tokens");
        }
        Encoded encoded = Encoded.of(Arrays.copyOf(input, room), input.length - room);
        return target == null ? encoded : encoded.classes(Arrays.copyOf(target, room));
    }

    /** The kind of head that this reads. */
    Class<? extends Head> headKind();

    @Override
    default Head head(Model model, long seed) {
        Head head = model.head();
        if (!headKind().isInstance(head)) {
            throw new InputException(kind() + ": the model " + model.id() + " is a " + head.className()
                    + ", which has no head for that");
        }
        return head;
    }

    /** {@link #targets}, where there is one for each token. */
    private int[] checked(Encoded example) {
        if (example.classes().length != example.tokens()) {
            throw new IllegalArgumentException(kind() + ": " + example.classes().length + " targets for "
                    + example.tokens() + " tokens");
        }
        return targets(example);
    }

    @Override
    default boolean trainsHead() {
        return false;
    }

    @Override
    default int count(Encoded example) {
        return CrossEntropy.counted(checked(example));
    }

    @Override
    default Variable loss(Tape tape, Variable logits, List<Encoded> examples, double over, float labelSmoothing) {
        return Losses.crossEntropy(tape, logits, examples.stream().flatMapToInt(example -> Arrays.stream(checked(
                example))).toArray(), labelSmoothing, over);
    }

    /** The most probable class of each token. */
    @Override
    default List<int[]> predictions(Compute compute, Tensor logits, List<Encoded> examples) {
        List<int[]> all = new ArrayList<>();
        int row = 0;
        for (Encoded example : examples) {
            int[] own = new int[example.tokens()];
            for (int i = 0; i < own.length; i++) {
                own[i] = WholeRows.argmax(logits, row++);
            }
            all.add(own);
        }
        return all;
    }

    @Override
    default Meter meter() {
        long[] counts = new long[2];
        return new Meter() {
            @Override
            public void add(Tensor logits, List<Encoded> examples) {
                int row = 0;
                for (Encoded example : examples) {
                    for (int target : checked(example)) {
                        counts[0] += target == CrossEntropy.IGNORED ? 0 : 1;
                        counts[1] += WholeRows.argmax(logits, row++) == target ? 1 : 0;
                    }
                }
            }

            @Override
            public Evaluation result(double loss) {
                Map<String, Double> metrics = new LinkedHashMap<>();
                metrics.put("accuracy", (double) counts[1] / counts[0]);
                metrics.put("perplexity", Math.exp(loss));
                return new Evaluation(loss, metrics, null);
            }
        };
    }
}
