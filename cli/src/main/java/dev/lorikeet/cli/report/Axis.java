package dev.lorikeet.cli.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Maps values to places on the page, and knows the round values to mark.
 *
 * @param low the value at {@code from}
 * @param high the value at {@code to}
 * @param from in the picture's units
 */
record Axis(double low, double high, double from, double to) {

    /** An axis that ends at round values around {@code low} … {@code high}. */
    static Axis round(double low, double high, int marks, double from, double to) {
        double step = step(low, high, marks);
        double first = Math.floor(low / step) * step;
        double last = Math.ceil(high / step) * step;
        return new Axis(first, last > first ? last : first + step, from, to);
    }

    double at(double value) {
        return from + (value - low) / (high - low) * (to - from);
    }

    /** About {@code marks} round values on the axis. */
    List<Double> marks(int marks) {
        double step = step(low, high, marks);
        List<Double> values = new ArrayList<>();
        for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
            values.add(i * step);
        }
        return values;
    }

    /** 1, 2 or 5 times a power of ten. */
    private static double step(double low, double high, int marks) {
        double raw = Math.max(high - low, 1e-9) / marks;
        double power = Math.pow(10, Math.floor(Math.log10(raw)));
        double factor = raw / power;
        return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
    }
}
