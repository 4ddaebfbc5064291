package dev.lorikeet.bench.experiments;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.optim.Optimizer;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraConfigBuilder;
import dev.lorikeet.lora.LoraLayer;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Whether an adapter s·B·A is rank-stabilized (Kalajdzievski 2023, arXiv 2312.03732, definition 3.1): whether what
 * comes out of it, and what gradient comes back through it, keep their size as the rank grows. Theorem 3.2 says that
 * they do if and only if s is of the order of 1/√r.
 *
 * <p>One linear layer with W = 0, so that its output is the adapter's; the loss v·y, so that the gradient of the output
 * is v whatever the rank; plain gradient descent, since Adam's steps have their own size, which hides that of the
 * gradients. After one step B = -η·s·v·(A·x)ᵀ, hence y = -η·s²·v·|A·x|², and the expectation of |A·x|² grows with r.
 * The theorem is about expectations over A, so all quantities are means over initializations, and y and the gradient of
 * x are projected on the directions that they have in expectation, v and x.
 */
final class RankStability {
    /** The size of the experiment's layer, d. */
    static final int SIZE = 256;
    static final double ALPHA = 16;
    static final int INITIALIZATIONS = 8;
    static final List<Integer> RANKS = List.of(4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048);

    /** Of the single step. */
    private static final double RATE = 1e-3;
    /** Of five steps: so small that A and B do not reinforce each other, which would be a matter of s⁴. */
    private static final double SMALL_RATE = 1e-7;

    /** Gives the layer a new adapter: {@link dev.lorikeet.lora.Lora#attach}, but for the numbers in A perhaps. */
    interface Attachment {
        LoraAdapter attach(Module model, LoraConfig config, int initialization);
    }

    /**
     * Means over the initializations at one rank.
     *
     * @param gradient the Frobenius norm of the gradient of B before the first step
     * @param forward -v·y/|v| after a step, divided by the rate
     * @param backward -x·∂L/∂x/|x| after a step, divided by the rate
     * @param forward5 as {@code forward}, after five smaller steps
     * @param backward5 as {@code backward}, after five smaller steps
     */
    record Row(int rank, double gradient, double forward, double backward, double forward5, double backward5) {}

    /** What is seen of the adapter after some steps. */
    private record Seen(double firstGradient, double forward, double backward) {}

    private static final class OneLayer extends Module {
        private final Linear layer;

        OneLayer(int size) {
            layer = child("layer", new Linear(Tensor.zeros(size, size), null));
        }
    }

    private final Compute compute = Cpu.shared();
    private final Workspace workspace = new Workspace();
    private final Variable x;
    private final Tensor v;
    private final Attachment attachment;

    /**
     * @param x (1, d) the input
     * @param v (1, d) the gradient of the output
     */
    RankStability(Tensor x, Tensor v, Attachment attachment) {
        this.x = Variable.leaf(x);
        this.v = v;
        this.attachment = attachment;
    }

    /** The quantities at every rank of {@code ranks}, with the scaling and alpha of {@code adapter}. */
    List<Row> rows(LoraConfigBuilder adapter, List<Integer> ranks) {
        return ranks.stream().map(rank -> row(adapter.rank(rank).targets("layer").build())).toList();
    }

    private Row row(LoraConfig config) {
        double[] sums = new double[5];
        for (int i = 0; i < INITIALIZATIONS; i++) {
            Seen once = seen(config, i, 1, RATE);
            Seen often = seen(config, i, 5, SMALL_RATE);
            sums[0] += once.firstGradient;
            sums[1] += once.forward;
            sums[2] += once.backward;
            sums[3] += often.forward;
            sums[4] += often.backward;
        }
        return new Row(config.rank(), sums[0] / INITIALIZATIONS, sums[1] / INITIALIZATIONS, sums[2] / INITIALIZATIONS,
                sums[3] / INITIALIZATIONS, sums[4] / INITIALIZATIONS);
    }

    private Seen seen(LoraConfig config, int initialization, int steps, double rate) {
        OneLayer model = new OneLayer(v.size());
        LoraAdapter adapter = attachment.attach(model, config, initialization);
        LoraLayer lora = adapter.layers().values().iterator().next();
        Optimizer optimizer = new Optimizer(Rule.sgd(),
                List.of(new ParameterGroup(ParameterGroup.trained("", model), rate, 0)));
        pass(model.layer);
        double gradient = norm(lora.b().gradientOrThrow());
        for (int step = 1; step < steps; step++) {
            optimizer.step(1);
            pass(model.layer);
        }
        optimizer.step(1);
        Tensor y = pass(model.layer);
        return new Seen(gradient, -dot(v, y) / norm(v) / rate,
                -dot(x.value(), x.gradientOrThrow()) / norm(x.value()) / rate);
    }

    /** Forward and backward; leaves the gradients of x, A and B, and gives y. */
    private Tensor pass(Linear layer) {
        x.clearGradient();
        try (Tape tape = Tape.training(compute, workspace)) {
            Variable y = layer.forward(tape, x);
            Tensor copy = y.value().copy();
            tape.backward(Losses.weightedSum(tape, y, v));
            return copy;
        }
    }

    /** The slope of the line through (log rank, log quantity) by least squares: the power of r that the quantity is. */
    static double slope(List<Row> rows, ToDoubleFunction<Row> quantity) {
        double meanX = rows.stream().mapToDouble(row -> Math.log(row.rank)).average().orElseThrow();
        double meanY = rows.stream().mapToDouble(row -> Math.log(quantity.applyAsDouble(row))).average().orElseThrow();
        double products = 0;
        double squares = 0;
        for (Row row : rows) {
            double dx = Math.log(row.rank) - meanX;
            products += dx * (Math.log(quantity.applyAsDouble(row)) - meanY);
            squares += dx * dx;
        }
        return products / squares;
    }

    private static double norm(Tensor x) {
        return Math.sqrt(dot(x, x));
    }

    private static double dot(Tensor x, Tensor y) {
        double sum = 0;
        for (int i = 0; i < x.size(); i++) {
            sum += (double) x.data()[x.offset() + i] * y.data()[y.offset() + i];
        }
        return sum;
    }
}
