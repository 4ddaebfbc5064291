package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
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
     * @param singleWord only where no word goes on before or after it
     * @param leftStrip takes the white space before it along
     * @param rightStrip takes the white space after it along
     * @param special stands for nothing in a text
     */
    private record Token(String pattern, int id, boolean singleWord, boolean leftStrip,
            boolean rightStrip, boolean special) {}

    private final Map<Integer, Token> tokens = new HashMap<>();
    private final Trie patterns;

    private AddedTokens(List<Token> tokens) {
        this.patterns = new Trie(tokens.size());
        tokens.forEach(token -> {
            this.tokens.put(token.id(), token);
            patterns.put(token.pattern(), token.id());
        });
    }

    /**
     * The file's added tokens that are to be found in normalized text, or the others.
     *
     * @param normalizer what makes a token's pattern of its content
     */
    static AddedTokens of(JsonObject file, Vocabulary vocabulary, boolean normalized, Normalizer normalizer) {
        List<Token> tokens = new ArrayList<>();
        Set<String> contents = new HashSet<>();
        int nextId = vocabulary.size();
        for (JsonObject token : file.objects("added_tokens")) {
            token.allowOnly(FIELDS);
            String content = token.string("content");
            if (content.isEmpty() || !contents.add(content)) {
                throw token.error("content", content.isEmpty() ? "is empty" : "\"" + content + "\" is added twice");
            }
            nextId += requireId(token, content, vocabulary, nextId);
            if (token.flag("normalized") == normalized) {
                String pattern = normalized ? normalizer.normalize(NormalizedString.of(content)).text() : content;
                if (pattern.isEmpty()) { // the library finds it between all characters
                    throw token.error("content", "\"" + content + "\" is nothing once it is normalized");
                }
                tokens.add(new Token(pattern, token.integer("id"), token.flag("single_word"), token.flag("lstrip"),
                        token.flag("rstrip"), token.flag("special")));
            }
        }
        return new AddedTokens(tokens);
    }

    /** A token as files have it, found in the text as it is and not normalized. */
    static Map<String, Object> json(int id, String content, boolean leftStrip, boolean special) {
        return json(id, content, leftStrip, false, special);
    }

    /** The same, which may take the white space after it along, too. */
    static Map<String, Object> json(int id, String content, boolean leftStrip, boolean rightStrip, boolean special) {
        return Map.of("id", id, "content", content, "single_word", false, "lstrip", leftStrip, "rstrip", rightStrip,
                "normalized", false, "special", special);
    }

    /**
     * Hugging Face's library takes the vocabulary's id, or for a token that is not in it the next free one, whatever
     * the file says: refused where that is not what the file says.
     *
     * @return how many ids beyond the vocabulary this token takes: 0 or 1
     */
    private static int requireId(JsonObject token, String content, Vocabulary vocabulary, int nextId) {
        boolean known = vocabulary.id(content) != Vocabulary.ABSENT;
        int expected = known ? vocabulary.id(content) : nextId;
        if (token.integer("id") != expected) {
            throw token.error("id", token.integer("id") + " is given for \"" + content + "\", "
                    + (known ? "the vocabulary has " : "the next free id is ") + expected);
        }
        return known ? 0 : 1;
    }

    int largestId() {
        return tokens.keySet().stream().mapToInt(Integer::intValue).max().orElse(-1);
    }

    /** What is looked for in the text to find the token with an id, null where it is none of these. */
    @Nullable
    String pattern(int id) {
        Token token = tokens.get(id);
        return token == null ? null : token.pattern();
    }

    /** The id of the token that is found by this text, or {@link Vocabulary#ABSENT}. */
    int id(String pattern) {
        return tokens.values().stream().filter(token -> token.pattern().equals(pattern)).mapToInt(Token::id).findFirst()
                .orElse(Vocabulary.ABSENT);
    }

    /** Whether an id is that of a token that stands for nothing in a text. */
    boolean isSpecial(int id) {
        Token token = tokens.get(id);
        return token != null && token.special();
    }

    /**
     * Adds the tokens found in {@code text} to {@code found}, and in between gives what is not one of them to {@code
     * others}.
     */
    void split(NormalizedString text, TokenList found, Consumer<NormalizedString> others) {
        String chars = text.text();
        int done = 0; // up to here everything is handed out
        for (int i = 0; i < chars.length();) {
            Token token = at(chars, i);
            if (token == null) {
                i++;
                continue;
            }
            int end = i + token.pattern().length();
            if (!token.singleWord() || !isWordBefore(chars, i) && !isWordAfter(chars, end)) {
                int from = token.leftStrip() ? Math.max(done, skipBack(chars, i)) : i;
                if (done < from) {
                    others.accept(text.slice(done, from));
                }
                int to = token.rightStrip() ? skipForward(chars, end) : end;
                if (from < to) { // else the token before took all of it along, as white space
                    done = to;
                    // as in the text, with the white space it takes
                    found.add(token.id(), text.start(from), text.end(to), chars.substring(from, to));
                }
            }
            i = end;
        }
        if (done < chars.length()) {
            others.accept(text.slice(done, chars.length()));
        }
    }

    /** The longest token that begins at a position. */
    private @Nullable Token at(String text, int position) {
        int id = Trie.ABSENT;
        int node = 0;
        for (int i = position; i < text.length(); i++) {
            node = patterns.child(node, text.charAt(i));
            if (node == Trie.ABSENT) {
                break;
            }
            id = patterns.value(node) == Trie.ABSENT ? id : patterns.value(node);
        }
        return id == Trie.ABSENT ? null : tokens.get(id);
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
        return position > 0 && CharacterClass.isWord(text.codePointBefore(position));
    }

    private static boolean isWordAfter(String text, int position) {
        return position < text.length() && CharacterClass.isWord(text.codePointAt(position));
    }
}
