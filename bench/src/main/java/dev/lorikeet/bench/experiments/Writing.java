package dev.lorikeet.bench.experiments;

import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What a language model is to write, with the data as {@code docs/data.md} has it and how its answers are made. */
enum Writing {
    /**
     * A sentence about a restaurant, of its meaning. The last fifth of the meanings is not trained; the sentences of
     * one meaning are references of one answer. Beams and length penalty are those of the LoRA paper's appendix D.3.
     */
    E2E(List.of("bleu", "nist", "meteor", "rougeL", "cider"), Map.of("generation.scores",
            List.of("bleu", "nist", "meteor", "rouge", "cider"), "generation.num-beams", 10,
            "generation.length-penalty", 0.9, "generation.no-repeat-ngram-size", 4, "generation.max-new-tokens", 64)) {
        @Override
        void write(Path data, Path train, Path test, int most) {
            Path file = data.resolve("e2e/valid.txt");
            Map<String, List<String>> byMeaning = new LinkedHashMap<>();
            for (String line : lines(file)) {
                int bar = line.indexOf("||");
                if (bar < 0) {
                    throw new InputException(file, "line", "has no || between a meaning and its sentence: " + line);
                }
                byMeaning.computeIfAbsent(line.substring(0, bar).strip() + " =>", _ -> new ArrayList<>())
                        .add(" " + line.substring(bar + 2).strip());
            }
            int trained = byMeaning.size() * 4 / 5;
            AtomicFile.write(train, rows(byMeaning, 0, trained));
            AtomicFile.write(test, rows(byMeaning, trained, (int) Math.min(byMeaning.size(), (long) trained + most)));
        }
    },
    /** The SQL query for a question about the geography of the United States. */
    GEOGRAPHY(List.of("exact_match", "bleu"), Map.of("generation.scores", List.of("exact-match", "bleu"),
            "generation.max-new-tokens", 192)) {
        @Override
        void write(Path data, Path train, Path test, int most) {
            AtomicFile.write(train, queries(data.resolve("geography/train.jsonl"), Integer.MAX_VALUE));
            AtomicFile.write(test, queries(data.resolve("geography/dev.jsonl"), most));
        }
    };

    private final List<String> metrics;
    private final Map<String, Object> settings;

    Writing(List<String> metrics, Map<String, Object> settings) {
        this.metrics = metrics;
        this.settings = settings;
    }

    /** The name on the command line. */
    String title() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The scores in its table. */
    List<String> metrics() {
        return metrics;
    }

    /** How test examples are answered, by the names of a recipe's settings. */
    Map<String, Object> settings() {
        return settings;
    }

    /**
     * Writes the examples as prompts and completions.
     *
     * @param data the folder with the sets
     * @param most so many prompts are there to test with, at most
     * @throws InputException if a file is not there, or of another form
     */
    abstract void write(Path data, Path train, Path test, int most);

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new InputException(file, "open", "cannot be read: " + e);
        }
    }

    private static String rows(Map<String, List<String>> byMeaning, int from, int to) {
        StringBuilder rows = new StringBuilder();
        byMeaning.entrySet().stream().skip(from).limit(to - from).forEach(each -> each.getValue()
                .forEach(text -> rows.append(row(each.getKey(), text))));
        return rows.toString();
    }

    private static String queries(Path file, int most) {
        return JsonObject.lines(file).stream().limit(most)
                .map(row -> row(row.string("prompt") + " =>", " " + row.string("completion")))
                .collect(Collectors.joining());
    }

    private static String row(String prompt, String completion) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("prompt", prompt);
        row.put("completion", completion);
        return Json.writeLine(row);
    }
}
