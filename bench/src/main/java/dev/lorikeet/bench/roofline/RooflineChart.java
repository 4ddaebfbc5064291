package dev.lorikeet.bench.roofline;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Each pass's operations as bars of their time, of which the dark part is what the machine needs at least, as SVG. */
final class RooflineChart {
    private static final int LABELS = 300;
    private static final int WIDTH = 900;
    private static final int ROW = 18;
    private static final int TOP = 44;
    private static final int HEAD = 34;
    /** Operations that take less of a pass are too small to see. */
    private static final double LEAST = 0.002;
    private static final String NEEDED = "#2a7f62";
    private static final String LOST = "#e3b45c";

    private final StringBuilder out = new StringBuilder();
    private int y = TOP;

    private RooflineChart() {}

    static String svg(Map<String, Roofline> passes) {
        RooflineChart chart = new RooflineChart();
        passes.forEach(chart::pass);
        return String.format(Locale.ROOT, """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11">
                <rect width="100%%" height="100%%" fill="white"/>
                <text x="12" y="18" font-size="13">Where the time goes, and what can be won</text>
                <rect x="12" y="27" width="10" height="10" fill="%s"/>\
                <text x="26" y="36">needed at the FMA peak, or at the bandwidth of memory</text>
                <rect x="330" y="27" width="10" height="10" fill="%s"/><text x="344" y="36">lost</text>
                %s</svg>
                """, WIDTH, chart.y + 12, NEEDED, LOST, chart.out);
    }

    private void pass(String title, Roofline pass) {
        List<Line> lines = pass.lines().stream().filter(line -> line.seconds() > LEAST * pass.seconds()).toList();
        double longest = lines.getFirst().seconds();
        y += HEAD;
        add("<text x=\"12\" y=\"%d\" font-size=\"13\">%s: %.1f ms</text>\n", y - 8, title, 1e3 * pass.seconds());
        for (Line line : lines) {
            String label = (line.entry().name() + " " + line.entry().way()).strip();
            double whole = (WIDTH - LABELS - 130) * line.seconds() / longest;
            double needed = whole * Math.min(1, line.least(pass.roof()) / line.seconds());
            add("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", LABELS - 8, y + 12, label);
            add("<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", LABELS, y + 3, needed, ROW - 6,
                    NEEDED);
            add("<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", LABELS + needed, y + 3,
                    whole - needed, ROW - 6, LOST);
            add("<text x=\"%.1f\" y=\"%d\">%.2f ms, lost %.2f</text>\n", LABELS + whole + 4, y + 12,
                    1e3 * line.seconds(), 1e3 * line.lost(pass.roof()));
            y += ROW;
        }
    }

    private void add(String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values));
    }
}
