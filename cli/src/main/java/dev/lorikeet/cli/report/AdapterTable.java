package dev.lorikeet.cli.report;

import dev.lorikeet.cli.report.Run.AdaptedLayer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Rank and size of every adapter: layers of the model across, their modules down. */
final class AdapterTable {
    private AdapterTable() {}

    static String of(List<AdaptedLayer> layers) {
        Map<String, Map<Integer, AdaptedLayer>> modules = new LinkedHashMap<>();
        Set<Integer> columns = new TreeSet<>();
        for (AdaptedLayer layer : layers) {
            LayerPath path = LayerPath.of(layer.path());
            columns.add(path.block());
            modules.computeIfAbsent(path.module(), _ -> new TreeMap<>()).put(path.block(), layer);
        }
        int highest = layers.stream().mapToInt(AdaptedLayer::rank).max().orElse(1);
        Markup table = new Markup().open("table", "class", "adapter").open("thead").open("tr").leaf("th", "module");
        columns.forEach(column -> table.leaf("th", "layer " + column));
        table.leaf("th", "parameters", "class", "number").close().close().open("tbody");
        modules.forEach((module, cells) -> {
            table.open("tr").leaf("th", module);
            columns.forEach(column -> cell(table, cells.get(column), highest));
            long parameters = cells.values().stream().mapToLong(AdaptedLayer::parameters).sum();
            table.leaf("td", Format.count(parameters), "class", "number").close();
        });
        return table.close().close().toString();
    }

    private static void cell(Markup table, @Nullable AdaptedLayer layer, int highest) {
        if (layer == null) {
            table.leaf("td", "–", "class", "none");
            return;
        }
        String strength = "--strength:" + Markup.coordinate(100.0 * layer.rank() / highest) + "%";
        table.open("td", "class", "rank", "style", strength, "title", layer.path() + ": rank " + layer.rank()
                + ", scaling " + Format.number(layer.scaling()) + ", " + Format.count(layer.parameters())
                + " parameters");
        table.leaf("b", Integer.toString(layer.rank())).leaf("span", Format.count(layer.parameters())).close();
    }
}
