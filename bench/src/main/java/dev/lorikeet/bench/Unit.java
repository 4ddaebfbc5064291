package dev.lorikeet.bench;

import java.util.Locale;

/** What a row counts in. */
public enum Unit {
    GFLOPS("GFLOP/s"), ELEMENTS("10^9/s"), BANDWIDTH("GB/s"), MILLISECONDS("ms"), MEGABYTES("MB/s");

    private final String label;

    Unit(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }

    /**
     * The value of a measurement.
     *
     * @param amount operations, elements or bytes of a run; of {@link #MILLISECONDS}, parts of a run
     */
    public double value(double amount, double nanoseconds) {
        return switch (this) {
            case MILLISECONDS -> nanoseconds * 1e-6 / amount;
            case MEGABYTES -> amount / nanoseconds * 1e3;
            case GFLOPS, ELEMENTS, BANDWIDTH -> amount / nanoseconds;
        };
    }

    /** How many times as fast as {@code theirs} {@code ours} is. */
    public double ratio(double ours, double theirs) {
        return this == MILLISECONDS ? theirs / ours : ours / theirs;
    }

    /** A value of any unit, with three digits. */
    public static String text(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }
}
