package dev.lorikeet.transformer.training;

import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Sha256;
import dev.lorikeet.transformer.task.Encoded;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Encoded examples in a file that is mapped, so that they take none of the heap: an {@link EncodedRecord} for each, the
 * place of each, in 8 bytes, and an end of {@value #END} bytes. The end has what the examples are from, their digest,
 * how many there are, how many were cut, whether their ids are wide, and a CRC-32C of all that is before it.
 */
final class EncodedFile implements EncodedExamples {
    private static final byte[] MAGIC = "LORIKEET examples 1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int HASH = 32;
    private static final int END = 116; // MAGIC, two hashes, four longs
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment file;
    private final long places;
    private final int size;
    private final int truncated;
    private final boolean wide;
    private final String digest;

    private EncodedFile(MemorySegment file, ByteBuffer end) {
        this.file = file;
        end.position(MAGIC.length + HASH);
        byte[] hash = new byte[HASH];
        end.get(hash);
        this.digest = HexFormat.of().formatHex(hash);
        this.size = (int) end.getLong();
        this.truncated = (int) end.getLong();
        this.wide = end.getLong() == 1;
        this.places = file.byteSize() - END - (long) Long.BYTES * size;
    }

    /**
     * Opens a file.
     *
     * @param key what the examples must be from, a SHA-256 in hexadecimal digits
     * @return null if there is none, or one that is of something else, or damaged
     */
    static @Nullable EncodedFile open(Path path, String key) {
        if (!Files.isRegularFile(path)) {
            return null;
        }
        try (FileChannel channel = FileChannel.open(path)) {
            long length = channel.size();
            if (length < END) {
                return null;
            }
            MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, length, Arena.ofAuto());
            ByteBuffer end = file.asSlice(length - END).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            byte[] start = new byte[MAGIC.length + HASH];
            end.get(0, start);
            return ByteBuffer.wrap(start).equals(start(key)) && checksum(file, length) == end.getLong(END - Long.BYTES)
                    ? new EncodedFile(file, end)
                    : null;
        } catch (IOException e) {
            throw new InputException(path, "open", "cannot be read: " + e);
        }
    }

    private static ByteBuffer start(String key) {
        return ByteBuffer.allocate(MAGIC.length + HASH).put(MAGIC).put(HexFormat.of().parseHex(key)).flip();
    }

    /** Of all but itself, which is the last long. */
    private static long checksum(MemorySegment file, long length) {
        CRC32C sum = new CRC32C();
        long end = length - Long.BYTES;
        for (long at = 0; at < end; at += 1 << 30) {
            sum.update(file.asSlice(at, Math.min(1 << 30, end - at)).asByteBuffer());
        }
        return sum.getValue();
    }

    /**
     * Writes a file, which is there whole or not at all.
     *
     * @param wide whether an id may be above 65,535
     * @param examples hands them over one after the other
     * @throws InputException if it cannot be written
     */
    static void write(Path path, String key, boolean wide, Consumer<Consumer<Encoded>> examples) {
        Path places = AtomicFile.temporarySibling(path);
        try {
            AtomicFile.write(path, channel -> new Writer(channel, places, wide).write(key, examples));
        } finally {
            try {
                Files.deleteIfExists(places);
            } catch (IOException e) {
                System.getLogger(EncodedFile.class.getName()).log(System.Logger.Level.DEBUG,
                        () -> "left behind: " + places, e);
            }
        }
    }

    private static final class Writer {
        private final CRC32C sum = new CRC32C();
        private final OutputStream out;
        private final Path places;
        private final boolean wide;
        private final EncodedRecord record = new EncodedRecord();
        private final Sha256 digest = new Sha256();
        private long at;
        private long size;
        private long truncated;

        Writer(FileChannel channel, Path places, boolean wide) {
            this.out = new CheckedOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 20),
                    sum);
            this.places = places;
            this.wide = wide;
        }

        /** The places are kept in a file of their own till all records are written: there may be any number. */
        void write(String key, Consumer<Consumer<Encoded>> examples) throws IOException {
            try (DataOutputStream index = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(places,
                    StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), 1 << 16))) {
                examples.accept(example -> {
                    try {
                        add(example, index);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
            Files.copy(places, out);
            out.write(start(key).array());
            ByteBuffer end = ByteBuffer.allocate(END - MAGIC.length - HASH).order(ByteOrder.LITTLE_ENDIAN);
            end.put(HexFormat.of().parseHex(digest.hex())).putLong(size).putLong(truncated).putLong(wide ? 1 : 0);
            out.write(end.array(), 0, end.position());
            out.write(end.putLong(end.position(), sum.getValue()).array(), end.position(), Long.BYTES);
            out.flush();
        }

        private void add(Encoded example, DataOutputStream index) throws IOException {
            record.write(example, wide);
            out.write(record.bytes(), 0, record.length());
            index.writeLong(Long.reverseBytes(at));
            at += record.length();
            size++;
            truncated += example.truncated() > 0 ? 1 : 0;
            EncodedExamples.add(example, digest);
        }
    }

    private long place(int i) {
        return file.get(LONG, places + (long) Long.BYTES * i);
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Encoded get(int i) {
        return EncodedRecord.read(file, place(i), wide);
    }

    @Override
    public int tokens(int i) {
        return EncodedRecord.tokens(file, place(i));
    }

    @Override
    public long bytes() {
        return 0;
    }

    @Override
    public int truncated() {
        return truncated;
    }

    @Override
    public String digest() {
        return digest;
    }
}
