package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;

/** What cuts a normalized text into the words that the model reads, each by itself. */
sealed interface PreTokenizer
        permits WordPattern, Seams, PreTokenizer.Whole, PreTokenizer.Chain, PreTokenizer.Characters,
        PreTokenizer.ByteLevel,
        PreTokenizer.Metaspace, PreTokenizer.Split {

    /** Gives the words of {@code text} from {@code from} to {@code to}, in their order; words of nothing are none. */
    void split(NormalizedString text, int from, int to, Words words);

    /** Takes words: the chars of a text, which need not be the one that was split, from one place to another. */
    @FunctionalInterface
    interface Words {
        void word(NormalizedString text, int from, int to);
    }

    /** Pieces of a text, which touch one another: what was looked for, and what stands in between. */
    @FunctionalInterface
    interface Pieces {
        void piece(int from, int to, boolean match);
    }

    /**
     * The pre-tokenizer of a file.
     *
     * @param readsBytes whether the model spells bytes itself, so that {@code ByteLevel} at the end need not
     */
    static PreTokenizer of(JsonObject json, boolean readsBytes) {
        String type = json.string("type");
        return switch (type) {
            case "Sequence" -> {
                json.allowOnly(Set.of("type", "pretokenizers"));
                List<JsonObject> parts = json.objects("pretokenizers");
                yield parts.stream().map(part -> of(part, readsBytes && part.equals(parts.getLast())))
                        .reduce(Chain::new).orElse(new Whole());
            }
            case "ByteLevel" -> ByteLevel.of(json, readsBytes);
            case "Metaspace" -> Metaspace.of(json);
            case "Split" -> Split.of(json);
            case "BertPreTokenizer" -> {
                json.allowOnly(Set.of("type"));
                yield new Chain(new Characters(BertCharacters::isWhitespace, SplitBehavior.REMOVED),
                        new Characters(BertCharacters::isPunctuation, SplitBehavior.ISOLATED));
            }
            case "Punctuation" -> {
                json.allowOnly(Set.of("type", "behavior"));
                yield new Characters(BertCharacters::isPunctuation,
                        json.has("behavior") ? SplitBehavior.of(json) : SplitBehavior.ISOLATED);
            }
            case "Digits" -> {
                json.allowOnly(Set.of("type", "individual_digits"));
                yield new Characters(CharacterClass::isNumber,
                        json.flag("individual_digits", false) ? SplitBehavior.ISOLATED : SplitBehavior.CONTIGUOUS);
            }
            case "WhitespaceSplit" -> {
                json.allowOnly(Set.of("type"));
                yield new Characters(BertCharacters::isWhitespace, SplitBehavior.REMOVED);
            }
            case "Whitespace" -> {
                json.allowOnly(Set.of("type"));
                yield new Chain(new Characters(BertCharacters::isWhitespace, SplitBehavior.REMOVED),
                        new Characters(CharacterClass::isWord, SplitBehavior.CONTIGUOUS));
            }
            default -> throw json.error("type", type + " is not supported");
        };
    }

    /** Whether the last thing that is done to words is to spell their bytes. */
    static boolean endsInBytes(JsonObject json) {
        if (json.string("type").equals("Sequence")) {
            List<JsonObject> parts = json.objects("pretokenizers");
            return !parts.isEmpty() && endsInBytes(parts.getLast());
        }
        return json.string("type").equals("ByteLevel");
    }

    /** Everything is one word. */
    record Whole() implements PreTokenizer {
        @Override
        public void split(NormalizedString text, int from, int to, Words words) {
            if (from < to) {
                words.word(text, from, to);
            }
        }
    }

    /** One behind the other: each word of the first is split by the second. */
    record Chain(PreTokenizer first, PreTokenizer second) implements PreTokenizer {
        @Override
        public void split(NormalizedString text, int from, int to, Words words) {
            first.split(text, from, to,
                    (inner, innerFrom, innerTo) -> second.split(inner, innerFrom, innerTo, words));
        }
    }

    /** Cuts at characters of some kind. */
    record Characters(IntPredicate kind, SplitBehavior behavior) implements PreTokenizer {
        @Override
        public void split(NormalizedString text, int from, int to, Words words) {
            behavior.split(text, from, to, words, pieces -> find(text.text(), from, to, pieces));
        }

        private void find(String text, int from, int to, Pieces pieces) {
            int start = from;
            for (int i = from; i < to;) {
                int c = text.codePointAt(i);
                int end = i + Character.charCount(c);
                if (kind.test(c)) {
                    if (start < i) {
                        pieces.piece(start, i, false);
                    }
                    pieces.piece(i, end, true);
                    start = end;
                }
                i = end;
            }
            if (start < to) {
                pieces.piece(start, to, false);
            }
        }
    }

    /**
     * {@code ByteLevel}: cuts as GPT-2 does, where the file wants it, and spells the bytes of each word.
     *
     * @param prefixSpace puts a space before a text that begins with none
     * @param words how to cut
     * @param spells whether to spell here; else the model does
     */
    record ByteLevel(boolean prefixSpace, PreTokenizer words, boolean spells) implements PreTokenizer {
        private static ByteLevel of(JsonObject json, boolean readsBytes) {
            json.allowOnly(Set.of("type", "add_prefix_space", "trim_offsets", "use_regex"));
            return new ByteLevel(json.flag("add_prefix_space"),
                    json.flag("use_regex", true) ? WordPattern.GPT2 : new Whole(), !readsBytes);
        }

        @Override
        public void split(NormalizedString text, int from, int to, Words sink) {
            Words spelled = spells ? (inner, start, end) -> {
                NormalizedString bytes = spell(inner.slice(start, end));
                sink.word(bytes, 0, bytes.length());
            } : sink;
            if (prefixSpace && from < to && text.text().charAt(from) != ' ') {
                NormalizedString prefixed = text.slice(from, to).prepend(" ");
                words.split(prefixed, 0, prefixed.length(), spelled);
            } else {
                words.split(text, from, to, spelled);
            }
        }

        /** Each byte stands for what its character stands for. */
        static NormalizedString spell(NormalizedString text) {
            NormalizedString.Rewriting bytes = text.rewrite();
            text.text().codePoints().forEach(c -> {
                int length = ByteAlphabet.length(c);
                for (int b = 0; b < length; b++) {
                    bytes.put(ByteAlphabet.character(ByteAlphabet.byteAt(c, b, length)), b);
                }
            });
            return bytes.done();
        }
    }

    /**
     * {@code Metaspace}: writes {@code ▁} for spaces and, by its scheme, before the text, and cuts before each.
     *
     * @param scheme {@code always}, {@code first} (at the beginning of the original text alone) or {@code never}
     */
    record Metaspace(char replacement, String scheme, boolean cuts) implements PreTokenizer {
        private static final Set<String> SCHEMES = Set.of("always", "first", "never");

        private static Metaspace of(JsonObject json) {
            json.allowOnly(Set.of("type", "replacement", "prepend_scheme", "split", "add_prefix_space", "str_rep"));
            String scheme = scheme(json);
            return new Metaspace(replacement(json), scheme, json.flag("split", true));
        }

        /** Older files say {@code add_prefix_space} in place of a scheme. */
        static String scheme(JsonObject json) {
            boolean prefixed = json.flag("add_prefix_space", true);
            String scheme = json.string("prepend_scheme", prefixed ? "always" : "never");
            if (!SCHEMES.contains(scheme) || !prefixed && !scheme.equals("never")) {
                throw json.error("prepend_scheme", prefixed ? "always, first or never is expected, not " + scheme
                        : "is " + scheme + " beside add_prefix_space false");
            }
            return scheme;
        }

        static char replacement(JsonObject json) {
            String replacement = json.string("replacement");
            if (replacement.length() != 1) {
                throw json.error("replacement", "one character below U+10000 is expected");
            }
            return replacement.charAt(0);
        }

        @Override
        public void split(NormalizedString text, int from, int to, Words words) {
            if (from == to) {
                return;
            }
            NormalizedString marked = text.slice(from, to);
            marked = marked.withText(marked.text().replace(' ', replacement));
            if (marked.text().charAt(0) != replacement
                    && (scheme.equals("always") || scheme.equals("first") && marked.start(0) == 0)) {
                marked = marked.prepend(String.valueOf(replacement));
            }
            int start = 0;
            for (int next = cuts ? 0 : -1; next >= 0; next = marked.text().indexOf(replacement, start + 1)) {
                if (start < next) {
                    words.word(marked, start, next);
                    start = next;
                }
            }
            words.word(marked, start, marked.length());
        }
    }

    /** {@code Split}: cuts by a regular expression or at a string. */
    record Split(Expression expression, boolean invert, SplitBehavior behavior) implements PreTokenizer {
        private static PreTokenizer of(JsonObject json) {
            json.allowOnly(Set.of("type", "pattern", "behavior", "invert"));
            boolean invert = json.flag("invert", false);
            SplitBehavior behavior = SplitBehavior.of(json);
            WordPattern known = WordPattern.of(json.object("pattern").string("Regex", ""));
            // The patterns that are known match everything, so that nothing is in between.
            return known != null && behavior == SplitBehavior.ISOLATED ? known
                    : new Split(Expression.of(json), invert, behavior);
        }

        @Override
        public void split(NormalizedString text, int from, int to, Words words) {
            behavior.split(text, from, to, words, pieces -> expression.find(text.text(), from, to,
                    (start, end, match) -> pieces.piece(start, end, match != invert)));
        }
    }
}
