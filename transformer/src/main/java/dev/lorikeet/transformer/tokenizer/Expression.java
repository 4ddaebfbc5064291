package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** What a file looks for in texts: a string, or a regular expression of Oniguruma's in its Ruby syntax. */
final class Expression {
    /** Where Oniguruma's word characters are not Java's. */
    private static final String WORD = "[\\w\u00B2\u00B3\u00B9\u00BC-\u00BE&&[^\u200C\u200D]]";
    private static final Pattern OTHER_SYNTAX = Pattern.compile("\\[:|\\\\[hHKRXykg]|\\(\\?~|\\\\p\\{\\^");
    private static final Pattern SCRIPT = Pattern.compile("\\\\([pP])\\{(\\p{Lu}\\p{Ll}{2,})}");

    private final Pattern pattern;
    private final JsonObject component;

    private Expression(Pattern pattern, JsonObject component) {
        this.pattern = pattern;
        this.component = component;
    }

    /** The {@code pattern} of a component: {@code {"String": …}} or {@code {"Regex": …}}. */
    static Expression of(JsonObject component) {
        JsonObject json = component.object("pattern");
        json.allowOnly(Set.of("String", "Regex"));
        if (json.has("String")) {
            return new Expression(Pattern.compile(json.string("String"), Pattern.LITERAL), component);
        }
        String regex = json.string("Regex");
        if (OTHER_SYNTAX.matcher(regex).find()) {
            throw json.error("Regex", Shown.value(regex) + " has syntax that is not supported");
        }
        try {
            return new Expression(Pattern.compile(SCRIPT.matcher(regex).replaceAll("\\\\$1{Is$2}")
                    .replaceAll("(?<!\\\\)((?:\\\\\\\\)*)\\\\w", "$1" + Matcher.quoteReplacement(WORD)),
                    Pattern.UNICODE_CHARACTER_CLASS | Pattern.MULTILINE | Pattern.UNIX_LINES), component);
        } catch (PatternSyntaxException e) {
            throw json.error("Regex", Shown.value(regex) + " is not understood: " + e.getDescription());
        }
    }

    /** The text with {@code content} in the place of each match. */
    String replace(String text, String content) {
        return pattern.matcher(text).replaceAll(Matcher.quoteReplacement(content));
    }

    /** Gives the matches in {@code text} from {@code from} to {@code to}, and what stands in between. */
    void find(String text, int from, int to, PreTokenizer.Pieces pieces) {
        Matcher matcher = pattern.matcher(text).region(from, to);
        int done = from;
        try {
            while (matcher.find()) {
                if (done < matcher.start()) {
                    pieces.piece(done, matcher.start(), false);
                }
                pieces.piece(matcher.start(), matcher.end(), true);
                done = matcher.end();
            }
        } catch (StackOverflowError e) { // repeated groups recurse
            throw component.error("pattern", "goes too deep for a text of " + (to - from) + " characters");
        }
        if (done < to) {
            pieces.piece(done, to, false);
        }
    }
}
