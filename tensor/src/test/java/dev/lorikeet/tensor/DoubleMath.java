package dev.lorikeet.tensor;

/** The error function and what is built on it, to nearly the precision of double. */
public final class DoubleMath {
    private DoubleMath() {}

    /** erf(x) = 2/√π·e^(-x²)·Σ 2ⁿx²ⁿ⁺¹/(2n+1)!! (Abramowitz and Stegun 7.1.6): no term cancels another. */
    public static double erf(double x) {
        if (Math.abs(x) > 3) {
            return Math.signum(x) * (1 - erfcTail(Math.abs(x)));
        }
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > 0x1p-60 * Math.abs(sum); n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }

    /** erfc(x) = e^(-x²)/√π·1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …)))) (7.1.14), for x well above 0. */
    private static double erfcTail(double x) {
        double fraction = 0;
        for (int n = 100; n > 0; n--) {
            fraction = n / 2.0 / (x + fraction);
        }
        return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
    }

    /** Φ(x), the standard normal distribution. */
    public static double normal(double x) {
        double z = x * Math.sqrt(0.5);
        return z < -3 ? erfcTail(-z) / 2 : (1 + erf(z)) / 2;
    }

    public static double gelu(double x) {
        return x * normal(x);
    }

    public static double geluDerivative(double x) {
        return normal(x) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }

    public static double geluTanh(double x) {
        return x / 2 * (1 + Math.tanh(geluArgument(x)));
    }

    public static double geluTanhDerivative(double x) {
        double tanh = Math.tanh(geluArgument(x));
        return (1 + tanh) / 2 + x / 2 * (1 - tanh * tanh) * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
    }

    private static double geluArgument(double x) {
        return Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
    }

    public static double silu(double x) {
        return x / (1 + Math.exp(-x));
    }

    public static double siluDerivative(double x) {
        double logistic = 1 / (1 + Math.exp(-x));
        return logistic + x * logistic * (1 - logistic);
    }

    /** Of row i. */
    public static double[] softmax(Tensor logits, int i) {
        double[] p = new double[logits.dim(1)];
        double largest = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < p.length; j++) {
            largest = Math.max(largest, logits.get(i, j));
        }
        double sum = 0;
        for (int j = 0; j < p.length; j++) {
            p[j] = Math.exp(logits.get(i, j) - largest);
            sum += p[j];
        }
        for (int j = 0; j < p.length; j++) {
            p[j] /= sum;
        }
        return p;
    }
}
