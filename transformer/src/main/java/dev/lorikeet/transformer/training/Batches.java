package dev.lorikeet.transformer.training;

import dev.lorikeet.tensor.Random;
import dev.lorikeet.transformer.io.InputException;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The micro-batches of a run: which examples are computed together, step by step. All of them follow from the examples,
 * the settings and the seed, so that a run may begin at any step, and are counted before the first one. Belongs to one
 * thread.
 */
public final class Batches {
    private final Trainable train;
    private final TrainingSettings settings;
    private final Draws draws;
    private final Course course;
    private final int mostTokens;
    private int atHand = -1;
    private List<int[]> ofAtHand = List.of();

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
        long tokens = 0;
        for (int i = 0; i < train.size(); i++) {
            tokens += train.tokens(i);
        }
        IntArrayList ends = new IntArrayList();
        int most = 0;
        for (long done = 0; !isEnd(done, ends.size());) {
            List<int[]> batches = epoch(ends.size());
            long steps = Math.ceilDiv(batches.size(), settings.accumulation());
            if (settings.maxSteps() == 0 && steps * settings.epochs() > Integer.MAX_VALUE) {
                throw new InputException("training.epochs: " + settings.epochs() + " are "
                        + steps * settings.epochs() + " steps, more than " + Integer.MAX_VALUE);
            }
            done += steps;
            ends.add((int) (settings.maxSteps() == 0 ? done : Math.min(done, settings.maxSteps())));
            for (int[] batch : batches) {
                most = Math.max(most, tokens(batch));
            }
        }
        this.course = new Course(ends, tokens);
        this.mostTokens = most;
    }

    private boolean isEnd(long steps, int epochs) {
        return settings.maxSteps() > 0 ? steps >= settings.maxSteps() : epochs == settings.epochs();
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
        if (epoch - 1 != atHand) {
            ofAtHand = epoch(epoch - 1);
            atHand = epoch - 1;
        }
        int each = settings.accumulation();
        int first = (step - 1 - course.before(epoch)) * each;
        List<MicroBatch> parts = new ArrayList<>(each);
        for (int i = first; i < Math.min(ofAtHand.size(), first + each); i++) {
            parts.add(new MicroBatch(ofAtHand.get(i), draws.key((step - 1) * each + i - first)));
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

    private List<int[]> epoch(int epoch) {
        int[] order = Random.permutation(train.size(), draws.epoch(epoch));
        List<int[]> batches = new ArrayList<>();
        for (int from = 0; from < order.length; from += settings.batchSize()) {
            batches.add(Arrays.copyOfRange(order, from, Math.min(order.length, from + settings.batchSize())));
        }
        return batches;
    }
}
