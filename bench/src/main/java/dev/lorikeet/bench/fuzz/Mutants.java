package dev.lorikeet.bench.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/** Changes files without knowing what is in them: bytes, and lines of text. */
final class Mutants {
    private static final long[] NUMBERS = {0, 1, -1, 2, 8, 127, 128, 255, 1 << 16, Integer.MAX_VALUE, 1L << 31,
        Long.MAX_VALUE, Long.MIN_VALUE};
    /** What means something in one format or another, or nothing in any. */
    private static final List<String> WORDS = List.of("\t", ",", "\"", "\"\"", "\n", "\r", "\r\n", "\n\n", "\\", "\\u",
            "\\ud800", "\u0000", "\uFEFF", "\u2028", "\u001B[2J", "\u202E", "é", "\uD83D\uDE00", "{", "}", "[", "]",
            ":", "- ", "#", "'", "&a", "*a", "!!int ", "\"\\UFFFFFFFF\"", "\"\\x", "|", ">", "%", "null", "true", "NaN",
            "1e999", "-1", "0",
            "999999999999", " ", "  ", "\u00A0", "..", "/", "~");

    private Mutants() {}

    static <T> T one(List<T> list, SplittableRandom random) {
        return list.get(random.nextInt(list.size()));
    }

    /** The same with one to four places changed. */
    static byte[] bytes(byte[] seed, SplittableRandom random) {
        byte[] changed = seed;
        for (int i = random.nextInt(4); i >= 0; i--) {
            changed = changed.length == 0 ? new byte[] {(byte) random.nextInt()} : changedOnce(changed, random);
        }
        return changed;
    }

    private static byte[] changedOnce(byte[] bytes, SplittableRandom random) {
        int at = random.nextInt(bytes.length);
        int length = Math.min(bytes.length - at, 1 + random.nextInt(1 + random.nextInt(16)));
        return switch (random.nextInt(7)) {
            case 0 -> replaced(bytes, at, 1, new byte[] {(byte) (bytes[at] ^ 1 << random.nextInt(8))});
            case 1 -> replaced(bytes, at, 1, new byte[] {(byte) NUMBERS[random.nextInt(NUMBERS.length)]});
            case 2 -> replaced(bytes, at, Math.min(8, bytes.length - at), ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN).putLong(NUMBERS[random.nextInt(NUMBERS.length)]).array());
            case 3 -> replaced(bytes, at, length, new byte[0]);
            case 4 -> replaced(bytes, at, 0, Arrays.copyOfRange(bytes, at, at + length));
            case 5 -> replaced(bytes, at, random.nextInt(2) * length,
                    one(WORDS, random).getBytes(StandardCharsets.UTF_8));
            default -> Arrays.copyOf(bytes, at);
        };
    }

    private static byte[] replaced(byte[] bytes, int at, int length, byte[] with) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + with.length);
        out.write(bytes, 0, at);
        out.writeBytes(with);
        out.write(bytes, at + length, bytes.length - at - length);
        return out.toByteArray();
    }

    /** The same with some lines changed, moved, doubled, dropped or taken from {@code others}. */
    static byte[] lines(String seed, List<String> others, SplittableRandom random) {
        List<String> lines = new ArrayList<>(List.of(seed.split("(?<=\n)")));
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(lines.size());
            String line = lines.get(at);
            int cut = random.nextInt(line.length() + 1);
            switch (random.nextInt(7)) {
                case 0 -> lines.add(at, line);
                case 1 -> lines.set(at, line.substring(0, cut) + one(WORDS, random) + line.substring(cut));
                case 2 -> lines.set(at, line.substring(0, cut) + one(WORDS, random));
                case 3 -> Collections.swap(lines, at, random.nextInt(lines.size()));
                case 4 -> lines.add(at, one(List.of(one(others, random).split("(?<=\n)")), random));
                case 5 -> lines.set(at, line.stripTrailing() + one(WORDS, random).repeat(1 + random.nextInt(300)));
                default -> lines.set(at, "");
            }
        }
        byte[] text = String.join("", lines).getBytes(StandardCharsets.UTF_8);
        return random.nextInt(4) == 0 ? bytes(text, random) : text;
    }
}
