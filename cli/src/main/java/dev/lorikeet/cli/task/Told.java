package dev.lorikeet.cli.task;

import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.io.Printable;
import dev.lorikeet.transformer.task.Prediction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Probabilities as people and as programs read them. */
final class Told {
    private static final int BAR = 24;

    private Told() {}

    /** A line with a bar for each. */
    static void probabilities(List<Prediction> shown, Terminal terminal) {
        List<String> labels = shown.stream().map(prediction -> Printable.of(prediction.label())).toList();
        int width = labels.stream().mapToInt(String::length).max().orElse(0);
        int bar = terminal.width() == 0 ? BAR : Math.clamp(terminal.width() - width - 13, 0, BAR);
        for (int i = 0; i < shown.size(); i++) {
            double probability = shown.get(i).probability();
            terminal.line("  " + labels.get(i) + " ".repeat(width - labels.get(i).length()) + String.format(Locale.ROOT,
                    "  %7s  %s", Format.percent(probability), terminal.bar(probability, bar)).stripTrailing());
        }
    }

    /** How often each is in the two parts. */
    static List<List<String>> counts(String what, List<String> names, int[] train, int[] test) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(what, "train", "test"));
        for (int i = 0; i < names.size(); i++) {
            rows.add(List.of(names.get(i), Format.count(train[i]), Format.count(test[i])));
        }
        return rows;
    }

    static List<Map<String, Object>> json(List<Prediction> shown) {
        return shown.stream().map(prediction -> {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("label", prediction.label());
            map.put("probability", prediction.probability());
            return map;
        }).toList();
    }
}
