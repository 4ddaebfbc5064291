package dev.lorikeet.bench.peers;

import dev.lorikeet.cli.report.Format;
import java.util.List;
import java.util.Locale;

/** The ratios as bars on a logarithmic axis, with a line at 1 and a mark at each target, as SVG. */
final class Chart {
    private static final int LABELS = 330;
    private static final int WIDTH = 860;
    private static final int ROW = 18;
    private static final int TOP = 40;
    private static final double LOW = 0.25;
    private static final double HIGH = 8;
    private static final List<Double> MARKS = List.of(0.25, 0.5, 1.0, 2.0, 4.0, 8.0);

    private Chart() {}

    static String svg(List<Result> all) {
        List<Result> results = all.stream().filter(result -> !Double.isNaN(result.ratio())).toList();
        int bottom = TOP + ROW * results.size();
        StringBuilder out = new StringBuilder();
        add(out, """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11">
                <rect width="100%%" height="100%%" fill="white"/>
                <text x="12" y="16" font-size="13">How many times as fast as the best native engine, or as the \
                machine's limit (target: |)</text>
                """, WIDTH, bottom + 12);
        for (double mark : MARKS) {
            add(out, "<line x1=\"%1$.1f\" x2=\"%1$.1f\" y1=\"%2$d\" y2=\"%3$d\" stroke=\"%4$s\"/>\n", x(mark), TOP - 4,
                    bottom, mark == 1 ? "#333" : "#ddd");
            add(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", x(mark), TOP - 8,
                    Double.toString(mark).replace(".0", ""));
        }
        for (int i = 0; i < results.size(); i++) {
            bar(out, results.get(i), TOP + ROW * i);
        }
        return out.append("</svg>\n").toString();
    }

    private static void bar(StringBuilder out, Result result, int top) {
        double from = Math.min(x(1), x(result.ratio()));
        double to = Math.max(x(1), x(result.ratio()));
        String label = String.join(" ", result.work(), result.shape(), result.form()).strip() + ", "
                + Format.count(result.threads(), "thread", "threads");
        add(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", LABELS - 8, top + 12, label);
        add(out, "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"><title>%s: %s of "
                + "%s</title></rect>\n",
                from, top + 3, to - from, ROW - 6, result.reached() ? "#2a7f62" : "#c58b2b", label,
                Report.ratio(result.ratio()), result.rival().orElse(""));
        add(out, "<line x1=\"%1$.1f\" x2=\"%1$.1f\" y1=\"%2$d\" y2=\"%3$d\" stroke=\"black\" stroke-width=\"2\"/>\n",
                x(result.target()), top + 2, top + ROW - 2);
        add(out, "<text x=\"%.1f\" y=\"%d\">%s</text>\n", Math.max(to, x(result.target())) + 4, top + 12,
                Report.ratio(result.ratio()));
    }

    /** The place of a ratio; what is off the axis is at its end. */
    private static double x(double ratio) {
        double share = Math.log(Math.clamp(ratio, LOW, HIGH) / LOW) / Math.log(HIGH / LOW);
        return LABELS + share * (WIDTH - 40 - LABELS);
    }

    private static void add(StringBuilder out, String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values));
    }
}
