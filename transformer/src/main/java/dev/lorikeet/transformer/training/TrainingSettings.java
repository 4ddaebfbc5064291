package dev.lorikeet.transformer.training;

/**
 * How to train. The defaults suit rsLoRA on a sentence encoder.
 *
 * @param epochs how often every example is seen; 3
 * @param batchSize examples in a step; 32
 * @param adapterRate the peak learning rate of the encoder's trained parameters; 1e-3
 * @param headRate the peak learning rate of the head; 3e-3
 * @param weightDecay AdamW's decoupled decay; 0.01
 * @param warmupRatio the share of the steps in which the rates rise from 0, before they fall to 0 again; 0.1
 * @param seed of the order of the examples and of dropout; 1
 */
public record TrainingSettings(int epochs, int batchSize, double adapterRate, double headRate, double weightDecay,
        double warmupRatio, long seed) {
    public TrainingSettings {
        require(epochs >= 1, "epochs", "at least 1", epochs);
        require(batchSize >= 1, "batchSize", "at least 1", batchSize);
        require(adapterRate >= 0 && Double.isFinite(adapterRate), "adapterRate", "at least 0", adapterRate);
        require(headRate >= 0 && Double.isFinite(headRate), "headRate", "at least 0", headRate);
        require(weightDecay >= 0 && Double.isFinite(weightDecay), "weightDecay", "at least 0", weightDecay);
        require(warmupRatio >= 0 && warmupRatio <= 1, "warmupRatio", "in [0, 1]", warmupRatio);
    }

    private static void require(boolean holds, String name, String rule, Number value) {
        if (!holds) {
            throw new IllegalArgumentException("training: " + name + " must be " + rule + ", not " + value);
        }
    }

    public static TrainingSettings defaults() {
        return new TrainingSettings(3, 32, 1e-3, 3e-3, 0.01, 0.1, 1);
    }

    public TrainingSettings withEpochs(int value) {
        return new TrainingSettings(value, batchSize, adapterRate, headRate, weightDecay, warmupRatio, seed);
    }

    public TrainingSettings withBatchSize(int value) {
        return new TrainingSettings(epochs, value, adapterRate, headRate, weightDecay, warmupRatio, seed);
    }

    /** Other peak rates for the adapter and for the head. */
    public TrainingSettings withRates(double adapter, double head) {
        return new TrainingSettings(epochs, batchSize, adapter, head, weightDecay, warmupRatio, seed);
    }

    public TrainingSettings withWeightDecay(double value) {
        return new TrainingSettings(epochs, batchSize, adapterRate, headRate, value, warmupRatio, seed);
    }

    public TrainingSettings withWarmupRatio(double value) {
        return new TrainingSettings(epochs, batchSize, adapterRate, headRate, weightDecay, value, seed);
    }

    public TrainingSettings withSeed(long value) {
        return new TrainingSettings(epochs, batchSize, adapterRate, headRate, weightDecay, warmupRatio, value);
    }
}
