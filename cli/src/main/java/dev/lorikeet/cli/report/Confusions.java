package dev.lorikeet.cli.report;

import dev.lorikeet.transformer.metrics.ConfusionMatrix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Which classes were taken for which: the matrix as a heat map, its largest entries, each class's share of hits. */
final class Confusions {
    /** A larger matrix is a blur. */
    static final int MAX_CLASSES = 60;

    /** Of more classes than {@link #MAX_CLASSES}, so many are in the map. */
    private static final int CHOSEN = 24;
    private static final int MAX_LABEL = 17;
    /** Of a letter of a label, on a phone as well: the map has its size everywhere, and scrolls. */
    private static final double LETTER = 7.2;
    private static final double SLANT = Math.toRadians(60);
    private static final int MAX_COUNTED = 30;
    private static final int MOST_FREQUENT = 15;
    private static final int HARDEST = 30;
    private static final int TEXTS = 3;

    /** So many examples of a class were taken for another. */
    private record Pair(int actual, int said, int count) {}

    private final ConfusionMatrix matrix;
    private final List<String> labels;
    private final int[] totals;
    /** The most frequent first. */
    private final List<Pair> pairs = new ArrayList<>();

    Confusions(ConfusionMatrix matrix, List<String> labels) {
        this.matrix = matrix;
        this.labels = labels;
        this.totals = new int[labels.size()];
        for (int actual = 0; actual < labels.size(); actual++) {
            for (int said = 0; said < labels.size(); said++) {
                int count = matrix.count(actual, said);
                totals[actual] += count;
                if (actual != said && count > 0) {
                    pairs.add(new Pair(actual, said, count));
                }
            }
        }
        pairs.sort(Comparator.comparingInt(pair -> -pair.count));
    }

    /** Whether the map has all classes. */
    boolean isWhole() {
        return labels.size() <= MAX_CLASSES;
    }

    /** All classes, or of very many those that are confused most, in their order. */
    List<Integer> mapped() {
        if (isWhole()) {
            return IntStream.range(0, labels.size()).boxed().toList();
        }
        Set<Integer> chosen = new LinkedHashSet<>();
        pairs.stream().flatMap(pair -> List.of(pair.actual, pair.said).stream()).takeWhile(_ -> chosen.size() < CHOSEN)
                .forEach(chosen::add);
        return chosen.stream().sorted().toList();
    }

    /** Rows are the true classes, columns what was said. */
    String heatMap() {
        List<Integer> shown = mapped();
        double cell = Math.clamp(300.0 / shown.size(), 24, 56); // of few classes, large ones
        int longest = shown.stream().mapToInt(c -> shortened(labels.get(c)).length()).max().orElse(0);
        double left = Math.max(48, LETTER * longest + 14);
        double top = Math.max(44, LETTER * longest * Math.sin(SLANT) + 20);
        double overhang = LETTER * longest * Math.cos(SLANT) + 8; // of the last names
        double field = shown.size() * cell;
        int width = (int) Math.ceil(left + field + overhang);
        int height = (int) Math.ceil(top + field + 8);
        Markup svg = new Markup().open("svg", "viewBox", "0 0 " + width + " " + height, "class", "heat", "style",
                "width:" + width + "px", "role", "img", "aria-label", "Confusion matrix");
        svg.leaf("text", "said", "class", "axis", "x", left - 10, "y", top - 24, "text-anchor", "end");
        svg.leaf("text", "true", "class", "axis", "x", left - 10, "y", top - 7, "text-anchor", "end");
        svg.empty("rect", "class", "field", "x", left, "y", top, "width", field, "height", field);
        for (int i = 0; i < shown.size(); i++) {
            String label = shortened(labels.get(shown.get(i)));
            svg.leaf("text", label, "x", left - 8, "y", top + i * cell + cell / 2 + 4, "text-anchor", "end");
            double at = left + i * cell + cell / 2;
            if (longest * LETTER < cell) {
                svg.leaf("text", label, "x", at, "y", top - 8, "text-anchor", "middle");
            } else {
                svg.leaf("text", label, "transform", "translate(" + Markup.coordinate(at + 4) + " "
                        + Markup.coordinate(top - 8) + ") rotate(-60)");
            }
        }
        for (int row = 0; row < shown.size(); row++) {
            for (int column = 0; column < shown.size(); column++) {
                cell(svg, shown.get(row), shown.get(column), left + column * cell, top + row * cell, cell);
            }
        }
        return svg.close().toString();
    }

    private void cell(Markup svg, int actual, int said, double x, double y, double cell) {
        int count = matrix.count(actual, said);
        if (count == 0 && actual != said) {
            return;
        }
        double share = share(actual, said);
        svg.open("g", "class", actual == said ? "hit" : "miss");
        svg.hover(labels.get(actual) + (actual == said ? " recognised: " : " taken for " + labels.get(said) + ": ")
                + count + " of " + totals[actual] + ", " + Format.percent(share));
        // Rare confusions must be seen too, so that the scale does not begin at nothing.
        double strength = actual == said ? share : Math.min(1, 0.12 + 2.5 * share);
        svg.empty("rect", "x", x + 1, "y", y + 1, "width", cell - 2, "height", cell - 2, "rx", 3, "style",
                "--strength:" + Markup.coordinate(strength));
        if (mapped().size() <= MAX_COUNTED) {
            svg.leaf("text", Format.count(count), "x", x + cell / 2, "y", y + cell / 2 + 4, "text-anchor", "middle");
        }
        svg.close();
    }

    /** The confusions that occurred most often, each with some of its texts. */
    String mostFrequent(List<Mistake> mistakes) {
        Markup table = new Markup().open("table", "class", "bars");
        table.open("thead").open("tr").leaf("th", "true").leaf("th", "taken for").leaf("th", "times", "class", "number")
                .leaf("th", "share of the class").close().close().open("tbody");
        if (pairs.isEmpty()) {
            table.open("tr").leaf("td", "none: every example was recognised", "colspan", 4).close();
        }
        for (Pair pair : pairs.subList(0, Math.min(MOST_FREQUENT, pairs.size()))) {
            double share = share(pair.actual, pair.said);
            table.open("tr").leaf("td", labels.get(pair.actual)).leaf("td", labels.get(pair.said))
                    .leaf("td", Format.count(pair.count), "class", "number");
            Bars.bar(table, share / share(pairs.getFirst().actual, pairs.getFirst().said), "miss",
                    Format.percent(share)).close();
            List<Mistake> own = mistakes.stream().filter(mistake -> mistake.truth().equals(labels.get(pair.actual))
                    && mistake.said().equals(labels.get(pair.said))).limit(TEXTS).toList();
            if (!own.isEmpty()) {
                table.open("tr", "class", "texts").open("td", "colspan", 4);
                own.forEach(mistake -> table.open("p").text(mistake.text()).leaf("span", " "
                        + Format.percent(mistake.confidence()) + " sure").close());
                table.close().close();
            }
        }
        return table.close().close().toString();
    }

    /** The classes with the share of their examples that were recognised, the worst first; of many the worst alone. */
    String recall() {
        List<Integer> classes = IntStream.range(0, labels.size()).filter(c -> totals[c] > 0).boxed()
                .sorted(Comparator.comparingDouble(c -> share(c, c))).toList();
        Markup table = new Markup().open("table", "class", "bars");
        table.open("thead").open("tr").leaf("th", "class").leaf("th", "examples", "class", "number")
                .leaf("th", "recognised").close().close().open("tbody");
        List<Integer> shown = classes.subList(0, Math.min(HARDEST, classes.size()));
        for (int c : shown) {
            table.open("tr").leaf("td", labels.get(c)).leaf("td", Format.count(totals[c]), "class", "number");
            Bars.bar(table, share(c, c), "hit", Format.percent(share(c, c))).close();
        }
        List<Integer> rest = classes.subList(shown.size(), classes.size());
        if (!rest.isEmpty()) {
            table.open("tr").leaf("td", "and " + Format.count(rest.size(), "class", "classes") + " more, "
                    + Format.count(rest.stream().filter(c -> share(c, c) == 1).count())
                    + " of them recognised every time", "colspan", 3).close();
        }
        return table.close().close().toString();
    }

    private double share(int actual, int said) {
        return totals[actual] == 0 ? 0 : (double) matrix.count(actual, said) / totals[actual];
    }

    private static String shortened(String label) {
        return label.codePointCount(0, label.length()) <= MAX_LABEL ? label
                : label.substring(0, label.offsetByCodePoints(0, MAX_LABEL - 1)) + "…";
    }

    /** What the map shows, for people. */
    String mappedText() {
        return isWhole() ? ""
                : ", those " + mapped().size() + " of " + Format.count(labels.size())
                        + " classes that are confused most";
    }
}
