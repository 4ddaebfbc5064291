package dev.lorikeet.cli.run;

import dev.lorikeet.transformer.training.Course;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.TrainState;
import dev.lorikeet.transformer.training.TrainingListener;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps where a run is: after the last step of an epoch, before that is evaluated; in between every so many steps, or
 * as often as takes a hundredth of the time; and when the process is told to end.
 */
final class Checkpoints implements TrainingListener, AutoCloseable {
    private static final long OFTENEST = 10_000_000_000L;
    /** So many times as long as writing takes nothing is written. */
    private static final long PAUSE = 100;

    private final RunDirectory files;
    private final int every;
    private final Supplier<Map<String, Object>> about;
    private long due = System.nanoTime() + OFTENEST;
    private @Nullable Course course;
    private boolean stopping; // guarded by this, as what follows
    private boolean training = true;
    private int done;
    private int kept;

    /**
     * Of a run that goes on or begins.
     *
     * @param every so many steps, or 0 by the time it takes
     * @param about what there is to know of the run beside its state
     */
    Checkpoints(RunDirectory files, int every, Supplier<Map<String, Object>> about) {
        this.files = files;
        this.every = every;
        this.about = about;
        files.whenStopping(this::stop);
    }

    @Override
    public void started(Course whole) {
        course = whole;
    }

    @Override
    public boolean endsAfter(Step step, Supplier<TrainState> state) {
        if (isDue(step)) {
            long start = System.nanoTime();
            files.keep(state.get(), about.get());
            long end = System.nanoTime();
            due = end + Math.max(OFTENEST, PAUSE * (end - start));
            noteKept(step.step());
        }
        return false;
    }

    private synchronized boolean isDue(Step step) {
        done = step.step();
        return stopping || course != null && course.endsEpoch(step.step())
                || (every > 0 ? step.step() % every == 0 : System.nanoTime() - due >= 0);
    }

    private synchronized void noteKept(int step) {
        kept = step;
        notifyAll();
    }

    /** In the thread that ends the JVM: waits until the steps that are done are kept. */
    private synchronized void stop() {
        stopping = true;
        try {
            while (training && kept < done) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // somebody is in more of a hurry
        }
    }

    @Override
    public synchronized void close() {
        training = false;
        notifyAll();
    }
}
