package dev.lorikeet.transformer.data;

import dev.lorikeet.transformer.io.InputException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What a file is by its first bytes.
 *
 * @param charset of its text
 * @param mark the bytes before the text
 */
record FileEncoding(Charset charset, int mark) {
    /** So many bytes tell. */
    static final int START = 512;
    static final String GZIP = "1f8b";

    private static final Map<String, FileEncoding> BYTE_ORDER_MARKS = Map.of(
            "efbbbf", new FileEncoding(StandardCharsets.UTF_8, 3),
            "fffe", new FileEncoding(StandardCharsets.UTF_16LE, 2),
            "feff", new FileEncoding(StandardCharsets.UTF_16BE, 2));
    private static final Map<String, String> OTHERS = new LinkedHashMap<>();

    static {
        OTHERS.put(GZIP, "is gzip within gzip");
        OTHERS.put("fffe0000", "is UTF-32");
        OTHERS.put("0000feff", "is UTF-32");
        OTHERS.put("504b0304", "is a zip archive, as .xlsx files are");
        OTHERS.put("425a6839314159265359", "is bzip2");
        OTHERS.put("fd377a585a00", "is xz");
        OTHERS.put("28b52ffd", "is zstd");
        OTHERS.put("5041523115", "is Parquet");
        OTHERS.put("255044462d", "is PDF");
    }

    /**
     * The encoding of a text that begins with these bytes.
     *
     * @throws InputException if they are something else
     */
    static FileEncoding of(byte[] start, Path file) {
        for (Map.Entry<String, String> other : OTHERS.entrySet()) {
            if (startsWith(start, other.getKey())) {
                throw new InputException(file, "start", other.getValue() + ", a text in UTF-8 is expected");
            }
        }
        for (Map.Entry<String, FileEncoding> mark : BYTE_ORDER_MARKS.entrySet()) {
            if (startsWith(start, mark.getKey())) {
                return mark.getValue();
            }
        }
        long high = zeros(start, 0); // in UTF-16, the high byte of a Latin letter is 0
        long low = zeros(start, 1);
        if (high + low > 0) {
            boolean lopsided = Math.max(high, low) > 4 * Math.min(high, low);
            throw new InputException(file, "start", !lopsided ? "is not a text: it has bytes of 0"
                    : "is UTF-16 without a byte order mark, " + (low > high ? "low" : "high")
                            + " bytes first; write it with one, or as UTF-8");
        }
        return new FileEncoding(StandardCharsets.UTF_8, 0);
    }

    static boolean startsWith(byte[] start, String hex) {
        return ByteBuffer.wrap(start).slice(0, Math.min(start.length, hex.length() / 2))
                .equals(ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
    }

    private static long zeros(byte[] start, int from) {
        return IntStream.iterate(from, i -> i < start.length, i -> i + 2).filter(i -> start[i] == 0).count();
    }
}
