package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.optim.Schedule;
import java.util.stream.IntStream;

/**
 * How to train. The defaults suit rsLoRA on a sentence encoder.
 *
 * @param epochs how often every example is seen; 3
 * @param batchSize examples that are computed together; 32
 * @param accumulation batches in a step, as transformers' {@code gradient_accumulation_steps}; 1
 * @param adapterRate the peak learning rate of the encoder's trained parameters; 1e-3
 * @param headRate the peak learning rate of the head; 3e-3
 * @param weightDecay AdamW's decoupled decay of matrices; biases and norms have none; 0.01
 * @param schedule of the rates over the steps; linear
 * @param warmupRatio the share of the steps in which the rates rise from 0, before the schedule lowers them; 0.1
 * @param clipNorm the largest norm that all gradients of a step may have together, or 0 for any; 0
 * @param gradientCheckpointing whether layers keep nothing but their inputs and run again on the way back: less memory,
 *     the same bits, more time; false
 * @param seed of the order of the examples and of dropout; 1
 */
public record TrainingSettings(int epochs, int batchSize, int accumulation, double adapterRate, double headRate,
        double weightDecay, ScheduleType schedule, double warmupRatio, double clipNorm,
        boolean gradientCheckpointing, long seed) {
    public TrainingSettings {
        require(epochs >= 1, "epochs", "at least 1", epochs);
        require(batchSize >= 1, "batchSize", "at least 1", batchSize);
        require(accumulation >= 1, "accumulation", "at least 1", accumulation);
        require(adapterRate >= 0 && Double.isFinite(adapterRate), "adapterRate", "at least 0", adapterRate);
        require(headRate >= 0 && Double.isFinite(headRate), "headRate", "at least 0", headRate);
        require(weightDecay >= 0 && Double.isFinite(weightDecay), "weightDecay", "at least 0", weightDecay);
        require(warmupRatio >= 0 && warmupRatio <= 1, "warmupRatio", "in [0, 1]", warmupRatio);
        require(clipNorm >= 0 && Double.isFinite(clipNorm), "clipNorm", "at least 0", clipNorm);
    }

    private static void require(boolean holds, String name, String rule, Number value) {
        if (!holds) {
            throw new IllegalArgumentException("training: " + name + " must be " + rule + ", not " + value);
        }
    }

    public static TrainingSettings defaults() {
        return new TrainingSettings(3, 32, 1, 1e-3, 3e-3, 0.01, ScheduleType.LINEAR, 0.1, 0, false, 1);
    }

    /** The steps of a run over so many examples. */
    public int steps(int examples) {
        return Math.multiplyExact(epochs, Math.ceilDiv(Math.ceilDiv(examples, batchSize), accumulation));
    }

    /** The factor on the rates at each step of a run of so many. */
    public Schedule schedule(int steps) {
        return schedule.of(Schedule.warmup(warmupRatio, steps), steps);
    }

    /** Whether any step of a run of so many has a factor above 0: where rates rise, the first has the factor 0. */
    public boolean trains(int steps) {
        Schedule factors = schedule(steps);
        return IntStream.range(0, steps).anyMatch(step -> factors.factor(step) > 0);
    }

    public TrainingSettings withEpochs(int value) {
        return new TrainingSettings(value, batchSize, accumulation, adapterRate, headRate, weightDecay, schedule,
                warmupRatio, clipNorm, gradientCheckpointing, seed);
    }

    public TrainingSettings withBatchSize(int value) {
        return new TrainingSettings(epochs, value, accumulation, adapterRate, headRate, weightDecay, schedule,
                warmupRatio, clipNorm, gradientCheckpointing, seed);
    }

    public TrainingSettings withAccumulation(int value) {
        return new TrainingSettings(epochs, batchSize, value, adapterRate, headRate, weightDecay, schedule, warmupRatio,
                clipNorm, gradientCheckpointing, seed);
    }

    /** Other peak rates for the adapter and for the head. */
    public TrainingSettings withRates(double adapter, double head) {
        return new TrainingSettings(epochs, batchSize, accumulation, adapter, head, weightDecay, schedule, warmupRatio,
                clipNorm, gradientCheckpointing, seed);
    }

    public TrainingSettings withWeightDecay(double value) {
        return new TrainingSettings(epochs, batchSize, accumulation, adapterRate, headRate, value, schedule,
                warmupRatio, clipNorm, gradientCheckpointing, seed);
    }

    public TrainingSettings withSchedule(ScheduleType value) {
        return new TrainingSettings(epochs, batchSize, accumulation, adapterRate, headRate, weightDecay, value,
                warmupRatio, clipNorm, gradientCheckpointing, seed);
    }

    public TrainingSettings withWarmupRatio(double value) {
        return new TrainingSettings(epochs, batchSize, accumulation, adapterRate, headRate, weightDecay, schedule,
                value, clipNorm, gradientCheckpointing, seed);
    }

    public TrainingSettings withClipNorm(double value) {
        return new TrainingSettings(epochs, batchSize, accumulation, adapterRate, headRate, weightDecay, schedule,
                warmupRatio, value, gradientCheckpointing, seed);
    }

    public TrainingSettings withGradientCheckpointing(boolean value) {
        return new TrainingSettings(epochs, batchSize, accumulation, adapterRate, headRate, weightDecay, schedule,
                warmupRatio, clipNorm, value, seed);
    }

    public TrainingSettings withSeed(long value) {
        return new TrainingSettings(epochs, batchSize, accumulation, adapterRate, headRate, weightDecay, schedule,
                warmupRatio, clipNorm, gradientCheckpointing, value);
    }
}
