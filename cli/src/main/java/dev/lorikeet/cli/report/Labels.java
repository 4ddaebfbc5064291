package dev.lorikeet.cli.report;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds places for the labels of a chart: beside what they name, and neither over one another nor, where there is room,
 * over lines. A label for which every place is taken is left out; what it says must stand elsewhere, too.
 */
final class Labels {
    /** As wide as a letter is on a phone, in the picture's units: there the letters are larger. */
    static final double LETTER = 9.6;
    static final double LINE = 19;
    /** From the middle of what is named to the label. */
    private static final double DISTANCE = 9;

    /** Where a label may stand, seen from the point that it names. */
    enum Side {
        ABOVE, BELOW, RIGHT, LEFT
    }

    /** A field of the picture. */
    record Box(double left, double top, double right, double bottom) {
        boolean meets(Box other) {
            return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
        }

        boolean isIn(Box other) {
            return left >= other.left && right <= other.right && top >= other.top && bottom <= other.bottom;
        }

        /** Whether a straight line goes through it. */
        boolean meets(double x1, double y1, double x2, double y2) {
            double from = 0;
            double to = 1;
            double[] starts = {x1, y1};
            double[] moves = {x2 - x1, y2 - y1};
            double[] lows = {left, top};
            double[] highs = {right, bottom};
            for (int axis = 0; axis < 2; axis++) {
                if (moves[axis] == 0) {
                    if (starts[axis] <= lows[axis] || starts[axis] >= highs[axis]) {
                        return false;
                    }
                    continue;
                }
                double one = (lows[axis] - starts[axis]) / moves[axis];
                double other = (highs[axis] - starts[axis]) / moves[axis];
                from = Math.max(from, Math.min(one, other));
                to = Math.min(to, Math.max(one, other));
            }
            return from < to;
        }
    }

    private record Line(double x1, double y1, double x2, double y2) {}

    private final Box frame;
    private final List<Line> lines = new ArrayList<>();
    private final List<Box> taken = new ArrayList<>();

    /** @param frame that no label leaves */
    Labels(Box frame) {
        this.frame = frame;
    }

    /** A line that labels keep clear of. */
    void avoid(double x1, double y1, double x2, double y2) {
        lines.add(new Line(x1, y1, x2, y2));
    }

    /** A field that no label may cover. */
    void take(Box box) {
        taken.add(box);
    }

    /** The place of a label of a point, or null where there is none. */
    @Nullable
    Box place(String text, double x, double y) {
        List<Box> places = new ArrayList<>();
        double width = LETTER * text.length();
        for (Side side : Side.values()) {
            for (double shift : side == Side.ABOVE || side == Side.BELOW ? new double[] {0, -width / 2, width / 2}
                    : new double[] {0}) {
                places.add(beside(side, width, x + shift, y));
            }
        }
        return best(places);
    }

    /** The place of the name of a line across, above it or below it, or null where there is none. */
    @Nullable
    Box along(String text, double y) {
        double width = LETTER * text.length();
        List<Box> places = new ArrayList<>();
        for (double top : new double[] {y - LINE - 2, y + 2}) {
            double room = frame.right - frame.left - width;
            for (int i = 0; i <= 8; i++) {
                double left = frame.left + room * i / 8;
                places.add(new Box(left, top, left + width, top + LINE));
            }
        }
        return best(places);
    }

    private static Box beside(Side side, double width, double x, double y) {
        return switch (side) {
            case ABOVE -> new Box(x - width / 2, y - DISTANCE - LINE, x + width / 2, y - DISTANCE);
            case BELOW -> new Box(x - width / 2, y + DISTANCE, x + width / 2, y + DISTANCE + LINE);
            case RIGHT -> new Box(x + DISTANCE, y - LINE / 2, x + DISTANCE + width, y + LINE / 2);
            case LEFT -> new Box(x - DISTANCE - width, y - LINE / 2, x - DISTANCE, y + LINE / 2);
        };
    }

    /** The first of those with the fewest lines in them. */
    @Nullable
    private Box best(List<Box> places) {
        Box best = null;
        long fewest = Long.MAX_VALUE;
        for (Box place : places) {
            if (!place.isIn(frame) || taken.stream().anyMatch(place::meets)) {
                continue;
            }
            long crossed = lines.stream().filter(line -> place.meets(line.x1, line.y1, line.x2, line.y2)).count();
            if (crossed < fewest) {
                best = place;
                fewest = crossed;
            }
        }
        if (best != null) {
            taken.add(best);
        }
        return best;
    }
}
