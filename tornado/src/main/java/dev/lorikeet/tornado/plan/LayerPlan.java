package dev.lorikeet.tornado.plan;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tornado.plan.Buffer.Travel;
import java.util.ArrayList;
import java.util.List;

/**
 * One frozen layer, y = f(x·Wᵀ + s·(x'·Aᵀ)·Bᵀ + bias), and its way back. Two of a kind have equal buffers: this is the
 * key of compiled plans.
 *
 * @param name prefix of the buffers' names, so that layers can stand in one plan
 * @param rows of x, see {@link Capacity}
 * @param rank of the low-rank term; 0 where there is none
 * @param dropped whether x' is not x
 * @param bias whether there is one
 * @param train whether there is a way back
 */
public record LayerPlan(String name, int rows, int out, int in, int rank, boolean dropped, boolean bias, Activation f,
        boolean train) {
    /** The 1 by which a product without a factor is multiplied. */
    public static final Buffer ONE = new Buffer("one", 1, Travel.CONSTANT);
    /** Stand where a kernel has an operand and the layer nothing. */
    static final Buffer NO_LEFT = new Buffer("noLeft", 1, Travel.CONSTANT);
    static final Buffer NO_RIGHT = new Buffer("noRight", 1, Travel.CONSTANT);

    /** The graphs of a layer that gets x from the host and gives y to it. */
    public Pair graphs() {
        List<Step> there = new ArrayList<>();
        forward(there, x(), y());
        Graph forward = Graph.first(there);
        if (!train) {
            return new Pair(forward, null);
        }
        List<Step> back = new ArrayList<>();
        backward(back, x(), y(), dy(), dx());
        return new Pair(forward, forward.then(back));
    }

    // The buffers. A name is that of the formula.

    /** (rows, in). */
    public Buffer x() {
        return buffer("x", (long) rows * in, Travel.EACH);
    }

    /** x' (rows, in), which is x where nothing is dropped. */
    public Buffer termInput() {
        return dropped ? buffer("x'", (long) rows * in, Travel.EACH) : x();
    }

    /** W (out, in). */
    public Buffer weight() {
        return buffer("W", (long) out * in, Travel.WEIGHT);
    }

    /** A (rank, in). */
    public Buffer a() {
        return buffer("A", (long) rank * in, Travel.EACH);
    }

    /** B (out, rank). */
    public Buffer b() {
        return buffer("B", (long) out * rank, Travel.EACH);
    }

    /** s, in an array: as a number it would be a constant of the compiled kernel. */
    public Buffer scale() {
        return buffer("s", 1, Travel.EACH);
    }

    /** (out). */
    public Buffer biasBuffer() {
        return bias ? buffer("bias", out, Travel.EACH) : zeros(out);
    }

    /** y (rows, out). */
    public Buffer y() {
        return buffer("y", (long) rows * out, Travel.BACK);
    }

    /** dy (rows, out). */
    public Buffer dy() {
        return buffer("dy", (long) rows * out, Travel.EACH);
    }

    /** dx (rows, in). */
    public Buffer dx() {
        return buffer("dx", (long) rows * in, Travel.BACK);
    }

    /** dx' (rows, in). */
    public Buffer droppedGradient() {
        return buffer("dx'", (long) rows * in, Travel.BACK);
    }

    /** dA (rank, in). */
    public Buffer aGradient() {
        return buffer("dA", (long) rank * in, Travel.BACK);
    }

    /** dB (out, rank). */
    public Buffer bGradient() {
        return buffer("dB", (long) out * rank, Travel.BACK);
    }

    /** dbias (out). */
    public Buffer biasGradient() {
        return buffer("dbias", out, Travel.BACK);
    }

    /** A bias of nothing. */
    public static Buffer zeros(int length) {
        return new Buffer("zeros" + length, length, Travel.CONSTANT);
    }

    private Buffer h() {
        return buffer("h", (long) rows * rank, Travel.NEVER);
    }

    /** What the function is applied to. */
    private Buffer z() {
        return buffer("z", (long) rows * out, Travel.NEVER);
    }

    private Buffer buffer(String letter, long length, Travel travel) {
        return Buffer.of(name + letter, length, travel);
    }

    /** The steps there, between the layer's own buffers or those of a larger graph. */
    void forward(List<Step> steps, Buffer x, Buffer y) {
        Buffer z = f == Activation.NONE ? y : z();
        Buffer left = rank > 0 ? h() : NO_LEFT;
        Buffer right = rank > 0 ? b() : NO_RIGHT;
        if (rank > 0) {
            product(steps, Form.NT, dropped ? termInput() : x, a(), scale(), left, rows, rank, in);
        }
        if (rows == 1) {
            step(steps, Operation.MULTIPLY_ROW, List.of(x, weight(), left, right, biasBuffer(), z), out, in, rank);
        } else {
            step(steps, Operation.MULTIPLY, List.of(x, weight(), ONE, left, right, biasBuffer(), z), rows, out, in,
                    rank, Form.NT.ordinal());
        }
        if (f != Activation.NONE) {
            step(steps, Operation.ACTIVATE, List.of(z, y), rows * out, f.ordinal());
        }
    }

    /** The steps back: dx, dA = dhᵀ·x', dB = dzᵀ·h and dbias, with dh = s·dz·B. */
    void backward(List<Step> steps, Buffer x, Buffer y, Buffer dy, Buffer dx) {
        Buffer dz = dy;
        if (f != Activation.NONE) {
            dz = buffer("dz", (long) rows * out, Travel.NEVER);
            step(steps, Operation.ACTIVATE_BACKWARD, List.of(f.keepsResult() ? y : z(), dy, dz), rows * out,
                    f.ordinal());
        }
        boolean through = rank > 0 && !dropped; // the low-rank term passes its gradient on to x
        Buffer dh = rank > 0 ? buffer("dh", (long) rows * rank, Travel.NEVER) : NO_LEFT;
        if (rank > 0) {
            product(steps, Form.NN, dz, b(), scale(), dh, rows, rank, out);
            product(steps, Form.TN, dz, h(), ONE, bGradient(), out, rank, rows);
            product(steps, Form.TN, dh, dropped ? termInput() : x, ONE, aGradient(), rank, in, rows);
        }
        step(steps, Operation.MULTIPLY, List.of(dz, weight(), ONE, through ? dh : NO_LEFT, through ? a() : NO_RIGHT,
                zeros(in), dx), rows, in, out, through ? rank : 0, Form.NN.ordinal());
        if (rank > 0 && dropped) {
            product(steps, Form.NN, dh, a(), ONE, droppedGradient(), rows, in, rank);
        }
        if (bias) {
            step(steps, Operation.SUM_ROWS, List.of(dz, biasGradient()), rows, out);
        }
    }

    /** C (m, n) = scale·A·B with sums of length k. */
    private static void product(List<Step> steps, Form form, Buffer a, Buffer b, Buffer scale, Buffer c, int m, int n,
            int k) {
        step(steps, Operation.MULTIPLY, List.of(a, b, scale, NO_LEFT, NO_RIGHT, zeros(n), c), m, n, k, 0,
                form.ordinal());
    }

    static void step(List<Step> steps, Operation operation, List<Buffer> operands, Integer... sizes) {
        steps.add(new Step(operation, operands, List.of(sizes)));
    }
}
