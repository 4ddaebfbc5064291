package dev.lorikeet.tornado.plan;

/** The kernels. Operands stand in the order of each comment; the sizes after them. */
public enum Operation {
    /** A, B, scale, H, L, bias → C; m, n, k, r, form: C = scale·A·B + H·L + bias. */
    MULTIPLY(6),
    /** x, W, h, L, bias → y; n, k, r: y = W·x + L·h + bias for one row, with W (n, k) and L (n, r). */
    MULTIPLY_ROW(5),
    /** x → y; n, f: y = f(x). */
    ACTIVATE(1),
    /** kept, dy → dx; n, f: dx = dy·f'. */
    ACTIVATE_BACKWARD(2),
    /** gate, up → y; n, f: y = f(gate)·up. */
    GATE(2),
    /** gate, up, dy → dgate, dup; n, f. */
    GATE_BACKWARD(3),
    /** x → sums; m, n: the sums over the rows of x. */
    SUM_ROWS(1),
    /** x, y → z; n: z = x + y. */
    ADD(2);

    private final int inputs;

    Operation(int inputs) {
        this.inputs = inputs;
    }

    /** How many of the operands are read; the others are written. */
    public int inputs() {
        return inputs;
    }
}
