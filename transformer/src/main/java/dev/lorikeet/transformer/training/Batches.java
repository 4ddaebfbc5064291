package dev.lorikeet.transformer.training;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.primitive.IntList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The micro-batches of a run: which examples are computed together, step by step. All of them follow from the examples,
 * the settings and the seed, so that a run may begin at any step, and are counted before the first one. Belongs to one
 * thread, and takes the memory of one {@link Shuffle window}.
 */
public final class Batches {
    /** The most batches whose examples are sorted by length together. */
    private static final int GROUPED = 50;

    private final Trainable train;
    private final TrainingSettings settings;
    private final Draws draws;
    private final Shuffle shuffle;
    private final @Nullable Balance balance;
    private final Course course;
    /** Of all examples. */
    private final long tokens;
    private final int mostTokens;
    /** Of each window that is used, epoch by epoch, how many micro-batches of its epoch are before it. */
    private final IntList before = new IntList();
    private int windowAtHand = -1;
    private List<int[]> atHand = List.of();

    /**
     * Those of a run over {@code train}.
     *
     * @throws IllegalArgumentException if there are no examples
     * @throws InputException if the steps are too many to count
     */
    public Batches(Trainable train, TrainingSettings settings, Draws draws) {
        this.train = train;
        this.settings = settings;
        this.draws = draws;
        if (train.size() == 0) {
            throw new IllegalArgumentException("training: 0 examples to train on");
        }
        this.shuffle = new Shuffle(draws, train.size(), settings.shuffleWindow());
        this.balance = settings.sampling() == Sampling.BALANCED ? Balance.of(train, settings, draws) : null;
        this.tokens = LongStream.range(0, train.size()).map(i -> train.tokens((int) i)).sum();
        List<Integer> ends = new ArrayList<>();
        int most = 0;
        for (long done = 0; !isEnd(done, ends.size());) {
            int batches = 0;
            for (int window = 0; window < shuffle.windows() && !isEnd(done + steps(batches), ends.size()); window++) {
                before.add(batches);
                for (int[] batch : window(ends.size() * shuffle.windows() + window)) {
                    most = Math.max(most, tokens(batch));
                    batches++;
                }
            }
            done += steps(batches);
            requireCountable(steps(batches));
            ends.add((int) (settings.maxSteps() == 0 ? done : Math.min(done, settings.maxSteps())));
        }
        this.course = new Course(ends, balance == null ? tokens : tokens(balance.order(0)));
        this.mostTokens = most;
    }

    private int steps(int batches) {
        return Math.ceilDiv(batches, settings.accumulation());
    }

    private boolean isEnd(long steps, int epochs) {
        return settings.maxSteps() > 0 ? steps >= settings.maxSteps() : epochs == settings.epochs();
    }

    private void requireCountable(long stepsPerEpoch) {
        long steps = stepsPerEpoch * settings.epochs();
        if (settings.maxSteps() == 0 && steps > Integer.MAX_VALUE) {
            throw new InputException("training.epochs: " + settings.epochs() + " are " + steps + " steps, more than "
                    + Integer.MAX_VALUE);
        }
    }

    /** How long the run is. */
    public Course course() {
        return course;
    }

    /** No micro-batch has more tokens. */
    int mostTokens() {
        return mostTokens;
    }

    /** Those of a step, which is from 1 on, in the order in which their gradients are added. */
    public List<MicroBatch> of(int step) {
        int epoch = course.epoch(step);
        int each = settings.accumulation();
        int first = (step - 1 - course.before(epoch)) * each;
        int window = (epoch - 1) * shuffle.windows();
        int end = Math.min(before.size(), window + shuffle.windows());
        while (window + 1 < end && before.get(window + 1) <= first) {
            window++;
        }
        List<MicroBatch> parts = new ArrayList<>(each);
        int next = first - before.get(window);
        for (; window < end && parts.size() < each; window++, next = 0) {
            List<int[]> batches = window(window);
            for (; next < batches.size() && parts.size() < each; next++) {
                parts.add(new MicroBatch(batches.get(next), draws.key((step - 1) * each + parts.size())));
            }
        }
        return parts;
    }

    /** The tokens of some examples. */
    int tokens(int[] examples) {
        int tokens = 0;
        for (int example : examples) {
            tokens += train.tokens(example);
        }
        return tokens;
    }

    /** @param number of the window, those of the epochs before it included */
    private List<int[]> window(int number) {
        if (number != windowAtHand) {
            atHand = cut(balance != null ? balance.order(number)
                    : shuffle.order(number / shuffle.windows(), number % shuffle.windows()));
            windowAtHand = number;
        }
        return atHand;
    }

    private List<int[]> cut(int[] order) {
        if (settings.lengthGrouped()) {
            group(order);
        }
        List<int[]> batches = new ArrayList<>();
        for (int from = 0; from < order.length;) {
            int to = settings.batchTokens() > 0 ? full(order, from)
                    : Math.min(order.length, from + settings.batchSize());
            batches.add(Arrays.copyOfRange(order, from, to));
            from = to;
        }
        return batches;
    }

    /** Where the batch ends that begins at {@code from} and has as many tokens as it may. */
    private int full(int[] order, int from) {
        int to = from;
        for (long tokens = 0; to < order.length; to++) {
            tokens += train.tokens(order[to]);
            if (tokens > settings.batchTokens() && to > from) {
                break;
            }
        }
        return to;
    }

    /**
     * Sorts each so many batches' worth of examples by length, the longest first, as transformers'
     * {@code LengthGroupedSampler}. The longest of all is not moved to the front, where that one finds out soon whether
     * the memory is enough: here it is asked for before the first step.
     */
    private void group(int[] order) {
        long batch = settings.batchTokens() == 0 ? settings.batchSize()
                : Math.max(1, (long) settings.batchTokens() * train.size() / Math.max(1, tokens));
        int size = (int) Math.min(order.length, batch * Math.clamp(train.size() / (4 * batch), 1, GROUPED));
        for (int from = 0; from < order.length; from += size) {
            int first = from;
            int[] group = Arrays.copyOfRange(order, from, Math.min(order.length, from + size));
            long[] keys = new long[group.length]; // lengths, and of equals the places, so that the sort is stable
            Arrays.setAll(keys, i -> (long) -train.tokens(group[i]) << Integer.SIZE | i);
            Arrays.sort(keys);
            for (int i = 0; i < group.length; i++) {
                order[first + i] = group[(int) keys[i]];
            }
        }
    }
}
