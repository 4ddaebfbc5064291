package dev.lorikeet.cli.run;

import dev.lorikeet.cli.report.Usage;
import dev.lorikeet.transformer.training.Course;
import dev.lorikeet.transformer.training.Epoch;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.TrainingListener;
import dev.lorikeet.transformer.training.TrainingResult;
import dev.lorikeet.transformer.training.Validation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What a run has told so far, and where its time went. The last to hear of a step, so that what others do with it does
 * not count as evaluation.
 */
final class Telemetry implements TrainingListener {
    /** What a run's time goes to. */
    enum Phase {
        LOAD, ENCODE, BASELINES, SEARCH, TRAIN, EVALUATE, SAVE
    }

    private final double[] seconds = new double[Phase.values().length];
    private final List<Step> steps = new ArrayList<>();
    private final List<Epoch> epochs = new ArrayList<>();
    private final List<Validation> validations = new ArrayList<>();
    private final List<Long> heap = new ArrayList<>();
    /** When the last of these things ended. */
    private long mark = System.nanoTime();

    /** A run goes on from what it has done. */
    void goesOn(TrainingResult done) {
        steps.addAll(done.steps());
        epochs.addAll(done.epochs());
        validations.addAll(done.validations());
    }

    <T> T timed(Phase phase, Supplier<T> action) {
        mark = System.nanoTime();
        T result = action.get();
        lap(phase, 0);
        return result;
    }

    void timed(Phase phase, Runnable action) {
        mark = System.nanoTime();
        action.run();
        lap(phase, 0);
    }

    /** The time since the last mark, but for some of it, went to a phase. */
    private void lap(Phase phase, double less) {
        long now = System.nanoTime();
        seconds[phase.ordinal()] += Math.max(0, (now - mark) * 1e-9 - less);
        mark = now;
    }

    @Override
    public void started(Course course) {
        mark = System.nanoTime();
    }

    /** What a step did not take before this hears of it went to progress and checkpoints. */
    @Override
    public void stepDone(Step step) {
        steps.add(step);
        seconds[Phase.TRAIN.ordinal()] += step.seconds();
        lap(Phase.SAVE, step.seconds());
        Runtime runtime = Runtime.getRuntime();
        heap.add(runtime.totalMemory() - runtime.freeMemory());
    }

    @Override
    public void validated(Validation validation) {
        validations.add(validation);
        lap(Phase.EVALUATE, 0);
    }

    @Override
    public void epochDone(Epoch epoch) {
        epochs.add(epoch);
    }

    List<Step> steps() {
        return steps;
    }

    List<Epoch> epochs() {
        return epochs;
    }

    List<Validation> validations() {
        return validations;
    }

    /** Phases that took no time are left out. */
    Usage usage() {
        Map<String, Double> named = new LinkedHashMap<>();
        for (Phase phase : Phase.values()) {
            if (seconds[phase.ordinal()] > 0) {
                named.put(phase.name().toLowerCase(Locale.ROOT), seconds[phase.ordinal()]);
            }
        }
        return new Usage(named, heap);
    }
}
