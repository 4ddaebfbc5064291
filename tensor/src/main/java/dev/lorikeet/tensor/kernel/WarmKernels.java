package dev.lorikeet.tensor.kernel;

/** The numbers that {@link WarmUp} has for kernels: those of the product for each of its tiles. */
final class WarmKernels {
    static final int PANEL_ROW = 0;
    static final int PANEL_6 = 1;
    static final int PANEL_4 = 2;
    static final int PANEL_2 = 3;
    static final int PANEL_1 = 4;
    static final int TWO_VECTORS = 5;
    static final int ONE_VECTOR = 6;
    static final int HALF_VECTOR = 7;
    static final int TRANSPOSE = 8;
    static final int SUM = 9;
    static final int DOT = 10;
    static final int MAX = 11;
    static final int EXP = 12;
    static final int SOFTMAX = 13;
    static final int GELU = 14;
    static final int GELU_BACKWARD = 15;
    static final int GELU_TANH = 16;
    static final int GELU_TANH_BACKWARD = 17;
    static final int SILU = 18;
    static final int SILU_BACKWARD = 19;
    static final int TANH = 20;
    static final int ERF = 21;
    static final int LOG = 22;
    static final int LAYER_NORM = 23;
    static final int LAYER_NORM_BACKWARD = 24;
    static final int RMS_NORM = 25;
    static final int RMS_NORM_BACKWARD = 26;
    static final int ATTENTION_SOFTMAX = 27;
    static final int SOFTMAX_BACKWARD = 28;
    static final int WEIGHTED_SUMS = 29;
    static final int MEANS = 30;
    static final int SUBTRACT = 31;
    static final int MULTIPLY_ROWS = 32;
    static final int BF16 = 33;
    static final int F16 = 34;
    static final int QUANTS8 = 35;
    static final int QUANTS4 = 36;
    static final int QUANTS5 = 37;
    static final int QUANTS6 = 38;
    static final int SCALE = 39;
    static final int BF16_ROW = 40;
    static final int F16_ROW = 41;
    static final int INT8_ROW = 42;
    static final int QUANTS8_ROW = 43;
    static final int QUANTS4_ROW = 44;
    static final int QUANTS5_ROW = 45;
    static final int QUANTS6_ROW = 46;
    /** How many there are. */
    static final int COUNT = QUANTS6_ROW + 1;

    private WarmKernels() {}
}
