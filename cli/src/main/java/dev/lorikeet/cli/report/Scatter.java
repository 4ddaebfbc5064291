package dev.lorikeet.cli.report;

import java.util.stream.IntStream;

/** Numbers that were predicted over the true ones, as SVG. */
final class Scatter {
    /** So many points make a cloud; more make the page large. */
    private static final int MOST = 2000;

    private Scatter() {}

    /**
     * A point for each example; of very many, evenly chosen ones.
     *
     * @param same whether both should be the same, so that they have one scale
     */
    static String of(float[] actual, float[] predicted, boolean same) {
        double[] ends = ends(actual);
        double[] others = ends(predicted);
        if (same) {
            ends = new double[] {Math.min(ends[0], others[0]), Math.max(ends[1], others[1])};
            others = ends;
        }
        Axis x = Axis.round(ends[0], ends[1], 6, Plot.LEFT, Plot.RIGHT);
        Axis y = Axis.round(others[0], others[1], 6, Plot.BOTTOM, Plot.TOP);
        Plot plot = new Plot("Predicted numbers over the true ones of " + actual.length + " examples", x, y)
                .horizontalMarks(5, Format::number).verticalMarks(x.marks(6), Format::number, "true");
        if (same) {
            plot.path("same", new double[] {x.low(), x.high()}, new double[] {x.low(), x.high()});
        }
        int shown = Math.min(MOST, actual.length);
        IntStream.range(0, shown).map(i -> (int) ((long) i * actual.length / shown))
                .forEach(i -> plot.point(actual[i], predicted[i]));
        return plot.toString();
    }

    private static double[] ends(float[] values) {
        double[] ends = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        for (float value : values) {
            ends[0] = Math.min(ends[0], value);
            ends[1] = Math.max(ends[1], value);
        }
        return ends;
    }
}
