package dev.lorikeet.transformer.training;

import dev.lorikeet.transformer.io.InputException;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The micro-batches of a run: which examples are computed together, step by step. All of them follow from the examples,
 * the settings and the seed, so that a run may begin at any step, and are counted before the first one. Belongs to one
 * thread, and takes the memory of one {@link Shuffle window}.
 */
public final class Batches {
    private final Trainable train;
    private final TrainingSettings settings;
    private final Draws draws;
    private final Shuffle shuffle;
    private final Course course;
    private final int mostTokens;
    /** Of each window that is used, epoch by epoch, how many micro-batches of its epoch are before it. */
    private final IntArrayList before = new IntArrayList();
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
        this.shuffle = new Shuffle(draws, train.size(), settings.shuffleWindow());
        if (train.size() == 0) {
            throw new IllegalArgumentException("training: 0 examples to train on");
        }
        long tokens = 0;
        for (int i = 0; i < train.size(); i++) {
            tokens += train.tokens(i);
        }
        IntArrayList ends = new IntArrayList();
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
        this.course = new Course(ends, tokens);
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
        while (window + 1 < end && before.getInt(window + 1) <= first) {
            window++;
        }
        List<MicroBatch> parts = new ArrayList<>(each);
        int next = first - before.getInt(window);
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
            atHand = cut(shuffle.order(number / shuffle.windows(), number % shuffle.windows()));
            windowAtHand = number;
        }
        return atHand;
    }

    private List<int[]> cut(int[] order) {
        List<int[]> batches = new ArrayList<>(Math.ceilDiv(order.length, settings.batchSize()));
        for (int from = 0; from < order.length; from += settings.batchSize()) {
            batches.add(Arrays.copyOfRange(order, from, Math.min(order.length, from + settings.batchSize())));
        }
        return batches;
    }
}
