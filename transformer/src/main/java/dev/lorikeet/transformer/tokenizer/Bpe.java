package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.primitive.LongIntMap;
import java.util.Arrays;
import java.util.Set;

/**
 * {@code BPE}, byte-pair encoding: a word begins as its characters, and pairs of neighbours are merged into one token,
 * that of the lowest rank first, until none is left that the file lists (Sennrich et al. 2016). Where the vocabulary is
 * of bytes, a word begins as its bytes in UTF-8 (Radford et al. 2019).
 */
final class Bpe implements TokenModel {
    private static final Set<String> FIELDS = Set.of("type", "dropout", "unk_token", "continuing_subword_prefix",
            "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges");

    private final Vocabulary vocabulary;
    private final boolean bytes;
    private final String prefix; // of a token that does not begin a word
    private final String suffix; // of a token that ends one
    private final int unknown;
    private final boolean fuseUnknown;
    private final boolean wholeWords;
    /** The token of each byte, in the byte alphabet or as {@code <0x0A>}; all absent where bytes are no way out. */
    private final int[] byteIds = new int[256];
    private final LongIntMap characters = new LongIntMap(0);
    private final Merges merges;

    private Bpe(JsonObject model, boolean bytes) {
        model.allowOnly(FIELDS);
        if (model.number("dropout", 0) != 0) {
            throw model.error("dropout", "only 0 is supported: it would cut words at random");
        }
        this.vocabulary = Vocabulary.of(model.object("vocab"));
        this.bytes = bytes;
        this.prefix = model.string("continuing_subword_prefix", "");
        this.suffix = model.string("end_of_word_suffix", "");
        this.fuseUnknown = model.flag("fuse_unk", false);
        this.wholeWords = model.flag("ignore_merges", false);
        this.unknown = vocabulary.id(model.string("unk_token", ""));
        if (model.has("unk_token") && unknown == Vocabulary.ABSENT) {
            throw model.error("unk_token", Shown.value(model.string("unk_token")) + " is not in the vocabulary");
        }
        if (bytes && !(prefix + suffix).isEmpty()) {
            throw model.error(prefix.isEmpty() ? "end_of_word_suffix" : "continuing_subword_prefix",
                    "is not supported beside ByteLevel");
        }
        boolean fallback = model.flag("byte_fallback", false);
        Arrays.setAll(byteIds, b -> bytes ? vocabulary.id(String.valueOf(ByteAlphabet.character(b)))
                : fallback ? vocabulary.id("<0x%02X>".formatted(b)) : Vocabulary.ABSENT);
        this.merges = Merges.of(model, vocabulary, prefix);
        vocabulary.forEach((token, id) -> {
            if (!token.isEmpty() && token.length() == Character.charCount(token.codePointAt(0))) {
                characters.put(token.codePointAt(0), id);
            }
        });
    }

    static Bpe of(JsonObject model, boolean bytes) {
        return new Bpe(model, bytes);
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public int unknown() {
        return unknown;
    }

    Merges merges() {
        return merges;
    }

    /**
     * Whether the tokens of a word follow from the merges of its characters alone, so that it can be cut where none
     * reaches across.
     */
    boolean hasSeams() {
        return !bytes && !wholeWords && (prefix + suffix).isEmpty() && merges.ranks().keys()
                .noneMatch(pair -> isByteToken((int) (pair >>> 32)) || isByteToken((int) pair));
    }

    private boolean isByteToken(int id) {
        String token = vocabulary.token(id);
        return token != null && token.startsWith("<0x") && Arrays.stream(byteIds).anyMatch(other -> other == id);
    }

    /** Whether neither a character nor its bytes are tokens. */
    boolean isUnknown(int character) {
        return !characters.contains(character) && !hasByteTokens(character);
    }

    @Override
    public void tokenize(String text, int from, int to, TokenList tokens) {
        if (wholeWords) {
            int id = vocabulary.id(bytes ? ByteAlphabet.spell(text, from, to) : text.substring(from, to));
            if (id != Vocabulary.ABSENT) {
                tokens.add(id, 0, to - from);
                return;
            }
        }
        Symbols symbols = new Symbols(to - from + 2);
        if (bytes) {
            addBytes(text, from, to, symbols);
        } else {
            addCharacters(text, from, to, symbols);
        }
        symbols.merge(merges.ranks(), merges.merged());
        symbols.addTo(tokens);
    }

    private void addBytes(String text, int from, int to, Symbols symbols) {
        boolean afterUnknown = false;
        for (int i = from; i < to;) {
            int c = text.codePointAt(i);
            int end = i + Character.charCount(c);
            int length = ByteAlphabet.length(c);
            for (int b = 0; b < length; b++) {
                int id = byteIds[ByteAlphabet.byteAt(c, b, length)];
                if (id == Vocabulary.ABSENT) {
                    addUnknown(i - from, end - from, afterUnknown, symbols);
                } else {
                    symbols.add(id, i - from, end - from);
                }
                afterUnknown = id == Vocabulary.ABSENT;
            }
            i = end;
        }
    }

    private void addCharacters(String text, int from, int to, Symbols symbols) {
        boolean afterUnknown = false;
        for (int i = from; i < to;) {
            int c = text.codePointAt(i);
            int end = i + Character.charCount(c);
            int id = idOf(c, i == from, end == to);
            if (id != Vocabulary.ABSENT) {
                symbols.add(id, i - from, end - from);
                afterUnknown = false;
            } else if (hasByteTokens(c)) {
                int length = ByteAlphabet.length(c);
                for (int b = 0; b < length; b++) {
                    symbols.add(byteIds[ByteAlphabet.byteAt(c, b, length)], i - from, end - from);
                }
                afterUnknown = false;
            } else {
                addUnknown(i - from, end - from, afterUnknown, symbols);
                afterUnknown = true;
            }
            i = end;
        }
    }

    private int idOf(int c, boolean first, boolean last) {
        boolean hasPrefix = !first && !prefix.isEmpty();
        boolean hasSuffix = last && !suffix.isEmpty();
        return !hasPrefix && !hasSuffix ? characters.get(c)
                : vocabulary.id((hasPrefix ? prefix : "") + Character.toString(c) + (hasSuffix ? suffix : ""));
    }

    /** Whether the bytes of a character are tokens, all of them. */
    private boolean hasByteTokens(int c) {
        int length = ByteAlphabet.length(c);
        for (int b = 0; b < length; b++) {
            if (byteIds[ByteAlphabet.byteAt(c, b, length)] == Vocabulary.ABSENT) {
                return false;
            }
        }
        return true;
    }

    /** What is no token is unknown, by itself or with its neighbours; it is left out where there is no such token. */
    private void addUnknown(int start, int end, boolean afterUnknown, Symbols symbols) {
        if (afterUnknown && fuseUnknown && unknown != Vocabulary.ABSENT) {
            symbols.lengthenLast(end);
        } else if (unknown != Vocabulary.ABSENT) {
            symbols.add(unknown, start, end);
        }
    }
}
