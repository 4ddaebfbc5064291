package dev.lorikeet.cli;

import dev.lorikeet.cli.report.Format;
import dev.lorikeet.transformer.weights.TensorFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The tensors of a file as a table, those that differ in the layer's number alone on one line. */
final class TensorTable {
    private record Key(String name, String shape, String dtype) {}

    private static final class Size {
        private int tensors;
        private long elements;
    }

    private TensorTable() {}

    /** The lines of the table. */
    static List<String> of(TensorFile weights) {
        Map<Key, Size> groups = new LinkedHashMap<>();
        for (String name : weights.names()) {
            Key key = new Key(withoutNumber(name), weights.shape(name).toString(),
                    weights.dtype(name).toString());
            Size size = groups.computeIfAbsent(key, _ -> new Size());
            size.tensors++;
            size.elements += weights.shape(name).size();
        }
        int nameWidth = groups.keySet().stream().mapToInt(key -> key.name.length()).max().orElse(0);
        int shapeWidth = groups.keySet().stream().mapToInt(key -> key.shape.length()).max().orElse(0);
        List<String> lines = new ArrayList<>();
        groups.forEach((key, size) -> lines.add(String.format(Locale.ROOT,
                "%-" + nameWidth + "s  %4s %-" + shapeWidth + "s  %-4s  %11s", key.name,
                size.tensors == 1 ? "" : size.tensors + " ×", key.shape, key.dtype, Format.count(size.elements))));
        return lines;
    }

    /** A path with {@code *} for the number of its layer. */
    static String withoutNumber(String path) {
        return path.replaceAll("(?<=\\.|^)\\d+(?=\\.|$)", "*");
    }
}
