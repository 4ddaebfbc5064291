package dev.lorikeet.cli.answer;

import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.Shown;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes questions with their answers, one after the other. */
abstract class AnswerWriter {
    /** Before the name of what is answered, where the question has a column of this name. */
    private static final String PREDICTED = "predicted_";

    /** @param answer null of an empty line */
    abstract void write(Question question, @Nullable Answer answer);

    /** @param cellNames those of the answers' cells */
    static AnswerWriter of(AnswerFormat format, Terminal terminal, List<String> cellNames) {
        return switch (format) {
            case TEXT -> new Text(terminal);
            case JSONL -> new JsonLines(terminal);
            case CSV -> new Table(terminal.out(), cellNames);
        };
    }

    private static String free(String name, Set<String> taken) {
        String free = name;
        while (taken.contains(free)) {
            free = PREDICTED + free;
        }
        return free;
    }

    /** As a person reads them. */
    private static final class Text extends AnswerWriter {
        private final Terminal terminal;

        Text(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        void write(Question question, @Nullable Answer answer) {
            terminal.line(answer == null ? "" : String.join("  |  ", question.texts()));
            if (answer != null) {
                answer.told().accept(terminal);
            }
        }
    }

    /** Objects of the question's columns and the answer's fields. */
    private static final class JsonLines extends AnswerWriter {
        private final Terminal terminal;

        JsonLines(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        void write(Question question, @Nullable Answer answer) {
            Map<String, @Nullable Object> line = new LinkedHashMap<>(question.columns());
            if (answer != null) {
                answer.json().forEach((name, value) -> line.put(free(name, question.columns().keySet()), value));
            }
            terminal.json(line);
        }
    }

    /** Rows of the question's columns and the answer's cells. */
    private static final class Table extends AnswerWriter {
        private final PrintStream out;
        private final List<String> cellNames;
        private @Nullable List<String> columns;

        Table(PrintStream out, List<String> cellNames) {
            this.out = out;
            this.cellNames = cellNames;
        }

        @Override
        void write(Question question, @Nullable Answer answer) {
            Map<String, @Nullable Object> own = question.columns();
            List<String> names = columns;
            if (names == null) {
                names = List.copyOf(own.keySet());
                columns = names;
                List<Object> head = new ArrayList<>(names);
                cellNames.forEach(name -> head.add(free(name, own.keySet())));
                row(head);
            }
            for (String name : own.keySet()) {
                if (!names.contains(name)) {
                    throw new InputException("--format: a table has the columns of the first row, " + Shown.names(names)
                            + ", and another row has " + Shown.value(name) + "; jsonl keeps all");
                }
            }
            List<@Nullable Object> cells = new ArrayList<>();
            names.forEach(name -> cells.add(own.get(name)));
            cellNames.forEach(_ -> cells.add(null));
            for (int i = 0; answer != null && i < cellNames.size(); i++) {
                cells.set(names.size() + i, answer.cells().get(i));
            }
            row(cells);
        }

        private void row(List<? extends @Nullable Object> cells) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < cells.size(); i++) {
                line.append(i == 0 ? "" : ",").append(cell(cells.get(i)));
            }
            // a line of one empty cell would be an empty line, which is no row
            out.writeBytes((line.isEmpty() ? "\"\"\n" : line.append('\n').toString()).getBytes(StandardCharsets.UTF_8));
        }

        private static String cell(@Nullable Object value) {
            String text = value == null ? ""
                    : value instanceof List || value instanceof Map ? Json.writeLine(value).strip()
                            : value.toString();
            return text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
                    ? '"' + text.replace("\"", "\"\"") + '"'
                    : text;
        }
    }
}
