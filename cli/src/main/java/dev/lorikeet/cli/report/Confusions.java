package dev.lorikeet.cli.report;

import dev.lorikeet.transformer.metrics.ConfusionMatrix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Which classes were taken for which: the matrix as a heat map, its largest entries, each class's share of hits. */
final class Confusions {
    /** A larger matrix is a blur; the tables beside it say more. */
    static final int MAX_CLASSES = 60;

    private static final double LABELS = 126;
    /** Right of the field, for the slanted names of the last columns. */
    private static final double OVERHANG = 60;
    private static final int MAX_LABEL = 17;
    private static final int MAX_COUNTED = 30;
    private static final int MOST_FREQUENT = 20;

    private final ConfusionMatrix matrix;
    private final List<String> labels;
    /** The side of a cell: a matrix of few classes has large ones. */
    private final double cell;

    Confusions(ConfusionMatrix matrix, List<String> labels) {
        this.matrix = matrix;
        this.labels = labels;
        this.cell = Math.clamp(300.0 / labels.size(), 24, 56);
    }

    /** Rows are the true classes, columns what was said. */
    String heatMap() {
        int classes = labels.size();
        double field = classes * cell;
        int width = (int) Math.ceil(LABELS + field + OVERHANG);
        int height = (int) Math.ceil(LABELS + field + 8);
        Markup svg = new Markup().open("svg", "viewBox", "0 0 " + width + " " + height, "class", "heat", "style",
                "min-width:" + width * 9 / 10 + "px;max-width:" + width * 5 / 4 + "px", "role", "img", "aria-label",
                "Confusion matrix");
        svg.leaf("text", "said", "class", "axis", "x", LABELS - 8, "y", LABELS - 30, "text-anchor", "end");
        svg.leaf("text", "true", "class", "axis", "x", LABELS - 8, "y", LABELS - 12, "text-anchor", "end");
        svg.empty("rect", "class", "field", "x", LABELS, "y", LABELS, "width", field, "height", field);
        for (int c = 0; c < classes; c++) {
            double at = LABELS + c * cell + cell / 2;
            svg.leaf("text", shortened(labels.get(c)), "x", LABELS - 8, "y", at + 4, "text-anchor", "end");
            String turned = "translate(" + Markup.coordinate(at + 4) + " " + Markup.coordinate(LABELS - 8)
                    + ") rotate(-60)";
            svg.leaf("text", shortened(labels.get(c)), "transform", turned);
        }
        for (int actual = 0; actual < classes; actual++) {
            for (int said = 0; said < classes; said++) {
                cell(svg, actual, said);
            }
        }
        return svg.close().toString();
    }

    private void cell(Markup svg, int actual, int said) {
        int count = matrix.count(actual, said);
        if (count == 0 && actual != said) {
            return;
        }
        double share = share(actual, said);
        double x = LABELS + said * cell;
        double y = LABELS + actual * cell;
        svg.open("g", "class", actual == said ? "hit" : "miss");
        svg.hover(labels.get(actual) + (actual == said ? " recognised: " : " taken for " + labels.get(said) + ": ")
                + count + " of " + total(actual) + ", " + Format.percent(share));
        // Rare confusions must be seen too, so that the scale does not begin at nothing.
        double strength = actual == said ? share : Math.min(1, 0.12 + 2.5 * share);
        svg.empty("rect", "x", x + 1, "y", y + 1, "width", cell - 2, "height", cell - 2, "rx", 3, "fill-opacity",
                strength);
        if (labels.size() <= MAX_COUNTED) {
            svg.leaf("text", Integer.toString(count), "class", strength > 0.5 ? "strong" : "weak", "x", x + cell / 2,
                    "y", y + cell / 2 + 3.5, "text-anchor", "middle");
        }
        svg.close();
    }

    /** The confusions that occurred most often. */
    String mostFrequent() {
        List<int[]> pairs = new ArrayList<>();
        for (int actual = 0; actual < labels.size(); actual++) {
            for (int said = 0; said < labels.size(); said++) {
                if (actual != said && matrix.count(actual, said) > 0) {
                    pairs.add(new int[] {actual, said});
                }
            }
        }
        pairs.sort(Comparator.comparingInt((int[] pair) -> -matrix.count(pair[0], pair[1])));
        Markup table = new Markup().open("table", "class", "bars");
        table.open("thead").open("tr").leaf("th", "true").leaf("th", "taken for").leaf("th", "times", "class", "number")
                .leaf("th", "share of the class").close().close().open("tbody");
        if (pairs.isEmpty()) {
            table.open("tr").leaf("td", "none: every example was recognised", "colspan", 4).close();
        }
        for (int[] pair : pairs.subList(0, Math.min(MOST_FREQUENT, pairs.size()))) {
            double share = share(pair[0], pair[1]);
            table.open("tr").leaf("td", labels.get(pair[0])).leaf("td", labels.get(pair[1]))
                    .leaf("td", Format.count(matrix.count(pair[0], pair[1])), "class", "number");
            bar(table, share, share(pairs.getFirst()[0], pairs.getFirst()[1]), "miss").close();
        }
        return table.close().close().toString();
    }

    /** Every class with the share of its examples that were recognised, the worst first. */
    String recall() {
        List<Integer> classes = new ArrayList<>();
        for (int c = 0; c < labels.size(); c++) {
            if (total(c) > 0) {
                classes.add(c);
            }
        }
        classes.sort(Comparator.comparingDouble(c -> share(c, c)));
        Markup table = new Markup().open("table", "class", "bars");
        table.open("thead").open("tr").leaf("th", "class").leaf("th", "examples", "class", "number")
                .leaf("th", "recognised").close().close().open("tbody");
        for (int c : classes) {
            table.open("tr").leaf("td", labels.get(c)).leaf("td", Format.count(total(c)), "class", "number");
            bar(table, share(c, c), 1, "hit").close();
        }
        return table.close().close().toString();
    }

    private static Markup bar(Markup table, double share, double full, String type) {
        String width = "width:" + Markup.coordinate(100 * Math.min(1, share / full)) + "%";
        return table.open("td", "class", "bar").open("div").open("u").leaf("i", "", "class", type, "style", width)
                .close().leaf("b", Format.percent(share)).close().close();
    }

    private double share(int actual, int said) {
        int total = total(actual);
        return total == 0 ? 0 : (double) matrix.count(actual, said) / total;
    }

    private int total(int actual) {
        int total = 0;
        for (int said = 0; said < labels.size(); said++) {
            total += matrix.count(actual, said);
        }
        return total;
    }

    private static String shortened(String label) {
        return label.codePointCount(0, label.length()) <= MAX_LABEL ? label
                : label.substring(0, label.offsetByCodePoints(0, MAX_LABEL - 1)) + "…";
    }
}
