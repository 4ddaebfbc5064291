package dev.lorikeet.bench.experiments;

import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Perplexity and gradient norm against steps, on logarithmic axes, a curve for each rank, as SVG. */
final class RankCurvesChart {
    private static final int PANEL = 300;
    private static final int HEIGHT = 200;
    private static final int LEFT = 60;
    private static final int TOP = 50;
    private static final int GAP = 50;
    private static final List<String> METHODS = List.of("lora", "rslora");

    private final StringBuilder out = new StringBuilder();
    private final List<RankCurve> curves;

    private RankCurvesChart(List<RankCurve> curves) {
        this.curves = curves;
    }

    /** @param curves of one task and model, at least one */
    static String svg(List<RankCurve> curves) {
        return new RankCurvesChart(curves).svg();
    }

    private String svg() {
        add("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11">
                <rect width="100%%" height="100%%" fill="white"/>
                <text x="12" y="18" font-size="13">%s, each curve a rank, the mean of its seeds</text>
                """, LEFT + 2 * PANEL + 70, TOP + 2 * (HEIGHT + GAP), curves.getFirst().key().task() + " on "
                + curves.getFirst().key().model());
        row(0, "perplexity", curve -> curve.losses().stream().map(Math::exp).toList());
        row(1, "gradient norm", RankCurve::norms);
        List<Integer> ranks = curves.stream().map(curve -> curve.key().rank()).distinct().sorted().toList();
        for (int i = 0; i < ranks.size(); i++) {
            add("<text x=\"%d\" y=\"%d\" fill=\"%s\">rank %d</text>\n", LEFT + 2 * PANEL + 8, TOP + 12 + 16 * i,
                    color(i, ranks.size()), ranks.get(i));
        }
        return out.append("</svg>\n").toString();
    }

    /** Both methods on one axis, so that they compare. */
    private void row(int row, String title, Function<RankCurve, List<Double>> quantity) {
        List<Double> all = curves.stream().flatMap(curve -> quantity.apply(curve).stream()).filter(value -> value > 0)
                .toList();
        double least = Math.log(all.stream().mapToDouble(value -> value).min().orElse(1));
        double most = Math.max(Math.log(all.stream().mapToDouble(value -> value).max().orElse(1)), least + 1e-3);
        int top = TOP + row * (HEIGHT + GAP);
        for (double share : new double[] {0, 0.5, 1}) {
            add("<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.3g</text>\n", LEFT - 6,
                    top + HEIGHT * (1 - share) + 4, Math.exp(least + share * (most - least)));
        }
        for (int column = 0; column < METHODS.size(); column++) {
            String method = METHODS.get(column);
            int left = LEFT + column * PANEL;
            add("<text x=\"%d\" y=\"%d\">%s, %s</text>\n", left, top - 8, column == 0 ? "LoRA" : "rsLoRA", title);
            add("<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#ddd\"/>\n", left, top,
                    PANEL - 20, HEIGHT);
            TreeMap<Integer, List<RankCurve>> byRank = curves.stream().filter(curve -> curve.key().method()
                    .equals(method)).collect(Collectors.groupingBy(curve -> curve.key().rank(), TreeMap::new,
                            Collectors.toList()));
            List<Integer> ranks = curves.stream().map(curve -> curve.key().rank()).distinct().sorted().toList();
            byRank.forEach((rank, own) -> line(left, top, mean(own, quantity), least, most,
                    color(ranks.indexOf(rank), ranks.size())));
            int steps = curves.stream().mapToInt(curve -> curve.window() * curve.losses().size()).max().orElse(0);
            add("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%d steps</text>\n", left + PANEL - 20,
                    top + HEIGHT + 16, steps);
        }
    }

    /** Of the seeds, point by point. */
    private static List<Double> mean(List<RankCurve> own, Function<RankCurve, List<Double>> quantity) {
        int points = own.stream().mapToInt(curve -> quantity.apply(curve).size()).min().orElseThrow();
        return IntStream.range(0, points).mapToObj(i -> own.stream().mapToDouble(curve -> quantity.apply(curve).get(i))
                .average().orElseThrow()).toList();
    }

    private void line(int left, int top, List<Double> values, double least, double most, String color) {
        String points = IntStream.range(0, values.size()).boxed().filter(i -> values.get(i) > 0)
                .flatMap(i -> Stream.of(String.format(Locale.ROOT, "%.1f,%.1f",
                        left + (PANEL - 20) * (i + 1.0) / values.size(),
                        top + HEIGHT * (1 - (Math.log(values.get(i)) - least) / (most - least)))))
                .collect(Collectors.joining(" "));
        add("<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"/>\n", points, color);
    }

    /** From light to dark as the rank grows. */
    private static String color(int index, int count) {
        return String.format(Locale.ROOT, "hsl(205, 70%%, %d%%)", 75 - 55 * index / Math.max(1, count - 1));
    }

    private void add(String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values));
    }
}
