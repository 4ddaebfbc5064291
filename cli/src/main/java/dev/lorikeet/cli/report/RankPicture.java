package dev.lorikeet.cli.report;

import dev.lorikeet.cli.report.Run.AdaptedLayer;
import dev.lorikeet.lora.rank.RankAllocator.RanksAt;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Ranks over time: a row for each adapted layer, those of one module together, the deeper the colour the higher. */
final class RankPicture {
    private static final double WIDTH = 1120;
    private static final double LEFT = 232;
    private static final double RIGHT = WIDTH - 44;
    private static final double TOP = 6;
    private static final double GAP = 6;
    private static final double MOST_ROWS_HEIGHT = 640;
    /** Rows lower than this have no room for a number. */
    private static final double READABLE = 11;

    /** A rank from one step on. */
    private record Change(int step, int rank) {}

    private final Markup svg = new Markup();
    private final Axis x;
    private final double rowHeight;
    private final int highest;
    private final int steps;

    private RankPicture(int rows, int steps, int highest) {
        this.x = new Axis(0, steps, LEFT, RIGHT);
        this.rowHeight = Math.clamp(MOST_ROWS_HEIGHT / rows, 4, 15);
        this.highest = highest;
        this.steps = steps;
    }

    /**
     * The picture.
     *
     * @param layers with the ranks of the beginning
     * @param history what changed afterwards, in order
     * @param steps of training
     */
    static String of(List<AdaptedLayer> layers, List<RanksAt> history, int steps) {
        Map<String, Map<AdaptedLayer, List<Change>>> modules = new LinkedHashMap<>();
        int highest = 1;
        for (AdaptedLayer layer : layers) {
            List<Change> changes = changes(layer, history);
            modules.computeIfAbsent(LayerPath.of(layer.path()).module(), _ -> new LinkedHashMap<>()).put(layer,
                    changes);
            highest = Math.max(highest, changes.stream().mapToInt(Change::rank).max().orElse(1));
        }
        return new RankPicture(layers.size(), steps, highest).draw(modules);
    }

    private static List<Change> changes(AdaptedLayer layer, List<RanksAt> history) {
        List<Change> changes = new ArrayList<>(List.of(new Change(0, layer.rank())));
        for (RanksAt ranks : history) {
            int rank = ranks.ranks().getOrDefault(layer.path(), changes.getLast().rank);
            if (rank != changes.getLast().rank) {
                changes.add(new Change(ranks.step(), rank));
            }
        }
        return changes;
    }

    private String draw(Map<String, Map<AdaptedLayer, List<Change>>> modules) {
        int rows = modules.values().stream().mapToInt(Map::size).sum();
        double bottom = TOP + rows * rowHeight + (modules.size() - 1) * GAP;
        svg.open("svg", "viewBox", "0 0 1120 " + Markup.coordinate(bottom + 42), "class", "ranks", "role", "img",
                "aria-label", "Ranks of " + rows + " adapters over " + steps + " steps");
        double top = TOP;
        for (Map.Entry<String, Map<AdaptedLayer, List<Change>>> module : modules.entrySet()) {
            svg.leaf("text", module.getKey(), "x", 0, "y", top + 12);
            for (Map.Entry<AdaptedLayer, List<Change>> row : module.getValue().entrySet()) {
                row(row.getKey(), row.getValue(), top);
                top += rowHeight;
            }
            top += GAP;
        }
        for (double step : x.marks(8)) {
            svg.leaf("text", Format.count(Math.round(step)), "class", "tick", "x", x.at(step), "y", bottom + 18,
                    "text-anchor", "middle");
        }
        svg.leaf("text", "step", "class", "axis", "x", (LEFT + RIGHT) / 2, "y", bottom + 36, "text-anchor", "middle");
        return svg.close().toString();
    }

    private void row(AdaptedLayer layer, List<Change> changes, double top) {
        for (int i = 0; i < changes.size(); i++) {
            Change change = changes.get(i);
            int end = i + 1 < changes.size() ? changes.get(i + 1).step : steps;
            svg.open("rect", "x", x.at(change.step), "width", Math.max(0.5, x.at(end) - x.at(change.step)), "y", top,
                    "height", rowHeight - 1, "class", "rank", "style",
                    "--strength:" + Markup.coordinate(100.0 * change.rank / highest) + "%")
                    .hover(layer.path() + ": rank " + change.rank + " from step " + change.step + " to " + end).close();
        }
        if (rowHeight >= READABLE) {
            double line = top + rowHeight - 4;
            svg.leaf("text", Integer.toString(LayerPath.of(layer.path()).block()), "class", "tick", "x", LEFT - 8, "y",
                    line, "text-anchor", "end");
            svg.leaf("text", Integer.toString(changes.getLast().rank), "class", "last", "x", RIGHT + 8, "y", line);
        }
    }
}
