package dev.lorikeet.transformer.training;

import java.util.Collections;
import java.util.List;

/**
 * How long a run is, and where its epochs end: known before its first step, since schedules and allocators of ranks go
 * by it.
 *
 * @param ends the last step of each epoch, from 1 on; that of the last epoch, which may be cut short, is the run's
 * @param tokensPerEpoch in the training examples
 */
public record Course(List<Integer> ends, long tokensPerEpoch) {
    /** @throws IllegalArgumentException if there is no epoch, or one without a step */
    public Course {
        ends = List.copyOf(ends);
        for (int i = 0; i < ends.size(); i++) {
            if (ends.get(i) <= (i == 0 ? 0 : ends.get(i - 1))) {
                throw new IllegalArgumentException("training: epoch " + (i + 1) + " has no step");
            }
        }
        if (ends.isEmpty()) {
            throw new IllegalArgumentException("training: there is no epoch");
        }
    }

    /**
     * That of plain training.
     *
     * @throws dev.lorikeet.transformer.io.InputException if the steps are too many to count
     */
    public static Course of(Trainable train, TrainingSettings settings) {
        return new Batches(train, settings, Draws.training(settings.seed())).course();
    }

    /** The steps of the whole run. */
    public int steps() {
        return ends.getLast();
    }

    /** The epochs that it begins. */
    public int epochs() {
        return ends.size();
    }

    /** The epoch, from 1 on, of a step, from 1 on. */
    public int epoch(int step) {
        int at = Collections.binarySearch(ends, step);
        return at >= 0 ? at + 1 : -at;
    }

    /** The steps before an epoch, which is from 1 on. */
    public int before(int epoch) {
        return epoch == 1 ? 0 : ends.get(epoch - 2);
    }

    /** The steps of an epoch, which is from 1 on. */
    public int steps(int epoch) {
        return ends.get(epoch - 1) - before(epoch);
    }

    /** Whether a step, from 1 on, is the last of its epoch. */
    public boolean endsEpoch(int step) {
        return Collections.binarySearch(ends, step) >= 0;
    }
}
