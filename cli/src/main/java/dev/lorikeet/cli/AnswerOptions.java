package dev.lorikeet.cli;

import dev.lorikeet.cli.answer.AnswerFormat;
import dev.lorikeet.cli.answer.Answering;
import dev.lorikeet.cli.answer.ArrayFile;
import dev.lorikeet.cli.answer.Question;
import dev.lorikeet.cli.answer.Questions;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.recipe.RecipeSettings;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.InputFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Which texts are answered, and where the answers go. */
@Command
final class AnswerOptions {
    @Parameters(paramLabel = "TEXT", arity = "0..*", description = "The texts; without any, those of --data, else the "
            + "lines of standard input, in UTF-8.")
    private List<String> texts = new ArrayList<>();

    @Option(names = "--data", paramLabel = "FILE", description = "The lines of a .txt file, or the rows of a TSV, CSV "
            + "or JSONL file, whose columns stand beside the answers in CSV and JSONL.")
    @Nullable
    private Path data;

    @Option(names = "--output", paramLabel = "FILE", description = "Where the answers go: whole, or not at all "
            + "(default: standard output).")
    @Nullable
    private Path output;

    @Option(names = "--format", paramLabel = "text|jsonl|csv", converter = FormatNames.class, description = "How "
            + "answers are written: for people, as a JSON object on a line, or as a table (default: what the ending of "
            + "--output says).")
    @Nullable
    private AnswerFormat format;

    private final RecipeFlags flags = new RecipeFlags();
    private boolean arrays;

    /** picocli hands over the command that these options are of. */
    @Spec(Spec.Target.MIXEE)
    void spec(CommandSpec command) {
        flags.addTo(command, RecipeSettings.TABLE);
    }

    /** @throws InputException if options contradict one another; before a model is loaded */
    void check() {
        if (!texts.isEmpty() && data != null) {
            throw new InputException("--data: there are texts on the command line, too");
        }
        if (texts.stream().anyMatch(String::isBlank)) {
            throw new InputException("TEXT: must not be empty");
        }
        if (data == null && !flags.given().isEmpty()) {
            throw new InputException("--data: is missing, whose columns the flags are about");
        }
        if (data != null) {
            InputFile.requireRegular(data);
        }
        if (output != null && format == null && !(arrays && ArrayFile.is(output))) {
            format = AnswerFormat.of(output);
        }
    }

    /** Also lets vectors go into an array of NumPy's. */
    void allowArrays() {
        arrays = true;
    }

    /** Whether vectors go into an array. */
    boolean isArray() {
        return arrays && output != null && format == null;
    }

    /**
     * Writes the vectors of all texts into an array.
     *
     * @param columns how long a vector is
     */
    void answer(Function<List<String>, float[][]> vectors, int columns, Terminal terminal) {
        hint(terminal);
        ArrayFile.write(Objects.requireNonNull(output), data, questions(Questions.TEXT, terminal), columns, vectors);
    }

    /** Asks for a format, as a flag of its own does. */
    void requireJson() {
        if (format != null && format != AnswerFormat.JSONL) {
            throw new InputException("--json: is --format jsonl, and " + format.name().toLowerCase(Locale.ROOT)
                    + " is asked for");
        }
        format = AnswerFormat.JSONL;
    }

    /** Adds a text to those of the command line. */
    void add(String text) {
        texts = new ArrayList<>(texts);
        texts.add(text);
    }

    /** Whether answers are for a person, as they come. */
    boolean isText() {
        return output == null && (format == null || format == AnswerFormat.TEXT);
    }

    /**
     * Hands over each question by itself, as long as {@code reader} wants.
     *
     * @param names what the texts of a question are called
     */
    void forEach(List<String> names, Terminal terminal, Predicate<Question> reader) {
        hint(terminal);
        questions(names, terminal).forEach(question -> question.texts().isEmpty() || reader.test(question));
    }

    private boolean hint(Terminal terminal) {
        boolean typed = texts.isEmpty() && data == null && terminal.interactive();
        if (typed) {
            terminal.err().println("One text on a line; Ctrl-D ends.");
        }
        return typed;
    }

    /**
     * Answers them all.
     *
     * @param names what the texts of a question are called
     * @param usual the format where nothing is said
     */
    void answer(Answering answering, List<String> names, AnswerFormat usual, Terminal terminal) {
        AnswerFormat asked = format == null ? usual : format;
        boolean typed = hint(terminal);
        if (output == null) {
            answering.toTerminal(() -> questions(names, terminal), asked, terminal, typed);
        } else {
            answering.toFile(() -> questions(names, terminal), asked, output, data, terminal);
        }
    }

    private Questions questions(List<String> names, Terminal terminal) {
        if (data != null) {
            Recipe.Table table = RecipeFile.table(flags.given());
            return Questions.of(data, table.format(), table.texts(), names);
        }
        return texts.isEmpty() ? Questions.lines(terminal.in(), "standard input", names) : Questions.of(texts, names);
    }

    /** By the names that {@code --help} shows. */
    static final class FormatNames implements ITypeConverter<AnswerFormat> {
        @Override
        public AnswerFormat convert(String name) {
            for (AnswerFormat each : AnswerFormat.values()) {
                if (each.name().toLowerCase(Locale.ROOT).equals(name)) {
                    return each;
                }
            }
            throw new TypeConversionException("\"" + name + "\" is not one of text, jsonl, csv");
        }
    }
}
