package dev.lorikeet.transformer.weights;

import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.weights.GgufArchitecture.Lies;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;

/**
 * A {@link GgufFile} as the Hugging Face model that it was made from: its tensors under their names there, with rows in
 * their order there, and its metadata as {@code config.json}.
 */
public final class GgufModel implements TensorFile {
    static final String POOLING_TYPE = "pooling_type";
    /** How the tokens of a text become one vector, {@code llama_pooling_type} of llama.cpp. */
    public static final int NO_POOLING = 0;
    public static final int MEAN = 1;
    public static final int FIRST_TOKEN = 2;
    public static final int LAST_TOKEN = 3;

    private final GgufFile file;
    private final JsonObject config;
    private final Map<String, Source> tensors = new LinkedHashMap<>();

    /** @param name in the GGUF file */
    private record Source(String name, Lies lies) {}

    private GgufModel(GgufFile file) {
        this.file = file;
        GgufArchitecture architecture = GgufArchitecture.of(file.values());
        this.config = new JsonObject(file.source(), "", GgufConfig.of(file, architecture));
        for (String name : file.names()) {
            GgufArchitecture.Tensor tensor = architecture.tensor(name);
            if (tensor != null) {
                tensors.put(tensor.name(), new Source(name, tensor.lies()));
            } else if (!GgufConfig.TENSORS.contains(name)) {
                throw new InputException(file.source(), name, architecture.name() + " has no such tensor");
            }
        }
    }

    /**
     * Opens a file, or the first of several with all others.
     *
     * @throws InputException as {@link GgufFile#open}, or if its architecture is not known, or it has a key or a tensor
     *     that this does not
     */
    public static GgufModel open(Path path) {
        GgufFile file = GgufFile.open(path);
        try {
            return new GgufModel(file);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** What {@code config.json} would say. */
    public JsonObject config() {
        return config;
    }

    /** The metadata as they are, with the vocabulary. */
    public GgufMetadata values() {
        return file.values();
    }

    /** How the tokens of a text become one vector, by llama.cpp's numbers; {@link #NO_POOLING} unless it is said. */
    public int pooling() {
        return values().integer(values().string("general.architecture") + "." + POOLING_TYPE, NO_POOLING);
    }

    /** The tensors that are no weights of a layer, under their names in GGUF files. */
    public Map<String, Tensor> besideTheModel() {
        Map<String, Tensor> beside = new LinkedHashMap<>();
        GgufConfig.TENSORS.stream().filter(file::contains).sorted().forEach(name -> beside.put(name, file.read(name)));
        return beside;
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(tensors.keySet());
    }

    @Override
    public Shape shape(String name) {
        Shape stored = file.shape(source(name).name);
        return isTurned(name) ? Shape.of(stored.dim(1), stored.dim(0)) : stored;
    }

    @Override
    public DType dtype(String name) {
        Source source = source(name);
        return source.lies == Lies.PLUS_ONE ? DType.F32 : file.dtype(source.name);
    }

    @Override
    public boolean isTurned(String name) {
        Source source = source(name);
        return source.lies == Lies.TURNED && file.shape(source.name).rank() == 2;
    }

    @Override
    public Tensor read(String name) {
        Source source = source(name);
        if (source.lies == Lies.PLUS_ONE) {
            Tensor tensor = file.read(source.name);
            for (int i = 0; i < tensor.size(); i++) {
                tensor.data()[i] -= 1;
            }
            return tensor;
        }
        Tensor rows = take(name, bytes -> Widening.tensor(source(), name, dtype(name), bytes,
                file.shape(source.name)));
        return isTurned(name) ? turned(rows) : rows;
    }

    private static Tensor turned(Tensor rows) {
        Tensor turned = Tensor.zeros(rows.dim(1), rows.dim(0));
        Matmul.transpose(Cpu.shared(), rows, turned);
        return turned;
    }

    @Override
    public <T> T take(String name, Function<MemorySegment, T> taker) {
        Source source = source(name);
        if (source.lies == Lies.PLUS_ONE) {
            return taker.apply(MemorySegment.ofArray(read(name).toArray()));
        }
        return file.take(source.name, bytes -> taker.apply(switch (source.lies) {
            case SAME, TURNED, PLUS_ONE -> bytes;
            case HEADS, KEY_HEADS, PARTS -> permuted(bytes, shape(name).dim(0),
                    GgufRows.of(source.lies, name, shape(name).dim(0), config));
        }));
    }

    private static MemorySegment permuted(MemorySegment bytes, int rows, IntUnaryOperator from) {
        long size = bytes.byteSize() / rows;
        MemorySegment permuted = MemorySegment.ofArray(new byte[Math.toIntExact(bytes.byteSize())]);
        for (int row = 0; row < rows; row++) {
            MemorySegment.copy(bytes, from.applyAsInt(row) * size, permuted, row * size, size);
        }
        return permuted;
    }

    @Override
    public Map<String, String> metadata() {
        return file.metadata();
    }

    @Override
    public Path source() {
        return file.source();
    }

    @Override
    public void close() {
        file.close();
    }

    private Source source(String name) {
        Source source = tensors.get(name);
        if (source == null) {
            throw new InputException(source(), name, "there is no tensor of this name");
        }
        return source;
    }
}
