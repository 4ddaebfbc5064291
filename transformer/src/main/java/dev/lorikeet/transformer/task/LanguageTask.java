package dev.lorikeet.transformer.task;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.CrossEntropy;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WholeRows;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.tokenizer.Encoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of the vocabulary for tokens of a text. What is learned from is inputs alone: the target of an input is
 * itself.
 *
 * <p>Nothing of a text is left out: one that is longer than a model reads is cut into pieces of about the same length,
 * which are read each by itself. With a {@linkplain #blockSize block size}, whole texts stand together in one example,
 * as many as there is room for; no token sees another text.
 *
 * <p>Below texts, an {@link Encoded} may have a class of each token, or {@link CrossEntropy#IGNORED}, as Hugging Face's
 * labels.
 *
 * @param <X> an input, for example a text
 * @param <P> a prediction
 */
public sealed interface LanguageTask<X, P> extends SmoothedTask<X, X, P>
        permits MaskedLanguageModel, CausalLanguageModel {
    /** The most tokens of an example that has several texts; 0 where each text is one. */
    int blockSize();

    /** A sequence of tokens to learn from. */
    Encoded piece(int[] ids, Model model);

    /** What is asked about a text. */
    Encoded question(Encoded text, Model model);

    /** What the logits of an example's {@link #rows} are compared with, or {@link CrossEntropy#IGNORED}. */
    int[] targets(Encoded example);

    /** The tokens of an example to learn from that may be targets, and {@link CrossEntropy#IGNORED}. */
    int[] possible(Encoded example);

    /**
     * What was made of so many targets.
     *
     * @param right how many of them had the largest logit
     */
    static Evaluation evaluation(double loss, long right, long told) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("perplexity", Math.exp(loss));
        metrics.put("accuracy", (double) right / told);
        return new Evaluation(loss, metrics, null);
    }

    /** @throws IllegalArgumentException if it is no size of blocks */
    static void requireBlockSize(int blockSize) {
        if (blockSize < 0 || blockSize == 1) {
            throw new IllegalArgumentException("block_size: must be at least 2, or 0 for none, not " + blockSize);
        }
    }

    @Override
    default Map<String, Object> settings() {
        return blockSize() == 0 ? Map.of() : Map.of("block_size", blockSize());
    }

    /** @throws IllegalArgumentException if the target of an input is another */
    default void requireItself(X input, @Nullable X target) {
        if (target != null && !target.equals(input)) {
            throw new IllegalArgumentException(kind() + ": the target of a text is the text itself");
        }
    }

    /**
     * A text to learn from, all of it, or one to be asked about, as much of it as the model reads.
     *
     * @param asked whether it is one to be asked about
     */
    default Encoded text(String input, boolean asked, Model model) {
        int most = model.backbone().maxTokens();
        Encoding encoding = model.tokenizer().encode(input, asked ? most : Integer.MAX_VALUE);
        int[] ids = encoding.ids();
        if (ids.length == 0) {
            throw new InputException(kind() + ": a text without tokens");
        }
        if (asked) {
            return question(Encoded.of(ids, encoding.truncated()), model);
        }
        int count = Math.ceilDiv(ids.length, blockSize() == 0 ? most : Math.min(most, blockSize()));
        List<Encoded> pieces = new ArrayList<>(count);
        for (long i = 0; i < count; i++) {
            pieces.add(piece(Arrays.copyOfRange(ids, (int) (i * ids.length / count),
                    (int) ((i + 1) * ids.length / count)), model));
        }
        return Encoded.joined(pieces);
    }

    /** Blocks of whole texts, in their order; without a block size, each text and each piece of one alone. */
    @Override
    default List<Encoded> arranged(List<Encoded> encoded, Model model) {
        List<Encoded> all = new ArrayList<>();
        List<Encoded> block = new ArrayList<>();
        int tokens = 0;
        for (Encoded text : encoded) {
            for (Encoded piece : text.each()) {
                if (!block.isEmpty() && tokens + piece.tokens() > blockSize()) {
                    all.add(Encoded.joined(block));
                    block.clear();
                    tokens = 0;
                }
                block.add(piece);
                tokens += piece.tokens();
            }
        }
        if (!block.isEmpty()) {
            all.add(Encoded.joined(block));
        }
        return all;
    }

    @Override
    default Variable loss(Tape tape, Variable logits, List<Encoded> examples, double over, TargetWeights weights) {
        return Losses.crossEntropy(tape, logits, examples.stream().flatMapToInt(example -> Arrays.stream(targets(
                example))).toArray(), weights.labelSmoothing(), over);
    }

    /** Counts how many targets have the largest logit. */
    final class Count implements Meter {
        private final LanguageTask<?, ?> task;
        private long told;
        private long right;

        private Count(LanguageTask<?, ?> task) {
            this.task = task;
        }

        @Override
        public void add(Tensor logits, List<Encoded> examples) {
            add(logits, examples.stream().flatMapToInt(example -> Arrays.stream(task.targets(example))).toArray());
        }

        /** @param targets one of each row, or {@link CrossEntropy#IGNORED} */
        void add(Tensor logits, int[] targets) {
            for (int row = 0; row < targets.length; row++) {
                if (targets[row] != CrossEntropy.IGNORED) {
                    told++;
                    right += WholeRows.argmax(logits, row) == targets[row] ? 1 : 0;
                }
            }
        }

        @Override
        public Evaluation result(double loss) {
            return evaluation(loss, right, told);
        }
    }

    /** The {@code perplexity}, exp of the loss, and the share of the targets that have the largest logit. */
    @Override
    default Meter meter() {
        return new Count(this);
    }
}
