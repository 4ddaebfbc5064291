package dev.lorikeet.cli.answer;

import dev.lorikeet.transformer.io.InputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a user asks.
 *
 * @param columns what stands beside the answer, by name: the text, or the whole row that has it
 * @param texts one, or the two of a pair; none in an empty line, which keeps its place and has no answer
 * @param place the file and the line that it stands in; null on a command line
 */
public record Question(Map<String, @Nullable Object> columns, List<String> texts, @Nullable String place) {
    /** Texts that are all that there is, under their names. */
    static Question of(List<String> names, List<String> texts, @Nullable String place) {
        Map<String, @Nullable Object> columns = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            columns.put(names.get(i), texts.get(i));
        }
        return new Question(columns, texts, place);
    }

    /** An empty line. */
    static Question empty(List<String> names, String line, String place) {
        Map<String, @Nullable Object> columns = new LinkedHashMap<>();
        names.forEach(name -> columns.put(name, columns.isEmpty() ? line : ""));
        return new Question(columns, List.of(), place);
    }

    /** It cannot be answered, by a rule. */
    InputException refused(String rule) {
        return new InputException(place == null ? rule : place + ": " + rule);
    }

    /**
     * What is made of it.
     *
     * @throws InputException what {@code made} refuses, with the place
     */
    public <T> T read(Supplier<T> made) {
        if (place == null) {
            return made.get();
        }
        try {
            return made.get();
        } catch (InputException e) {
            InputException placed = refused(String.valueOf(e.getMessage()));
            placed.initCause(e);
            throw placed;
        }
    }
}
