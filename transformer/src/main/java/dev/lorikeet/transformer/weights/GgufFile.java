package dev.lorikeet.transformer.weights;

import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A GGUF file of version 2 or 3, or the several that make one model: metadata by key, then the names, shapes and types
 * of the tensors, then these, aligned. The names here are the file's own.
 *
 * <p>Source: {@code docs/gguf.md} of the ggml project. Dimensions are listed fastest first there, and slowest first
 * here, as everywhere else.
 */
public final class GgufFile implements TensorFile {
    /** The model's name, the number of the file and that of all. */
    private static final Pattern PART = Pattern.compile("(.+)-(\\d{5})-of-(\\d{5})\\.gguf");
    private static final int MAGIC = 'G' | 'G' << 8 | 'U' << 16 | 'F' << 24;
    private static final int MAX_DIMENSIONS = 4;
    private static final int MAX_NAME = 1 << 10;
    /** A key, its type and the least value; a name, no dimension, type and offset. */
    private static final int LEAST_VALUE = 13;
    private static final int LEAST_TENSOR = 24;
    private static final String ALIGNMENT = "general.alignment";

    private final List<Part> parts = new ArrayList<>();
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /** One file. */
    private record Part(MappedFile file, GgufMetadata metadata) {}

    /** Where a tensor is. */
    private record Entry(MappedFile file, DType dtype, Shape shape, long begin, long size) {}

    private GgufFile() {}

    /**
     * Opens a file and checks it whole: header, types, shapes, and that the tensors lie in the file and not one in
     * another. The first of several is opened with all others.
     *
     * @throws InputException if a file is missing or breaks the format, or has a type that is not read
     */
    public static GgufFile open(Path path) {
        GgufFile file = new GgufFile();
        try {
            file.openAll(path);
            return file;
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private void openAll(Path path) {
        GgufMetadata first = add(path);
        int count = first.integer("split.count", 1);
        if (count <= 1) {
            return;
        }
        Matcher name = PART.matcher(Objects.requireNonNull(path.getFileName()).toString());
        if (!name.matches() || Integer.parseInt(name.group(2)) != 1 || Integer.parseInt(name.group(3)) != count) {
            throw first.error("split.count", "says " + count + " files, of which the first is given, called "
                    + String.format("NAME-00001-of-%05d.gguf", count));
        }
        for (int i = 0; i < count; i++) {
            GgufMetadata part = i == 0 ? first
                    : add(path.resolveSibling(String.format("%s-%05d-of-%05d.gguf", name.group(1), i + 1, count)));
            if (part.integer("split.no") != i || part.integer("split.count") != count) {
                throw part.error("split.no", part.integer("split.no") + " of " + part.integer("split.count")
                        + ", by its name it is " + i + " of " + count);
            }
        }
        int all = first.integer("split.tensors.count", entries.size());
        if (all != entries.size()) {
            throw first.error("split.tensors.count", "says " + all + ", the files have " + entries.size());
        }
    }

    private GgufMetadata add(Path path) {
        MappedFile file = new MappedFile(path);
        try {
            GgufCursor cursor = new GgufCursor(path, file.bytes(), 0);
            requireVersion(cursor);
            long tensors = cursor.count("the number of tensors", LEAST_TENSOR);
            long keys = cursor.count("the number of keys", LEAST_VALUE);
            GgufMetadata metadata = new GgufMetadata(path, file.bytes(), cursor, keys);
            Map<String, Entry> own = new LinkedHashMap<>();
            for (long i = 0; i < tensors; i++) {
                String name = cursor.text("the name of a tensor", MAX_NAME);
                if (entries.containsKey(name) || own.put(name, entry(file, name, cursor)) != null) {
                    throw cursor.error(name, "there are two tensors of this name");
                }
            }
            place(own, aligned(cursor.position(), metadata), alignment(metadata));
            parts.add(new Part(file, metadata));
            return metadata;
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static void requireVersion(GgufCursor cursor) {
        int magic = cursor.signed32("the four letters GGUF");
        if (magic != MAGIC) {
            throw cursor.error("byte 0", "the four letters GGUF are expected");
        }
        int version = cursor.signed32("the version");
        if (version != 2 && version != 3) {
            throw cursor.error("version",
                    Integer.reverseBytes(version) == 3 ? "the file is big-endian, which is not read"
                            : Integer.toUnsignedString(version) + " is not read, 2 and 3 are");
        }
    }

    private static long alignment(GgufMetadata metadata) {
        int alignment = metadata.integer(ALIGNMENT, 32);
        if (alignment <= 0 || Integer.bitCount(alignment) != 1) {
            throw metadata.error(ALIGNMENT, "a power of two is expected, not " + alignment);
        }
        return alignment;
    }

    private static long aligned(long position, GgufMetadata metadata) {
        return -Math.floorDiv(-position, alignment(metadata)) * alignment(metadata);
    }

    /** With an offset from the beginning of the data. */
    private static Entry entry(MappedFile file, String name, GgufCursor cursor) {
        long rank = cursor.unsigned32("the number of dimensions of " + name);
        if (rank > MAX_DIMENSIONS) {
            throw cursor.error(name, rank + " dimensions, " + MAX_DIMENSIONS + " are the most there are");
        }
        int[] dims = new int[(int) rank];
        long elements = 1;
        for (int i = dims.length - 1; i >= 0; i--) {
            long dim = cursor.signed64("a dimension of " + name);
            if (dim < 0 || dim > Integer.MAX_VALUE || elements * dim > Integer.MAX_VALUE) {
                throw cursor.error(name, "a dimension of " + Long.toUnsignedString(dim)
                        + " makes 2^31 elements or more");
            }
            elements *= dim;
            dims[i] = (int) dim;
        }
        DType dtype = GgufTypes.dtype(cursor.unsigned32("the type of " + name), name, cursor);
        if (dtype.blockLength() > 1 && (rank == 0 || dims[dims.length - 1] % dtype.blockLength() != 0)) {
            throw cursor.error(name, "rows of " + dtype + " are whole blocks of " + dtype.blockLength()
                    + ", its shape is " + Shape.of(dims));
        }
        return new Entry(file, dtype, Shape.of(dims), cursor.signed64("the offset of " + name),
                elements / dtype.blockLength() * dtype.bytes());
    }

    private void place(Map<String, Entry> own, long data, long alignment) {
        List<Map.Entry<String, Entry>> byOffset = new ArrayList<>(own.entrySet());
        byOffset.sort(Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin)
                .thenComparingLong(e -> e.getValue().size));
        long covered = 0;
        for (Map.Entry<String, Entry> next : byOffset) {
            Entry entry = next.getValue();
            long left = entry.file.bytes().byteSize() - data;
            String rule = null;
            if (entry.begin < 0 || entry.begin % alignment != 0) {
                rule = "begins at byte " + Long.toUnsignedString(entry.begin) + " of the data, a multiple of "
                        + alignment + " is expected";
            } else if (entry.begin < covered) {
                rule = "begins at byte " + entry.begin + " of the data, within another tensor that ends at " + covered;
            } else if (entry.begin > left || entry.size > left - entry.begin) {
                rule = "begins at byte " + entry.begin + " of the data and has " + entry.size
                        + " bytes, the data has " + Math.max(0, left);
            }
            if (rule != null) {
                throw new InputException(entry.file.path(), next.getKey(), rule);
            }
            covered = entry.begin + entry.size;
        }
        own.forEach((name, entry) -> entries.put(name,
                new Entry(entry.file, entry.dtype, entry.shape, data + entry.begin, entry.size)));
    }

    /** Whether {@code path} is {@code first}, or one of the files of which that is the first. */
    public static boolean isPart(Path path, Path first) {
        String name = String.valueOf(path.getFileName());
        String firstName = String.valueOf(first.getFileName());
        Matcher part = PART.matcher(name);
        Matcher whole = PART.matcher(firstName);
        return name.equals(firstName) || part.matches() && whole.matches() && part.group(1).equals(whole.group(1))
                && part.group(3).equals(whole.group(3));
    }

    /** What the file, or the first of several, says about the model. */
    public GgufMetadata values() {
        return parts.getFirst().metadata;
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(entries.keySet());
    }

    @Override
    public Shape shape(String name) {
        return required(name).shape;
    }

    @Override
    public DType dtype(String name) {
        return required(name).dtype;
    }

    @Override
    public Tensor read(String name) {
        Entry entry = required(name);
        return take(name, bytes -> Widening.tensor(source(), name, entry.dtype, bytes, entry.shape));
    }

    @Override
    public <T> T take(String name, Function<MemorySegment, T> taker) {
        Entry entry = required(name);
        return entry.file.part(entry.begin, entry.size, taker);
    }

    /** The values that are strings. */
    @Override
    public Map<String, String> metadata() {
        Map<String, String> strings = new LinkedHashMap<>();
        for (String key : values().keys()) {
            if (values().isString(key)) {
                strings.put(key, values().string(key));
            }
        }
        return strings;
    }

    @Override
    public Path source() {
        return parts.getFirst().file.path();
    }

    @Override
    public void close() {
        parts.forEach(part -> part.file.close());
    }

    private Entry required(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new InputException(source(), name, "there is no tensor of this name");
        }
        return entry;
    }
}
