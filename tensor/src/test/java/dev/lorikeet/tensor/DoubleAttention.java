package dev.lorikeet.tensor;

/**
 * One head of one sequence in double precision, as the formulas have it: q is (queries, d), k and v are (keys, d). A
 * causal query sees no keys after its own; the last query's is the last key.
 */
public record DoubleAttention(double[][] q, double[][] k, double[][] v, Attention form, double scale) {

    /** The gradients of q, k and v. */
    public record Gradients(double[][] dq, double[][] dk, double[][] dv) {}

    public static DoubleAttention of(Attention attention, Attention.Inputs in, int sequence, int head) {
        int d = in.q().dim(1) / attention.heads();
        int from = in.queryOffsets()[sequence];
        int to = in.queryOffsets()[sequence + 1];
        int firstKey = in.keyOffsets()[sequence];
        int lastKey = in.keyOffsets()[sequence + 1];
        int kvHead = head / (attention.heads() / attention.kvHeads());
        return new DoubleAttention(part(in.q(), from, to, head, d), part(in.k(), firstKey, lastKey, kvHead, d),
                part(in.v(), firstKey, lastKey, kvHead, d), attention,
                attention.scale() > 0 ? attention.scale() : 1 / Math.sqrt(d));
    }

    /** Head {@code head} of the rows {@code from} to {@code to}. */
    public static double[][] part(Tensor x, int from, int to, int head, int d) {
        double[][] part = new double[to - from][d];
        for (int i = from; i < to; i++) {
            for (int c = 0; c < d; c++) {
                part[i - from][c] = x.get(i, head * d + c);
            }
        }
        return part;
    }

    /** softmax(scale·q·kᵀ), of capped scores within the window. */
    public double[][] probabilities() {
        double[][] p = new double[q.length][k.length];
        for (int i = 0; i < q.length; i++) {
            int seen = form.causal() ? i + 1 + k.length - q.length : k.length;
            int first = form.window() == 0 ? 0 : Math.max(0, seen - form.window());
            double largest = Double.NEGATIVE_INFINITY;
            for (int j = first; j < seen; j++) {
                p[i][j] = capped(scale * dot(q[i], k[j]));
                largest = Math.max(largest, p[i][j]);
            }
            double sum = 0;
            for (int j = first; j < seen; j++) {
                p[i][j] = Math.exp(p[i][j] - largest);
                sum += p[i][j];
            }
            for (int j = first; j < seen; j++) {
                p[i][j] /= sum;
            }
        }
        return p;
    }

    private double capped(double score) {
        return form.cap() == 0 ? score : form.cap() * Math.tanh(score / form.cap());
    }

    /** The derivative of {@link #capped}. */
    private double slope(double score) {
        double tanh = form.cap() == 0 ? 0 : Math.tanh(score / form.cap());
        return 1 - tanh * tanh;
    }

    /** softmax(scale·q·kᵀ)·v. */
    public double[][] output() {
        double[][] p = probabilities();
        double[][] out = new double[q.length][q.length == 0 ? 0 : q[0].length];
        for (int i = 0; i < q.length; i++) {
            for (int j = 0; j < k.length; j++) {
                addTo(out[i], p[i][j], v[j]);
            }
        }
        return out;
    }

    /** With dP = do·vᵀ and dS = P∘(dP - rowsum(P∘dP))·scale: dv = Pᵀ·do, dq = dS·k, dk = dSᵀ·q. */
    public Gradients gradients(double[][] dout) {
        int d = q[0].length;
        double[][] p = probabilities();
        Gradients gradients = new Gradients(new double[q.length][d], new double[k.length][d], new double[k.length][d]);
        for (int i = 0; i < q.length; i++) {
            double mean = 0;
            for (int j = 0; j < k.length; j++) {
                mean += p[i][j] * dot(dout[i], v[j]);
            }
            for (int j = 0; j < k.length; j++) {
                double ds = p[i][j] * (dot(dout[i], v[j]) - mean) * slope(scale * dot(q[i], k[j])) * scale;
                addTo(gradients.dv[j], p[i][j], dout[i]);
                addTo(gradients.dq[i], ds, k[j]);
                addTo(gradients.dk[j], ds, q[i]);
            }
        }
        return gradients;
    }

    /** ∂(Σ dout∘output)/∂input by central differences, for an input that is one of q, k and v. */
    public double[][] differences(double[][] input, double[][] dout) {
        double step = 1e-4;
        double[][] gradient = new double[input.length][input[0].length];
        for (int i = 0; i < input.length; i++) {
            for (int c = 0; c < input[i].length; c++) {
                double value = input[i][c];
                input[i][c] = value + step;
                double above = product(dout, output());
                input[i][c] = value - step;
                double below = product(dout, output());
                input[i][c] = value;
                gradient[i][c] = (above - below) / (2 * step);
            }
        }
        return gradient;
    }

    private static void addTo(double[] sum, double factor, double[] x) {
        for (int c = 0; c < x.length; c++) {
            sum[c] += factor * x[c];
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int c = 0; c < a.length; c++) {
            sum += a[c] * b[c];
        }
        return sum;
    }

    private static double product(double[][] a, double[][] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += dot(a[i], b[i]);
        }
        return sum;
    }
}
