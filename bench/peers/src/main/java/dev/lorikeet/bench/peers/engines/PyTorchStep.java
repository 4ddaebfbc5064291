package dev.lorikeet.bench.peers.engines;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.training.GradientCollector;
import dev.lorikeet.bench.peers.Batches;
import dev.lorikeet.bench.peers.Batches.Labelled;
import dev.lorikeet.bench.peers.Task;
import java.util.List;

/** A step of training: forward, backward, and AdamW from array operations in the order of {@code torch.optim.AdamW}. */
final class PyTorchStep implements Task {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPS = 1e-8;

    /** A trained array with AdamW's state. */
    private record Trained(NDArray weight, NDArray first, NDArray second) {}

    private final PyTorchBert bert;
    private final List<Labelled> batches;
    private final List<Trained> trained;
    private final double digest;
    private int steps;

    PyTorchStep(Batches batches) {
        this.bert = new PyTorchBert(batches.model());
        this.batches = batches.batches();
        this.trained = bert.trained().stream()
                .map(weight -> new Trained(weight, weight.zerosLike(), weight.zerosLike())).toList();
        this.digest = step(this.batches.getFirst());
    }

    private float step(Labelled batch) {
        try (NDScope _ = new NDScope()) { // frees every array that is made in here
            NDArray loss;
            try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
                loss = bert.loss(batch);
                collector.backward(loss);
            }
            steps++;
            trained.forEach(this::update);
            return loss.getFloat();
        }
    }

    private void update(Trained state) {
        NDArray gradient = state.weight.getGradient();
        state.weight.muli(1 - Batches.RATE * Batches.DECAY);
        state.first.addi(gradient.sub(state.first).mul(1 - BETA1));
        state.second.muli(BETA2).addi(gradient.mul(gradient).mul(1 - BETA2));
        NDArray denominator = state.second.sqrt().div(Math.sqrt(1 - Math.pow(BETA2, steps))).add(EPS);
        state.weight.subi(state.first.div(denominator).mul(Batches.RATE / (1 - Math.pow(BETA1, steps))));
        gradient.muli(0); // PyTorch adds to it in the next step
    }

    @Override
    public void run() {
        batches.forEach(this::step);
    }

    /** The first loss. */
    @Override
    public double digest() {
        return digest;
    }

    @Override
    public void close() {
        bert.close();
    }
}
