package dev.lorikeet.transformer.weights;

import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.weights.GgufArchitecture.Lies;
import java.util.Arrays;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How tensors of a Hugging Face model are called in GGUF files, and how they lie there. */
public final class GgufNames {
    private final JsonObject config;
    private final String prefix;
    private final boolean tied;
    private final GgufArchitecture architecture;

    /**
     * Those of a model.
     *
     * @param config its {@code config.json}
     * @param prefix before the backbone's names in Hugging Face's files of a model with a head
     * @param tied whether a language model's head is the table of the word embeddings
     * @throws dev.lorikeet.transformer.io.InputException if there are no GGUF files of its {@code model_type}
     */
    public GgufNames(JsonObject config, String prefix, boolean tied) {
        this.config = config;
        this.prefix = prefix;
        this.tied = tied;
        this.architecture = GgufArchitecture.find(config).orElseThrow(() -> GgufArchitecture.missing(config));
    }

    /** Why there are no GGUF files of a model's {@code model_type}; null where there are. */
    public static @Nullable String obstacle(JsonObject config) {
        return GgufArchitecture.find(config).isPresent() ? null : GgufArchitecture.missing(config).getMessage();
    }

    /** Whether GGUF files have a tensor of this name in Hugging Face's, of a model with its head. */
    public boolean has(String name) {
        return architecture.inGguf(name) != null;
    }

    /** {@code general.architecture}. */
    public String architecture() {
        return architecture.name();
    }

    /**
     * Says fields of {@code config.json} under their keys in GGUF files.
     *
     * @param values whole numbers, floats and flags by the names of their fields; those without a key are left out
     */
    public void put(Map<String, ?> values, GgufWriter writer) {
        architecture.fields().forEach((field, key) -> {
            if (values.get(field) instanceof Object value) {
                put(key, value, writer);
            }
        });
    }

    /**
     * Says one value.
     *
     * @param key without the architecture that it begins with
     * @param value a whole number, a float, a flag or a text
     */
    public void put(String key, Object value, GgufWriter writer) {
        String whole = architecture.name() + "." + key;
        switch (value) {
            case Integer number -> writer.put(whole, number.intValue());
            case Float number -> writer.put(whole, number.floatValue());
            case Boolean flag -> writer.put(whole, flag.booleanValue());
            case String text -> writer.put(whole, text);
            default -> throw new IllegalArgumentException("gguf: " + key + " is a " + value.getClass());
        }
    }

    /**
     * Adds the divisors of the frequencies of rotary positions, of short texts and of long ones, one for each pair.
     */
    public static void putDivisors(float[] shorter, float[] longer, GgufWriter writer) {
        boolean one = Arrays.equals(shorter, longer);
        writer.tensor(one ? GgufConfig.DIVISORS : GgufConfig.SHORT, Shape.of(shorter.length), DType.F32,
                () -> Tensor.of(shorter, shorter.length));
        if (!one) {
            writer.tensor(GgufConfig.LONG, Shape.of(longer.length), DType.F32, () -> Tensor.of(longer, longer.length));
        }
    }

    /** What scores are divided by the root of, where GGUF files do not say it, as llama.cpp has it. */
    public int scoreScale(int layers, int hidden, int heads, int headSize) {
        return architecture.scoreScale(layers, hidden, heads, headSize);
    }

    /** The name of Hugging Face's class, of which {@code config.json} says that the model is one. */
    public String className() {
        return architecture.className();
    }

    /**
     * The name in GGUF files.
     *
     * @param name in Hugging Face's, of a model with its head
     * @throws dev.lorikeet.transformer.io.InputException if such files have no such tensor
     */
    public String of(String name) {
        return tensor(name).name();
    }

    /**
     * The name in Hugging Face's files that GGUF files are made from: BERT's are those of the backbone alone, others
     * those of a model with its head.
     *
     * @param path in the backbone, or in a model with a head
     */
    public String named(String path) {
        return Stream.of(path, prefix + "." + path, path.startsWith(prefix + ".") ? path.substring(prefix.length() + 1)
                : path).filter(name -> architecture.inGguf(name) != null).findFirst().orElse(path);
    }

    /** Whether the table of the word embeddings is that of the head, too. */
    public boolean tiesHead() {
        return tied && architecture.tensors().containsKey("output");
    }

    /** The shape in GGUF files of a tensor that has this one in Hugging Face's. */
    public Shape shape(String name, Shape shape) {
        return tensor(name).lies() == Lies.TURNED && shape.rank() == 2 ? Shape.of(shape.dim(1), shape.dim(0)) : shape;
    }

    private GgufArchitecture.Tensor tensor(String name) {
        GgufArchitecture.Tensor tensor = architecture.inGguf(name);
        if (tensor == null) {
            throw config.error("model_type", "GGUF files of " + architecture.name() + " have no place for " + name
                    + "; a Hugging Face directory has");
        }
        return tensor;
    }

    /** The rows of a matrix, or elements of a vector, in the order of {@code name} in GGUF files; may be a copy. */
    public Tensor rows(String name, Tensor values) {
        Lies lies = tensor(name).lies();
        if (lies == Lies.SAME || lies == Lies.PLUS_ONE || lies == Lies.TURNED) {
            return values;
        }
        int rows = values.dim(0);
        int size = values.size() / Math.max(rows, 1);
        IntUnaryOperator to = GgufRows.of(lies, name, rows, config);
        Tensor moved = Tensor.zeros(values.shape());
        for (int row = 0; row < rows; row++) {
            System.arraycopy(values.data(), values.offset() + row * size, moved.data(), to.applyAsInt(row) * size,
                    size);
        }
        return moved;
    }

    /** The tensor as GGUF files have it; may be a copy. */
    public Tensor stored(String name, Tensor values) {
        return switch (tensor(name).lies()) {
            case PLUS_ONE -> {
                Tensor more = values.copy();
                for (int i = 0; i < more.size(); i++) {
                    more.data()[more.offset() + i] += 1;
                }
                yield more;
            }
            case TURNED -> values.shape().rank() == 2 ? turned(values) : values;
            default -> rows(name, values);
        };
    }

    private static Tensor turned(Tensor matrix) {
        Tensor turned = Tensor.zeros(matrix.dim(1), matrix.dim(0));
        Matmul.transpose(Cpu.shared(), matrix, turned);
        return turned;
    }
}
