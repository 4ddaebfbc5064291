package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * {@code Precompiled}: SentencePiece's table of what is written for which characters, a double-array trie over UTF-8
 * with the strings it leads to (Yata's Darts-clone).
 *
 * <p>A grapheme of fewer than six bytes is looked up as a whole, where the shortest string of the table that it begins
 * with decides, and all others character by character, as in Hugging Face's library.
 */
final class Precompiled implements Normalizer {
    private static final int LONGEST_GRAPHEME = 5; // bytes
    private static final Pattern GRAPHEME = Pattern.compile("\\X");

    private final int[] units;
    private final byte[] strings;
    private final boolean changesAscii;

    private Precompiled(int[] units, byte[] strings) {
        this.units = units;
        this.strings = strings;
        this.changesAscii = IntStream.rangeClosed(' ', '~').anyMatch(c -> find(new byte[] {(byte) c}) != null);
    }

    static Precompiled of(JsonObject json) {
        String field = "precompiled_charsmap";
        ByteBuffer map;
        try {
            map = ByteBuffer.wrap(Base64.getDecoder().decode(json.string(field))).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IllegalArgumentException e) {
            throw json.error(field, "is not base 64: " + e.getMessage());
        }
        int size = map.remaining() < 4 ? -1 : map.getInt();
        if (size < 4 || size % 4 != 0 || size > map.remaining()) {
            throw json.error(field, "a table of " + size + " bytes is announced, " + map.remaining() + " follow");
        }
        int[] units = new int[size / 4];
        map.asIntBuffer().get(units);
        byte[] strings = new byte[map.remaining() - size];
        map.position(map.position() + size).get(strings);
        return new Precompiled(units, strings);
    }

    @Override
    public NormalizedString normalize(NormalizedString text) {
        String chars = text.text();
        if (isUnchanged(chars)) {
            return text;
        }
        Changes changes = new Changes(chars.length() + 16);
        Matcher graphemes = GRAPHEME.matcher(chars);
        for (int i = 0; i < chars.length();) {
            int end = endOfGrapheme(chars, i, graphemes);
            byte[] whole = chars.substring(i, end).getBytes(StandardCharsets.UTF_8);
            String replaced = whole.length <= LONGEST_GRAPHEME ? find(whole) : null;
            if (replaced != null) {
                changes.replace(chars.codePointCount(i, end), replaced);
            } else {
                chars.substring(i, end).codePoints().forEach(c -> replaceOne(c, changes));
            }
            i = end;
        }
        return changes.of(text);
    }

    private void replaceOne(int character, Changes changes) {
        String replaced = find(Character.toString(character).getBytes(StandardCharsets.UTF_8));
        if (replaced == null) {
            changes.add(character, 0);
        } else {
            changes.replace(1, replaced);
        }
    }

    /** Whether a text is of visible ASCII and spaces, which hardly a table changes. */
    private boolean isUnchanged(String text) {
        return !changesAscii && text.chars().allMatch(c -> c >= ' ' && c <= '~');
    }

    private static int endOfGrapheme(String text, int i, Matcher graphemes) {
        int c = text.codePointAt(i);
        int end = i + Character.charCount(c);
        if (end == text.length() || isAlone(c) && isAlone(text.codePointAt(end))) {
            return end;
        }
        graphemes.region(i, text.length());
        return graphemes.lookingAt() ? graphemes.end() : end;
    }

    /** Whether a character is surely a grapheme by itself, beside others of which this is true. */
    private static boolean isAlone(int c) {
        return c >= ' ' && c < 0x7F || c >= 0xC0 && c < 0x300 || c >= 0x400 && c < 0x483 || c >= 0x2010 && c < 0x2028
                || c >= 0x3001 && c < 0x302A || c >= 0x3041 && c < 0x3097 || c >= 0x30A1 && c < 0x3130
                || c >= 0x3400 && c < 0xA000 || c >= 0xAC00 && c < 0xD7A4;
    }

    /** What is written for the shortest string of the table with which this one begins, null where there is none. */
    private @Nullable String find(byte[] utf8) {
        int node = offset(units[0]);
        for (byte b : utf8) {
            int label = b & 0xFF;
            node ^= label;
            if (label == 0 || node < 0 || node >= units.length || (units[node] & 0x800000FF) != label) {
                return null;
            }
            int unit = units[node];
            node ^= offset(unit);
            if ((unit >>> 8 & 1) == 1) {
                return node < 0 || node >= units.length ? null : string(units[node] & Integer.MAX_VALUE);
            }
        }
        return null;
    }

    private static int offset(int unit) {
        return unit >>> 10 << ((unit & 1 << 9) >>> 6);
    }

    private @Nullable String string(int start) {
        int end = start;
        while (end < strings.length && strings[end] != 0) {
            end++;
        }
        if (start >= strings.length) {
            return null;
        }
        try {
            CharBuffer decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(strings, start,
                    end - start));
            return decoded.toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** New characters and the changes they are: what {@link NormalizedString.Rewriting#put} takes. */
    private static final class Changes {
        private int[] characters;
        private int[] changes;
        private int size;
        private boolean changed;

        private Changes(int capacity) {
            characters = new int[capacity];
            changes = new int[capacity];
        }

        private void add(int character, int change) {
            if (size == characters.length) {
                characters = Arrays.copyOf(characters, 2 * size);
                changes = Arrays.copyOf(changes, 2 * size);
            }
            characters[size] = character;
            changes[size++] = change;
        }

        /** Of more characters than before the last ones are inserted; of fewer, the last one removes the rest. */
        private void replace(int old, String content) {
            changed = true;
            content.codePoints().forEach(c -> add(c, 0));
            int more = content.codePointCount(0, content.length()) - old;
            for (int i = 1; i <= more; i++) {
                changes[size - i] = 1;
            }
            if (more < 0 && size > 0) {
                changes[size - 1] += more;
            }
        }

        private NormalizedString of(NormalizedString text) {
            if (!changed) {
                return text;
            }
            NormalizedString.Rewriting rewriting = text.rewrite();
            for (int i = 0; i < size; i++) {
                rewriting.put(characters[i], changes[i]);
            }
            return rewriting.done();
        }
    }
}
