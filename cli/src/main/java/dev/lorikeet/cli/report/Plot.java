package dev.lorikeet.cli.report;

import java.util.List;
import java.util.function.DoubleFunction;

/** The frame of a line chart: two axes with their marks, and paths in it. One unit is one CSS pixel at full size. */
final class Plot {
    static final double WIDTH = 560;
    static final double HEIGHT = 320;
    static final double LEFT = 58;
    static final double RIGHT = WIDTH - 16;
    static final double TOP = 16;
    static final double BOTTOM = HEIGHT - 46;

    private final Markup svg = new Markup();
    private final Axis x;
    private final Axis y;

    Plot(String description, Axis x, Axis y) {
        this.x = x;
        this.y = y;
        svg.open("svg", "viewBox", "0 0 560 320", "class", "plot", "role", "img", "aria-label", description);
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

    /** A line across with its name above it, at one of its ends. */
    Plot reference(double value, String name, boolean atRight) {
        double at = y.at(value);
        svg.empty("line", "class", "reference", "x1", LEFT, "x2", RIGHT, "y1", at, "y2", at);
        svg.leaf("text", name, "class", "reference", "x", atRight ? RIGHT - 6 : LEFT + 6, "y", at - 7, "text-anchor",
                atRight ? "end" : "start");
        return this;
    }

    /** A line through the points (xs[i], ys[i]). */
    Plot path(String type, double[] xs, double[] ys) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < xs.length; i++) {
            points.append(i == 0 ? "" : " ").append(Markup.coordinate(x.at(xs[i]))).append(',')
                    .append(Markup.coordinate(y.at(ys[i])));
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

    /** What each curve is, in a row at the top right. */
    Plot legend(List<String> types, List<String> names) {
        double right = RIGHT;
        for (int i = types.size() - 1; i >= 0; i--) {
            svg.leaf("text", names.get(i), "class", "tick", "x", right, "y", TOP - 2, "text-anchor", "end");
            right -= 10.0 * names.get(i).length() + 4; // as wide as letters are on a phone
            svg.empty("line", "class", types.get(i), "x1", right - 16, "x2", right, "y1", TOP - 6, "y2", TOP - 6);
            right -= 28;
        }
        return this;
    }

    /** A small point that may lie on others. */
    Plot point(double valueX, double valueY) {
        svg.empty("circle", "class", "point", "cx", x.at(valueX), "cy", y.at(valueY), "r", 3);
        return this;
    }

    /** A dot with its value beside it and more when hovered over. */
    Plot dot(double valueX, double valueY, String label, String hover) {
        double atX = x.at(valueX);
        double atY = y.at(valueY);
        svg.open("g", "class", "dot").hover(hover).empty("circle", "cx", atX, "cy", atY, "r", 5)
                .leaf("text", label, "x", atX, "y", atY - 13, "text-anchor", "middle").close();
        return this;
    }

    @Override
    public String toString() {
        return svg.close().toString();
    }
}
