package dev.lorikeet.autograd;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A number in double precision that knows what it was computed from, and the two derivatives: naive references are made
 * of these, so that they give gradients as well.
 */
final class Scalar {
    private final double value;
    private final @Nullable Scalar left;
    private final @Nullable Scalar right;
    private final double leftSlope;
    private final double rightSlope;
    /** How many steps it took at most to compute it. */
    private final int depth;
    private boolean found;
    private double gradient;

    private Scalar(double value, @Nullable Scalar left, double leftSlope, @Nullable Scalar right, double rightSlope) {
        this.value = value;
        this.left = left;
        this.right = right;
        this.leftSlope = leftSlope;
        this.rightSlope = rightSlope;
        this.depth = Math.max(left == null ? 0 : left.depth + 1, right == null ? 0 : right.depth + 1);
    }

    static Scalar of(double value) {
        return new Scalar(value, null, 0, null, 0);
    }

    static Scalar[] of(double... values) {
        return Arrays.stream(values).mapToObj(Scalar::of).toArray(Scalar[]::new);
    }

    static double[] values(Scalar... x) {
        return Arrays.stream(x).mapToDouble(Scalar::value).toArray();
    }

    double value() {
        return value;
    }

    /** f of this number, from f's value and derivative there. */
    Scalar map(double result, double slope) {
        return new Scalar(result, this, slope, null, 0);
    }

    Scalar plus(Scalar other) {
        return new Scalar(value + other.value, this, 1, other, 1);
    }

    Scalar plus(double other) {
        return map(value + other, 1);
    }

    Scalar minus(Scalar other) {
        return new Scalar(value - other.value, this, 1, other, -1);
    }

    Scalar times(Scalar other) {
        return new Scalar(value * other.value, this, other.value, other, value);
    }

    Scalar times(double other) {
        return map(value * other, other);
    }

    Scalar over(Scalar other) {
        return new Scalar(value / other.value, this, 1 / other.value, other, -value / (other.value * other.value));
    }

    Scalar exp() {
        return map(Math.exp(value), Math.exp(value));
    }

    Scalar log() {
        return map(Math.log(value), 1 / value);
    }

    Scalar sqrt() {
        return map(Math.sqrt(value), 0.5 / Math.sqrt(value));
    }

    Scalar tanh() {
        return map(Math.tanh(value), 1 - Math.tanh(value) * Math.tanh(value));
    }

    Scalar relu() {
        return value > 0 ? map(value, 1) : map(0, 0);
    }

    /** 1/(1 + e^(-x)). */
    Scalar sigmoid() {
        double s = 1 / (1 + Math.exp(-value));
        return map(s, s * (1 - s));
    }

    /** By the series whose terms have one sign (Abramowitz and Stegun 7.1.6). */
    Scalar erf() {
        double term = value;
        double series = value;
        for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(series); n++) {
            term *= 2 * value * value / (2 * n + 1);
            series += term;
        }
        double slope = 2 / Math.sqrt(Math.PI) * Math.exp(-value * value);
        return map(slope * series, slope);
    }

    /** The derivatives of this number for each of {@code inputs}; to be asked once. */
    double[][] gradients(Scalar[]... inputs) {
        gradient = 1;
        for (Scalar node : ancestors()) {
            if (node.left != null) {
                node.left.gradient += node.gradient * node.leftSlope;
            }
            if (node.right != null) {
                node.right.gradient += node.gradient * node.rightSlope;
            }
        }
        return Arrays.stream(inputs).map(x -> Arrays.stream(x).mapToDouble(scalar -> scalar.gradient).toArray())
                .toArray(double[][]::new);
    }

    /** This number and all that it was computed from, each before what it was computed from. */
    private List<Scalar> ancestors() {
        List<Scalar> ancestors = new ArrayList<>();
        Deque<Scalar> open = new ArrayDeque<>(List.of(this));
        while (!open.isEmpty()) {
            Scalar node = open.pop();
            if (!node.found) {
                node.found = true;
                ancestors.add(node);
                if (node.left != null) {
                    open.push(node.left);
                }
                if (node.right != null) {
                    open.push(node.right);
                }
            }
        }
        ancestors.sort(Comparator.comparingInt((Scalar node) -> node.depth).reversed());
        return ancestors;
    }
}
