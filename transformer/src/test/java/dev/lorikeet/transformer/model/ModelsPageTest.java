package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What {@code docs/models.md} says of each architecture is what the code has, and what its own long tables say. */
class ModelsPageTest {
    private static final Map<String, String> HEADS = Map.of("ForSequenceClassification", "sequences",
            "ForTokenClassification", "tokens", "ForMaskedLM", "masked", "ForCausalLM", "causal", "LMHeadModel",
            "causal", "ForQuestionAnswering", "answers");
    private static final Pattern NAME = Pattern.compile("`([a-z0-9_-]+)`");

    /** The rows of each table of the page, by the cells of its head. */
    private static final Map<List<String>, List<List<String>>> TABLES = new LinkedHashMap<>();

    @BeforeAll
    static void read() throws IOException {
        List<List<String>> rows = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(System.getProperty("lorikeet.basedir")).resolve(
                "docs/models.md"))) {
            if (!line.startsWith("|")) {
                rows = new ArrayList<>();
            } else if (!line.startsWith("|--")) {
                rows.add(Arrays.stream(line.substring(1).split("\\|", -1)).map(String::strip).toList());
                TABLES.put(rows.getFirst(), rows.subList(1, rows.size()));
            }
        }
    }

    private static List<List<String>> table(String... first) {
        List<List<List<String>>> found = TABLES.entrySet().stream()
                .filter(table -> table.getKey().subList(0, first.length).equals(List.of(first)))
                .map(Map.Entry::getValue).toList();
        assertThat(found).as("tables that begin with %s", List.of(first)).hasSize(1);
        return found.getFirst();
    }

    @Test
    void headsAreThoseOfTheCode() {
        Map<String, List<String>> written = new TreeMap<>();
        for (List<String> row : table("`model_type`")) {
            List<String> heads = row.get(1).contains("sequence to sequence") || row.get(1).equals("the same")
                    ? List.of()
                    : Arrays.stream(row.get(1).split(", ")).sorted().toList();
            NAME.matcher(row.getFirst()).results().forEach(name -> written.put(name.group(1), heads));
        }
        Map<String, List<String>> known = new TreeMap<>();
        for (Architecture architecture : Architectures.standard().all()) {
            known.put(architecture.modelType(), List.copyOf(new TreeSet<>(architecture.heads().keySet().stream()
                    .filter(HEADS::containsKey).map(HEADS::get).toList())));
        }
        assertThat(written).isEqualTo(known);
    }

    /** The largest difference of all cases of an architecture, as the long tables have them. */
    @Test
    void differencesAreTheLargestOfTheirCases() {
        Map<String, double[]> largest = new TreeMap<>();
        table("architecture", "case", "outputs").forEach(row -> raise(largest, row, 0, row.get(2), row.get(3)));
        table("architecture", "case", "losses").forEach(row -> raise(largest, row, 2, row.get(2)));
        Map<String, double[]> written = new TreeMap<>();
        for (List<String> row : table("architecture", "outputs")) {
            raise(written, row, 0, row.get(1), row.get(2));
            boolean recorded = !Double.isNaN(largest.getOrDefault(row.getFirst(), new double[] {0, 0, Double.NaN})[2]);
            if (recorded) { // others are those of runs by the command, which the page has no table of
                raise(written, row, 2, row.get(3));
            }
        }
        assertThat(written.keySet()).isEqualTo(largest.keySet());
        largest.forEach((architecture, numbers) -> assertThat(written.get(architecture)).as(architecture)
                .containsExactly(numbers));
    }

    private static void raise(Map<String, double[]> all, List<String> row, int from, String... cells) {
        double[] own = all.computeIfAbsent(row.getFirst(), _ -> new double[] {Double.NaN, Double.NaN, Double.NaN});
        for (int i = 0; i < cells.length; i++) {
            double cell = cells[i].isEmpty() ? Double.NaN : Double.parseDouble(cells[i]);
            own[from + i] = Double.isNaN(own[from + i]) || cell > own[from + i] ? cell : own[from + i];
        }
    }
}
