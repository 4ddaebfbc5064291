package dev.lorikeet.transformer.metrics.text;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** How the tools cut texts into words. */
final class Words {
    private static final Pattern SPACE = Pattern.compile("[\\p{javaWhitespace}\\p{javaSpaceChar}\\x{85}]+");
    private static final Pattern SYMBOL = Pattern.compile("([{-~\\[-` -&(-+:-@/])");
    private static final Pattern AFTER_NO_DIGIT = Pattern.compile("([^0-9])([.,])");
    private static final Pattern BEFORE_NO_DIGIT = Pattern.compile("([.,])([^0-9])");
    private static final Pattern DASH = Pattern.compile("([0-9])(-)");
    private static final Pattern NO_LETTER = Pattern.compile("[^a-z0-9]+");

    private Words() {}

    /** As NIST's mteval-v13a and sacreBLEU's {@code 13a} do: symbols are words, periods and commas not in numbers. */
    static List<String> mteval(String text) {
        String line = text.stripTrailing().replace("<skipped>", "").replace("-\n", "").replace('\n', ' ')
                .replace("&quot;", "\"").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">");
        line = SYMBOL.matcher(" " + line + " ").replaceAll(" $1 ");
        line = AFTER_NO_DIGIT.matcher(line).replaceAll("$1 $2 ");
        line = BEFORE_NO_DIGIT.matcher(line).replaceAll(" $1 $2");
        line = DASH.matcher(line).replaceAll("$1 $2 ");
        return split(SPACE, line);
    }

    /** As Google's rouge-score does without a stemmer: runs of a to z and digits, in small letters. */
    static List<String> rouge(String text) {
        return split(NO_LETTER, text.toLowerCase(Locale.ROOT));
    }

    /** The text's characters without white space. */
    static int[] characters(String text) {
        return SPACE.matcher(text).replaceAll("").codePoints().toArray();
    }

    private static List<String> split(Pattern between, String text) {
        return Arrays.stream(between.split(text)).filter(word -> !word.isEmpty()).toList();
    }
}
