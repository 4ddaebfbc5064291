package dev.lorikeet.transformer.constraint;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What a text may be. Immutable. */
public final class TextForm {
    private final Node form;
    /** Where it stands, for messages; null where it has no file. */
    private final @Nullable Path source;

    private TextForm(Node form, @Nullable Path source) {
        this.form = form;
        this.source = source;
    }

    /**
     * What a regular expression matches from the first to the last character: letters, {@code .}, classes, the escapes
     * {@code \d \w \s} (of ASCII) and their opposites, groups, {@code |}, and counts.
     *
     * @throws dev.lorikeet.transformer.io.InputException if something else is in it, by its place
     */
    public static TextForm regex(String expression) {
        return new TextForm(RegularExpression.parse(expression), null);
    }

    /**
     * JSON on one line, as a schema allows it: {@code type} (one or several), {@code properties}, {@code required},
     * {@code additionalProperties}, {@code items}, {@code minItems}, {@code maxItems}, {@code minLength},
     * {@code maxLength}, {@code pattern} (from {@code ^} to {@code $}, of characters that need no escapes),
     * {@code enum}, {@code const}, {@code anyOf}, {@code $ref} to {@code $defs}. Properties come in the schema's order,
     * and others than those do not come.
     *
     * @throws dev.lorikeet.transformer.io.InputException if another keyword is in it, or a definition has itself within
     */
    public static TextForm jsonSchema(JsonObject schema) {
        return new TextForm(JsonSchema.parse(schema), schema.source());
    }

    /** Any JSON object on one line, with up to four levels of objects and lists within it. */
    public static TextForm jsonObject() {
        return new TextForm(JsonSchema.object(), null);
    }

    /** Whether a text is of this form. */
    public boolean matches(String text) {
        Automaton automaton = automaton();
        try {
            int state = automaton.start();
            for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
                state = automaton.next(state, b & 0xFF);
                if (state == Automaton.DEAD) {
                    return false;
                }
            }
            return automaton.ends(state);
        } catch (InputException e) {
            throw named(e);
        }
    }

    /** @throws InputException if it is too large, or there is no text of it */
    Automaton automaton() {
        try {
            return new Automaton(form);
        } catch (InputException e) {
            throw named(e);
        }
    }

    /** With the file, of which an automaton knows nothing. */
    private InputException named(InputException e) {
        return source == null ? e : new InputException(source, "schema", e.getMessage());
    }
}
