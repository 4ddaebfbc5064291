package dev.lorikeet.cli.report;

import dev.lorikeet.cli.report.Labels.Box;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A line chart: two axes with their marks, what lies in between, and above it what each curve is. One unit is one CSS
 * pixel at full size. Labels are placed last, when all that they must keep clear of is there.
 */
final class Plot {
    static final double WIDTH = 560;
    static final double HEIGHT = 320;
    static final double LEFT = 76;
    static final double RIGHT = WIDTH - 28;
    static final double TOP = 12;
    static final double BOTTOM = HEIGHT - 46;
    /** Half the room of a dot. */
    private static final double DOT = 6;

    /** A label that waits for its place; {@code x} is NaN where it is the name of a line across. */
    private record Waiting(String text, String type, double x, double y) {}

    private final Markup svg = new Markup();
    private final Markup legend = new Markup();
    private final Labels labels = new Labels(new Box(LEFT + 2, TOP - 10, RIGHT + 14, BOTTOM - 2));
    private final List<Waiting> waiting = new ArrayList<>();
    private final Axis x;
    private final Axis y;
    private boolean explained;

    Plot(String description, Axis x, Axis y) {
        this.x = x;
        this.y = y;
        svg.open("svg", "viewBox", "0 0 560 320", "class", "plot", "role", "img", "aria-label", description);
        legend.open("p", "class", "legend");
    }

    /** Lines across at round values of y, their values on the left. */
    Plot horizontalMarks(int count, DoubleFunction<String> label) {
        for (double value : y.marks(count)) {
            double at = y.at(value);
            svg.empty("line", "class", "grid", "x1", LEFT, "x2", RIGHT, "y1", at, "y2", at);
            svg.leaf("text", label.apply(value), "class", "tick", "x", LEFT - 8, "y", at + 4, "text-anchor", "end");
        }
        return this;
    }

    /** Values below the x axis, and what they are. */
    Plot verticalMarks(List<Double> values, DoubleFunction<String> label, String title) {
        for (double value : values) {
            svg.leaf("text", label.apply(value), "class", "tick", "x", x.at(value), "y", BOTTOM + 20, "text-anchor",
                    "middle");
        }
        svg.leaf("text", title, "class", "axis", "x", (LEFT + RIGHT) / 2, "y", HEIGHT - 6, "text-anchor", "middle");
        return this;
    }

    /** A line from top to bottom. */
    Plot divider(double value) {
        svg.empty("line", "class", "divider", "x1", x.at(value), "x2", x.at(value), "y1", TOP, "y2", BOTTOM);
        return this;
    }

    /** A line across with its name beside it. */
    Plot reference(double value, String name) {
        double at = y.at(value);
        svg.empty("line", "class", "reference", "x1", LEFT, "x2", RIGHT, "y1", at, "y2", at);
        labels.avoid(LEFT, at, RIGHT, at);
        waiting.add(new Waiting(name, "reference", Double.NaN, at));
        return this;
    }

    /** A line through the points (xs[i], ys[i]). */
    Plot path(String type, double[] xs, double[] ys) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < xs.length; i++) {
            points.append(i == 0 ? "" : " ").append(Markup.coordinate(x.at(xs[i]))).append(',')
                    .append(Markup.coordinate(y.at(ys[i])));
            if (i > 0) {
                labels.avoid(x.at(xs[i - 1]), y.at(ys[i - 1]), x.at(xs[i]), y.at(ys[i]));
            }
        }
        svg.empty("polyline", "class", type, "points", points);
        return this;
    }

    /** A dot on a curve, with more when hovered over. */
    Plot mark(String type, double valueX, double valueY, String hover) {
        svg.open("g").hover(hover).empty("circle", "class", type, "cx", x.at(valueX), "cy", y.at(valueY), "r", 4)
                .close();
        return this;
    }

    /** What a curve is, above the chart. */
    Plot legend(String type, String name) {
        explained = true;
        legend.open("span").leaf("i", "", "class", type).text(name).close();
        return this;
    }

    /** A small point that may lie on others. */
    Plot point(double valueX, double valueY) {
        svg.empty("circle", "class", "point", "cx", x.at(valueX), "cy", y.at(valueY), "r", 3);
        return this;
    }

    /** A bar that stands on the x axis, with more when hovered over. */
    Plot bar(String type, double from, double to, double value, String hover) {
        double top = y.at(value);
        svg.open("g").hover(hover).empty("rect", "class", type, "x", x.at(from) + 1, "width",
                Math.max(0.5, x.at(to) - x.at(from) - 2), "y", top, "height", Math.max(0, BOTTOM - top)).close();
        return this;
    }

    /** A dot with its value beside it and more when hovered over. */
    Plot dot(double valueX, double valueY, String label, String hover) {
        double atX = x.at(valueX);
        double atY = y.at(valueY);
        svg.open("g", "class", "dot").hover(hover).empty("circle", "cx", atX, "cy", atY, "r", 5).close();
        labels.take(new Box(atX - DOT, atY - DOT, atX + DOT, atY + DOT));
        if (!label.isEmpty()) {
            waiting.add(new Waiting(label, "value", atX, atY));
        }
        return this;
    }

    @Override
    public String toString() {
        for (Waiting label : waiting) {
            @Nullable
            Box box = Double.isNaN(label.x) ? labels.along(label.text, label.y)
                    : labels.place(label.text, label.x, label.y);
            if (box != null) {
                svg.leaf("text", label.text, "class", label.type, "x", (box.left() + box.right()) / 2, "y",
                        box.bottom() - 5, "text-anchor", "middle");
            }
        }
        return (explained ? legend.close() + "\n" : "") + svg.close();
    }
}
