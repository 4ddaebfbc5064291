package dev.lorikeet.bench.experiments;

import dev.lorikeet.bench.experiments.RankStability.Row;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Both scalings on logarithmic axes, one panel for each quantity, relative to the lowest rank, as SVG. */
final class StabilityChart {
    private static final int PANEL = 240;
    private static final int LEFT = 56;
    private static final int TOP = 60;
    private static final int HEIGHT = 220;
    /** The axis ends where LoRA's quantities are at rank 2048. */
    private static final int DECADES = 3;
    private static final String LORA = "#c58b2b";
    private static final String RSLORA = "#2a7f62";

    private final StringBuilder out = new StringBuilder();
    private final StabilityResult result;

    private StabilityChart(StabilityResult result) {
        this.result = result;
    }

    static String svg(StabilityResult result) {
        return new StabilityChart(result).svg();
    }

    private String svg() {
        add("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11">
                <rect width="100%%" height="100%%" fill="white"/>
                <text x="12" y="18" font-size="13">\
                What becomes of an adapter's numbers as its rank grows (rank 4: 1)</text>
                <text x="12" y="36" fill="%s">rsLoRA, alpha/√r</text><text x="120" y="36" fill="%s">LoRA, alpha/r</text>
                """, 3 * PANEL + 20, TOP + HEIGHT + 40, RSLORA, LORA);
        panel(0, "gradient of B at the start", Row::gradient);
        panel(1, "output after a step", Row::forward);
        panel(2, "input's gradient after a step", Row::backward);
        return out.append("</svg>\n").toString();
    }

    private void panel(int number, String title, ToDoubleFunction<Row> quantity) {
        int left = LEFT + number * PANEL;
        add("<text x=\"%d\" y=\"%d\">%s</text>\n", left, TOP - 8, title);
        for (int decade = 0; decade <= DECADES; decade++) {
            double y = y(Math.pow(10, -decade));
            add("<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>\n", left, left + PANEL - 60, y, y);
            add("<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", left - 6, y + 4,
                    decade == 0 ? "1" : "1/" + Math.round(Math.pow(10, decade)));
        }
        for (Row row : result.lora()) {
            if (row.rank() == 4 || row.rank() == 32 || row.rank() == 256 || row.rank() == 2048) {
                add("<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>\n", x(left, row.rank()),
                        TOP + HEIGHT + 18, row.rank());
            }
        }
        line(left, RSLORA, result.rslora(), quantity);
        line(left, LORA, result.lora(), quantity);
    }

    private void line(int left, String color, List<Row> rows, ToDoubleFunction<Row> quantity) {
        double first = quantity.applyAsDouble(rows.getFirst());
        StringBuilder points = new StringBuilder();
        for (Row row : rows) {
            points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(left, row.rank()),
                    y(quantity.applyAsDouble(row) / first)));
        }
        add("<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>\n", points.toString().strip(),
                color);
    }

    private static double x(int left, int rank) {
        return left + (PANEL - 60) * Math.log(rank / 4.0) / Math.log(2048 / 4.0);
    }

    private static double y(double ratio) {
        return TOP + 20 - (HEIGHT - 20) * Math.log10(ratio) / DECADES;
    }

    private void add(String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values));
    }
}
