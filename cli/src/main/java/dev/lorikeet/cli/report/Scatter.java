package dev.lorikeet.cli.report;

import java.util.stream.IntStream;

/** Numbers that were predicted over the true ones, as SVG. */
final class Scatter {
    /** So many points make a cloud; more make the page large. */
    private static final int MOST = 2000;

    private Scatter() {}

    /** A point for each example; of very many, evenly chosen ones. */
    static String of(float[] actual, float[] predicted) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < actual.length; i++) {
            low = Math.min(low, Math.min(actual[i], predicted[i]));
            high = Math.max(high, Math.max(actual[i], predicted[i]));
        }
        Axis x = Axis.round(low, high, 6, Plot.LEFT, Plot.RIGHT);
        Axis y = new Axis(x.low(), x.high(), Plot.BOTTOM, Plot.TOP);
        Plot plot = new Plot("Predicted numbers over the true ones of " + actual.length + " examples", x, y)
                .horizontalMarks(5, Format::number).verticalMarks(x.marks(6), Format::number, "true")
                .path("same", new double[] {x.low(), x.high()}, new double[] {x.low(), x.high()});
        int shown = Math.min(MOST, actual.length);
        IntStream.range(0, shown).map(i -> (int) ((long) i * actual.length / shown))
                .forEach(i -> plot.point(actual[i], predicted[i]));
        return plot.toString();
    }
}
