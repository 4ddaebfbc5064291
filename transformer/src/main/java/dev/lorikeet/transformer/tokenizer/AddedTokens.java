package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.JsonObject;
import it.unimi.dsi.fastutil.objects.Object2IntMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;

/**
 * Tokens that are recognised as a whole before anything else is done to a text: the special tokens ({@code [CLS]}, …)
 * and those that somebody added after training. The longest of the leftmost wins; matches do not overlap.
 */
final class AddedTokens {
    private static final Set<String> FIELDS = Set.of("id", "content", "single_word", "lstrip", "rstrip", "normalized",
            "special");

    /**
     * One token.
     *
     * @param pattern what to look for in the text
     * @param content the token
     * @param special whether it stands for no text, as {@code [CLS]}
     * @param singleWord only where no word goes on before or after it
     * @param leftStrip takes the white space before it along
     * @param rightStrip takes the white space after it along
     */
    private record Token(String pattern, int id, String content, boolean special, boolean singleWord, boolean leftStrip,
            boolean rightStrip) {}

    /** Reads one token. */
    @FunctionalInterface
    interface TokenReader {
        void read(String content, int id, boolean special);
    }

    private final List<Token> longestFirst = new ArrayList<>();
    private final String firstCharacters;

    private AddedTokens(List<Token> tokens) {
        longestFirst.addAll(tokens);
        longestFirst.sort(Comparator.comparingInt((Token token) -> token.pattern().length()).reversed());
        StringBuilder first = new StringBuilder();
        tokens.forEach(token -> first.append(token.pattern().charAt(0)));
        this.firstCharacters = first.toString();
    }

    /**
     * The file's added tokens that are to be found in normalized text, or the others.
     *
     * @param normalizer what makes a token's pattern of its content
     */
    static AddedTokens of(JsonObject file, WordPiece model, boolean normalized, UnaryOperator<String> normalizer) {
        List<Token> tokens = new ArrayList<>();
        Set<String> contents = new HashSet<>();
        int nextId = model.vocabulary().size();
        for (JsonObject token : file.objects("added_tokens")) {
            token.allowOnly(FIELDS);
            String content = token.string("content");
            if (content.isEmpty() || !contents.add(content)) {
                throw token.error("content", content.isEmpty() ? "is empty" : "\"" + content + "\" is added twice");
            }
            nextId += requireId(token, content, model.vocabulary(), nextId);
            if (token.flag("normalized") == normalized) {
                String pattern = normalizer.apply(content);
                if (pattern.isEmpty()) { // the library finds it between all characters
                    throw token.error("content", "\"" + content + "\" is nothing once it is normalized");
                }
                tokens.add(new Token(pattern, token.integer("id"), content, token.flag("special", false),
                        token.flag("single_word"),
                        token.flag("lstrip"), token.flag("rstrip")));
            }
        }
        return new AddedTokens(tokens);
    }

    /**
     * Hugging Face's library takes the vocabulary's id, or for a token that is not in it the next free one, whatever
     * the file says: refused where that is not what the file says.
     *
     * @return how many ids beyond the vocabulary this token takes: 0 or 1
     */
    private static int requireId(JsonObject token, String content, Object2IntMap<String> vocabulary, int nextId) {
        boolean known = vocabulary.containsKey(content);
        int expected = known ? vocabulary.getInt(content) : nextId;
        if (token.integer("id") != expected) {
            throw token.error("id", token.integer("id") + " is given for \"" + content + "\", "
                    + (known ? "the vocabulary has " : "the next free id is ") + expected);
        }
        return known ? 0 : 1;
    }

    /** Hands over each token with its id, and whether it is special. */
    void forEach(TokenReader reader) {
        longestFirst.forEach(token -> reader.read(token.content(), token.id(), token.special()));
    }

    int largestId() {
        return longestFirst.stream().mapToInt(Token::id).max().orElse(-1);
    }

    /**
     * Adds the tokens found in {@code text} to {@code found}, and in between gives what is not one of them to {@code
     * others}.
     */
    void split(String text, TokenList found, Consumer<String> others) {
        int done = 0; // up to here everything is handed out
        for (int i = 0; i < text.length();) {
            Token token = at(text, i);
            if (token == null) {
                i++;
                continue;
            }
            int end = i + token.pattern().length();
            if (!token.singleWord() || !isWordBefore(text, i) && !isWordAfter(text, end)) {
                int from = token.leftStrip() ? Math.max(done, skipBack(text, i)) : i;
                if (done < from) {
                    others.accept(text.substring(done, from));
                }
                int to = token.rightStrip() ? skipForward(text, end) : end;
                if (from < to) { // else the token before took all of it along, as white space
                    done = to;
                    found.add(text.substring(from, to), token.id()); // as in the text, with the white space it takes
                }
            }
            i = end;
        }
        if (done < text.length()) {
            others.accept(done == 0 ? text : text.substring(done));
        }
    }

    private @Nullable Token at(String text, int position) {
        if (firstCharacters.indexOf(text.charAt(position)) >= 0) {
            for (Token token : longestFirst) {
                if (text.startsWith(token.pattern(), position)) {
                    return token;
                }
            }
        }
        return null;
    }

    private static int skipBack(String text, int end) {
        while (end > 0 && BertCharacters.isWhitespace(text.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    private static int skipForward(String text, int start) {
        while (start < text.length() && BertCharacters.isWhitespace(text.charAt(start))) {
            start++;
        }
        return start;
    }

    private static boolean isWordBefore(String text, int position) {
        return position > 0 && isWord(text.codePointBefore(position));
    }

    private static boolean isWordAfter(String text, int position) {
        return position < text.length() && isWord(text.codePointAt(position));
    }

    /** {@code \w} of Unicode Technical Standard 18, annex C: what the library's regular expressions mean by it. */
    private static boolean isWord(int c) {
        return Character.isAlphabetic(c) || c == 0x200C || c == 0x200D || switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK,
                    Character.DECIMAL_DIGIT_NUMBER, Character.CONNECTOR_PUNCTUATION ->
                true;
            default -> false;
        };
    }
}
