package dev.lorikeet.transformer.weights;

import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** One memory-mapped safetensors file. */
final class SafetensorsFile implements TensorFile {
    private static final int LENGTH_BYTES = 8;
    static final long MAX_HEADER = 100_000_000; // as the reference implementation

    private final MappedFile file;
    /** Where the data begins. */
    private final long begin;
    private final SafetensorsHeader header;

    private SafetensorsFile(MappedFile file) {
        MemorySegment bytes = file.bytes();
        long length = headerLength(bytes, file.path());
        byte[] utf8 = bytes.asSlice(LENGTH_BYTES, length).toArray(ValueLayout.JAVA_BYTE);
        this.file = file;
        this.begin = LENGTH_BYTES + length;
        this.header = SafetensorsHeader.parse(utf8, bytes.byteSize() - begin, file.path());
    }

    static SafetensorsFile open(Path path) {
        MappedFile file = new MappedFile(path);
        try {
            return new SafetensorsFile(file);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static long headerLength(MemorySegment bytes, Path path) {
        long available = bytes.byteSize() - LENGTH_BYTES;
        if (available < 0) {
            throw new InputException(path, "header",
                    "the file has " + bytes.byteSize() + " bytes, the length of the header alone needs 8");
        }
        long length = bytes.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
        if (length < 0 || length > MAX_HEADER || length > available) {
            throw new InputException(path, "header",
                    "its length says " + Long.toUnsignedString(length) + " bytes, the file has " + available
                            + " after it, and " + MAX_HEADER + " is the most allowed");
        }
        return length;
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(header.entries().keySet());
    }

    @Override
    public Shape shape(String name) {
        return entry(name).shape();
    }

    @Override
    public DType dtype(String name) {
        return entry(name).dtype();
    }

    @Override
    public Tensor read(String name) {
        SafetensorsHeader.Entry entry = entry(name);
        return take(name, bytes -> Widening.tensor(file.path(), name, entry.dtype(), bytes, entry.shape()));
    }

    @Override
    public <T> T take(String name, Function<MemorySegment, T> taker) {
        SafetensorsHeader.Entry entry = entry(name);
        return file.part(begin + entry.begin(), entry.end() - entry.begin(), taker);
    }

    @Override
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(header.metadata());
    }

    @Override
    public Path source() {
        return file.path();
    }

    @Override
    public void close() {
        file.close();
    }

    private SafetensorsHeader.Entry entry(String name) {
        SafetensorsHeader.Entry entry = header.entries().get(name);
        if (entry == null) {
            throw new InputException(file.path(), name, "there is no tensor of this name");
        }
        return entry;
    }
}
