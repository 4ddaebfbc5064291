package dev.lorikeet.bench.peers;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.LayerNorms;
import dev.lorikeet.tensor.Softmax;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workers;
import dev.lorikeet.tensor.kernel.KernelChoice;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Ours, in this process. */
final class Lorikeet implements Engine {
    static final String NAME = "Lorikeet";

    private static final int ROWS = 256;
    private static final int ELEMENTS = 1 << 14;

    private final Map<Integer, Compute> computes = new HashMap<>();

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String kernel() {
        KernelChoice choice = KernelChoice.made();
        return choice.kernels().name() + ", " + choice.reason();
    }

    @Override
    public @Nullable Task prepare(Work work, int threads) {
        Compute compute = computes.computeIfAbsent(threads,
                count -> new Cpu(KernelChoice.made().kernels(), new Workers(count)));
        return switch (work) {
            case Work.Product product -> LorikeetProduct.prepare(compute, product);
            case Work.Map map -> new MapTask(compute, map);
            case Work.Tokens tokens -> threads == 1 ? new LorikeetTokens(tokens) : null;
            case Work.Encoder encoder -> LorikeetEncoder.prepare(compute, encoder);
        };
    }

    /** An operation on rows. */
    private static final class MapTask implements Task {
        private final Compute compute;
        private final Compute one;
        private final Work.Map map;
        private final Tensor x;
        private final Tensor y;
        private final Tensor gamma;
        private final Tensor beta;
        private final Tensor statistics;

        MapTask(Compute compute, Work.Map map) {
            this.compute = compute;
            this.one = new Cpu(compute.kernels(), new Workers(1));
            this.map = map;
            x = Tensor.of(Inputs.uniform(1, map.rows() * map.columns()), map.rows(), map.columns());
            y = Tensor.zeros(x.shape());
            gamma = Tensor.of(Inputs.uniform(2, map.columns()), map.columns());
            beta = Tensor.of(Inputs.uniform(3, map.columns()), map.columns());
            statistics = Tensor.zeros(map.rows(), 2);
        }

        @Override
        public void run() {
            switch (map.operation()) {
                case EXP -> exp();
                case TANH -> Elementwise.tanh(compute, x, y);
                case GELU -> Elementwise.gelu(compute, x, y);
                case SOFTMAX -> softmax();
                case LAYER_NORM -> LayerNorms.forward(compute, x, gamma, beta, 1e-12f, y, statistics);
            }
        }

        private void exp() {
            compute.workers().run(Math.ceilDiv(x.size(), ELEMENTS), task -> {
                int from = task * ELEMENTS;
                compute.kernels().exp(Math.min(ELEMENTS, x.size() - from), x.data(), from, 1f, 0f, y.data(), from);
            });
        }

        private void softmax() {
            compute.workers().run(Math.ceilDiv(map.rows(), ROWS), task -> {
                int from = task * ROWS;
                int to = Math.min(map.rows(), from + ROWS);
                Softmax.forward(one, x.rows(from, to), y.rows(from, to));
            });
        }

        @Override
        public double digest() {
            return Digest.of(y.data());
        }
    }
}
