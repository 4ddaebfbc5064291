package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A table of {@code docs/models.md}, as the cases give it; what it should be lies in {@code transformer/target}. */
final class ModelTable {
    private static final Path ROOT = Path.of(System.getProperty("lorikeet.basedir"));

    private final String name;
    private final String[] columns;
    /** The largest differences, by architecture and case. */
    private final Map<String, double[]> rows = new TreeMap<>();

    ModelTable(String name, String... columns) {
        this.name = name;
        this.columns = columns;
    }

    /** Notes a difference in a column, NaN for a case that has none. */
    synchronized void note(RecordedModel model, int column, double difference) {
        double[] row = rows.computeIfAbsent(model.config().string("model_type") + " | "
                + model.directory().getFileName(), _ -> {
                    double[] empty = new double[columns.length];
                    Arrays.fill(empty, Double.NaN);
                    return empty;
                });
        row[column] = Double.isNaN(row[column]) ? difference : Math.max(row[column], difference);
    }

    /** Requires the page to have it, where the cases are those of the repository. */
    void requireWritten() throws IOException {
        StringBuilder table = new StringBuilder("| architecture | case | ").append(String.join(" | ", columns))
                .append(" |\n|---|---|").append("---|".repeat(columns.length)).append('\n');
        rows.forEach((row, differences) -> {
            table.append("| ").append(row);
            for (double difference : differences) {
                table.append(" | ")
                        .append(Double.isNaN(difference) ? "" : String.format(Locale.ROOT, "%.1e", difference));
            }
            table.append(" |\n");
        });
        Files.createDirectories(ROOT.resolve("transformer/target"));
        Files.writeString(ROOT.resolve("transformer/target/models-" + name + ".md"), table);
        if (RecordedModel.MODELS.toAbsolutePath().normalize()
                .equals(ROOT.resolve("fixtures/models").toAbsolutePath().normalize())) {
            assertThat(ROOT.resolve("docs/models.md")).as("has transformer/target/models-%s.md", name).content()
                    .contains(table);
        }
    }
}
