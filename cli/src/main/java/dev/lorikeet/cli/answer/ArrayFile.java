package dev.lorikeet.cli.answer;

import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Vectors as an array of NumPy, one in a row, in float32.
 *
 * <p>Source: NumPy's {@code lib/format.py}, version 1.0 of the format.
 */
public final class ArrayFile {
    private static final String ENDING = ".npy";
    private static final int BATCH = 64;
    /** A multiple of 64, with room for any number of rows. */
    private static final int HEADER = 128;
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

    private ArrayFile() {}

    /** Whether a file's ending says that it is one. */
    public static boolean is(Path file) {
        return file.toString().toLowerCase(Locale.ROOT).endsWith(ENDING);
    }

    /**
     * Writes the vectors of texts, whole or not at all.
     *
     * @param read the file that the texts come from, or null
     * @param columns how long a vector is
     * @param vectors of a batch of texts
     * @throws InputException if the file cannot be written, or is the one that is read, or a line is empty
     */
    public static void write(Path file, @Nullable Path read, Questions questions, int columns,
            Function<List<String>, float[][]> vectors) {
        Answering.requirePlace(file, read);
        AtomicFile.write(file, channel -> {
            channel.position(HEADER);
            List<String> waiting = new ArrayList<>(BATCH);
            List<IOException> faults = new ArrayList<>();
            long[] rows = new long[1];
            questions.forEach(question -> {
                if (question.texts().isEmpty()) {
                    throw question.refused("is empty, and an array has a vector in each row; .jsonl keeps its place");
                }
                waiting.add(question.texts().getFirst());
                if (waiting.size() < BATCH) {
                    return true;
                }
                return put(channel, waiting, columns, vectors, rows, faults);
            });
            put(channel, waiting, columns, vectors, rows, faults);
            if (!faults.isEmpty()) {
                throw faults.getFirst();
            }
            writeAll(channel.position(0), header(rows[0], columns));
        });
    }

    /** Writes what waits, and says whether more may come. */
    private static boolean put(FileChannel channel, List<String> waiting, int columns,
            Function<List<String>, float[][]> vectors, long[] rows, List<IOException> faults) {
        ByteBuffer bytes = ByteBuffer.allocate(waiting.size() * columns * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        if (!waiting.isEmpty()) {
            for (float[] vector : vectors.apply(List.copyOf(waiting))) {
                bytes.asFloatBuffer().put(vector);
                bytes.position(bytes.position() + vector.length * Float.BYTES);
            }
        }
        rows[0] += waiting.size();
        waiting.clear();
        try {
            writeAll(channel, bytes.flip());
            return true;
        } catch (IOException e) {
            faults.add(e);
            return false;
        }
    }

    private static ByteBuffer header(long rows, int columns) {
        String text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + rows + ", " + columns + "), }";
        String padded = text + " ".repeat(HEADER - MAGIC.length - Short.BYTES - text.length() - 1) + "\n";
        return ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN).put(MAGIC).putShort((short) padded.length())
                .put(padded.getBytes(StandardCharsets.US_ASCII)).flip();
    }

    private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
