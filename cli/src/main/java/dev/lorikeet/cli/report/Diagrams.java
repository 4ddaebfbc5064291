package dev.lorikeet.cli.report;

import dev.lorikeet.transformer.metrics.Calibration;
import dev.lorikeet.transformer.metrics.PrecisionRecall;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** How sure, how precise and how alike, as SVG. */
final class Diagrams {
    private static final int MAX_POINTS = 400;
    private static final int BINS = 24;
    private static final double[] ENDS = {0, 1};

    private Diagrams() {}

    /** A reliability diagram: the share of right answers over how sure the model was (Guo et al. 2017, figure 1). */
    static String reliability(Calibration calibration) {
        Plot plot = shares("Reliability diagram", "probability");
        for (Calibration.Bin bin : calibration.bins()) {
            if (bin.count() > 0) {
                plot.bar("column", bin.from(), bin.to(), bin.accuracy(), Format.count(bin.count(), "answer", "answers")
                        + " of a probability from " + Format.percent(bin.from()) + " to " + Format.percent(bin.to())
                        + ", in the mean " + Format.percent(bin.confidence()) + ": " + Format.percent(bin.accuracy())
                        + " are right");
            }
        }
        plot.path("same", ENDS, ENDS);
        for (Calibration.Bin bin : calibration.bins()) {
            if (bin.count() > 0) {
                plot.point(bin.confidence(), bin.accuracy());
            }
        }
        return plot.legend("column", "right").legend("point", "at the mean probability").toString();
    }

    /** Precision over recall; several curves by their names, one without a name. */
    static String precisionRecall(Map<String, PrecisionRecall> curves) {
        Plot plot = shares("Precision over recall", "recall");
        int number = 0;
        for (Map.Entry<String, PrecisionRecall> each : curves.entrySet()) {
            List<PrecisionRecall.Point> points = thinned(each.getValue().curve());
            String type = "series" + number++;
            plot.path(type, points.stream().mapToDouble(PrecisionRecall.Point::recall).toArray(),
                    points.stream().mapToDouble(PrecisionRecall.Point::precision).toArray());
            if (!each.getKey().isEmpty()) {
                plot.legend(type, each.getKey() + " " + Format.percent(each.getValue().averagePrecision()));
            }
        }
        return plot.toString();
    }

    private static List<PrecisionRecall.Point> thinned(List<PrecisionRecall.Point> all) {
        List<PrecisionRecall.Point> some = new ArrayList<>();
        int shown = Math.min(MAX_POINTS, all.size());
        for (int i = 0; i < shown; i++) {
            some.add(all.get((int) ((long) i * (all.size() - 1) / Math.max(1, shown - 1))));
        }
        return some;
    }

    private static Plot shares(String description, String title) {
        Axis x = new Axis(0, 1, Plot.LEFT, Plot.RIGHT);
        return new Plot(description, x, new Axis(0, 1, Plot.BOTTOM, Plot.TOP))
                .horizontalMarks(5, Diagrams::percent).verticalMarks(x.marks(5), Diagrams::percent, title);
    }

    private static String percent(double share) {
        return Math.round(100 * share) + " %";
    }

    /** How often values occur, as shares of each part by its name; one part may have none. */
    static String histogram(Map<String, float[]> parts, String title) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (float[] values : parts.values()) {
            for (float value : values) {
                low = Math.min(low, value);
                high = Math.max(high, value);
            }
        }
        if (low > high) {
            return new Markup().leaf("p", "There is nothing to show.", "class", "note").toString();
        }
        Axis x = Axis.round(low, high, 8, Plot.LEFT, Plot.RIGHT);
        double step = (x.high() - x.low()) / BINS;
        List<double[]> shares = parts.values().stream().map(values -> shares(values, x, step)).toList();
        double most = shares.stream().mapToDouble(own -> Arrays.stream(own).max().orElse(0)).max()
                .orElse(1);
        Plot plot = new Plot("How often values of " + title + " occur", x, Axis.round(0, most, 4, Plot.BOTTOM,
                Plot.TOP)).horizontalMarks(4, share -> Format.number(Math.round(1000 * share) / 10.0) + " %")
                .verticalMarks(x.marks(6), Format::number, title);
        int number = 0;
        for (Map.Entry<String, float[]> part : parts.entrySet()) {
            String type = "part" + number;
            double[] own = shares.get(number++);
            for (int bin = 0; bin < BINS; bin++) {
                if (own[bin] > 0) {
                    double from = x.low() + bin * step;
                    plot.bar(type, from, from + step, own[bin], part.getKey() + (part.getKey().isEmpty() ? "" : ": ")
                            + Format.percent(own[bin]) + " from " + Format.number(from) + " to "
                            + Format.number(from + step));
                }
            }
            if (!part.getKey().isEmpty()) {
                plot.legend(type, part.getKey());
            }
        }
        return plot.toString();
    }

    private static double[] shares(float[] values, Axis x, double step) {
        double[] shares = new double[BINS];
        for (float value : values) {
            shares[Math.clamp((int) ((value - x.low()) / step), 0, BINS - 1)] += 1.0 / values.length;
        }
        return shares;
    }
}
