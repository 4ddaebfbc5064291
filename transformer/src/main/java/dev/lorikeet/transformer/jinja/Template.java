package dev.lorikeet.transformer.jinja;

import dev.lorikeet.transformer.io.InputException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A template in Jinja's language, as transformers reads those of chats. It is immutable and safe for several threads.
 *
 * <p>Known are {@code if}, {@code for} with {@code loop}, {@code break} and {@code continue}, {@code set} of names,
 * fields of a {@code namespace} and blocks, {@code macro}, {@code generation}, {@code raw}, comments, all operators,
 * and the filters, tests, functions and methods of {@link Filters}, {@link Tests}, {@link Globals} and
 * {@link Attributes}. All else is refused when it is read, or where it is met.
 *
 * <p>Source: Jinja 3.1 in a sandbox, with {@code trim_blocks} and {@code lstrip_blocks}, as
 * {@code transformers.utils.chat_template_utils} sets it up.
 */
public final class Template {
    private static final int LONGEST = 1 << 20;

    private final Origin origin;
    private final Statement whole;

    /** A piece of a text, from its first char on and up to its last. */
    public record Span(int from, int to) {}

    /**
     * What a template makes.
     *
     * @param generation what stands within {@code {% generation %}}, in the order of the text
     */
    public record Rendering(String text, List<Span> generation) {}

    private Template(Origin origin, Statement whole) {
        this.origin = origin;
        this.whole = whole;
    }

    /**
     * Reads a template.
     *
     * @param file where it stands, for messages
     * @param field its name in that file, for messages
     * @throws dev.lorikeet.transformer.io.InputException if it is not in Jinja's language, or has what is not known
     */
    public static Template of(String source, Path file, String field) {
        Origin origin = new Origin(file, field);
        if (source.length() > LONGEST) {
            throw origin.error(1, "templates over " + (LONGEST >> 20) + " million characters are not read");
        }
        return new Template(origin, new StatementParser(new Tokens(Lexer.tokens(source, origin), origin)).template());
    }

    /**
     * What it makes of values.
     *
     * @param values by their names: texts, numbers, truth values, lists and mappings, as {@code Json} reads them
     * @param now what {@code strftime_now} tells; null if it is not defined, so that the same values give the same text
     * @throws dev.lorikeet.transformer.io.InputException if it refuses the values, asks for what is not known, or does
     *     not end
     */
    public Rendering render(Map<String, ?> values, @Nullable LocalDateTime now) {
        return render(values, now, Run.MOST_WORK);
    }

    /** @param mostWork how many steps it may take */
    Rendering render(Map<String, ?> values, @Nullable LocalDateTime now, long mostWork) {
        Run run = new Run(origin, now, mostWork);
        Frame frame = Frame.of(run);
        Globals.set(frame);
        values.forEach((name, value) -> frame.set(name, Values.of(value)));
        whole.run(frame.inner());
        return run.rendering();
    }

    /** For what is wrong with the whole of it. */
    public InputException error(String rule) {
        return origin.error(1, rule);
    }
}
