package dev.lorikeet.bench.peers.engines;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.pytorch.jni.JniUtils;
import dev.lorikeet.bench.peers.Batches;
import dev.lorikeet.bench.peers.Digest;
import dev.lorikeet.bench.peers.Engine;
import dev.lorikeet.bench.peers.Inputs;
import dev.lorikeet.bench.peers.Task;
import dev.lorikeet.bench.peers.Work;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** PyTorch through DJL: its own operations and autograd, in native code. */
final class PyTorch implements Engine {
    private final ai.djl.engine.Engine engine = ai.djl.engine.Engine.getEngine("PyTorch");

    @Override
    public String name() {
        return "PyTorch";
    }

    @Override
    public String kernel() {
        return engine.getVersion() + ", its products by the MKL that is linked into it";
    }

    @Override
    public @Nullable Task prepare(Work work, int threads) {
        JniUtils.setNumThreads(threads);
        NDManager manager = engine.newBaseManager();
        return switch (work) {
            case Work.Product product -> new Operation(manager, product(manager, product));
            case Work.Map map -> new Operation(manager, map(manager, map));
            case Work.Encoder encoder -> encoder.pass() == Work.Pass.FORWARD
                    ? new PyTorchForward(Batches.of(encoder))
                    : new PyTorchStep(Batches.of(encoder));
            case Work.Tokens _ -> null;
        };
    }

    private static Supplier<NDArray> product(NDManager manager, Work.Product product) {
        int m = product.m();
        int n = product.n();
        int k = product.k();
        boolean turnA = product.form().turnsA();
        boolean turnB = product.form().turnsB();
        NDArray a = manager.create(Inputs.uniform(1, m * k), turnA ? new Shape(k, m) : new Shape(m, k));
        NDArray b = manager.create(Inputs.uniform(2, k * n), turnB ? new Shape(n, k) : new Shape(k, n));
        NDArray left = turnA ? a.transpose() : a; // views
        NDArray right = turnB ? b.transpose() : b;
        return () -> left.matMul(right);
    }

    private static Supplier<NDArray> map(NDManager manager, Work.Map map) {
        int columns = map.columns();
        NDArray x = manager.create(Inputs.uniform(1, map.rows() * columns), new Shape(map.rows(), columns));
        NDArray gamma = manager.create(Inputs.uniform(2, columns));
        NDArray beta = manager.create(Inputs.uniform(3, columns));
        return switch (map.operation()) {
            case EXP -> x::exp;
            case TANH -> x::tanh;
            case GELU -> () -> Activation.gelu(x);
            case SOFTMAX -> () -> x.softmax(-1);
            case LAYER_NORM -> () -> LayerNorm.layerNorm(x, new Shape(columns), gamma, beta, 1e-12f).singletonOrThrow();
        };
    }

    /** An operation that makes a new array each time, as PyTorch's do; its allocator hands out the last one again. */
    private record Operation(NDManager manager, Supplier<NDArray> operation) implements Task {
        @Override
        public void run() {
            operation.get().close();
        }

        @Override
        public double digest() {
            try (NDArray result = operation.get()) {
                return Digest.of(result.toFloatArray());
            }
        }

        @Override
        public void close() {
            manager.close();
        }
    }
}
