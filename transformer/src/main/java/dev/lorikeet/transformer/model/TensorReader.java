package dev.lorikeet.transformer.model;

import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Linear.Layout;
import dev.lorikeet.autograd.nn.RmsNorm;
import dev.lorikeet.autograd.nn.Weight;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.weights.TensorFile;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Takes layers out of a weight file, checks their shapes against the config, and notices what nobody took. */
public final class TensorReader {
    private final TensorFile weights;
    private final LoadOptions options;
    private final String prefix;
    /** The names in the file of what was taken, by the names that the model has for them. */
    private final Map<String, String> taken;
    /** The names in the file of what was taken before. */
    private final Collection<String> before;
    /** How many characters of a name are not the model's. */
    private final int root;
    /** Names of tensors in the file, by the names of those in whose place they stand. */
    private final Map<String, String> standIns;

    TensorReader(TensorFile weights, LoadOptions options) {
        this(weights, options, List.of());
    }

    /** @param before the names in the file of what was taken before */
    TensorReader(TensorFile weights, LoadOptions options, Collection<String> before) {
        this(weights, options, "", 0, new LinkedHashMap<>(), before, Map.of());
    }

    private TensorReader(TensorFile weights, LoadOptions options, String prefix, int root, Map<String, String> taken,
            Collection<String> before, Map<String, String> standIns) {
        this.weights = weights;
        this.options = options;
        this.prefix = prefix;
        this.root = root;
        this.taken = taken;
        this.before = before;
        this.standIns = standIns;
    }

    /** The part whose names begin with {@code start}, such as {@code bert.}. */
    public TensorReader under(String start) {
        return new TensorReader(weights, options, prefix + start, root, taken, before, standIns);
    }

    /** This, where the names of the model begin here. */
    TensorReader asRoot() {
        return new TensorReader(weights, options, prefix, prefix.length(), taken, before, standIns);
    }

    /** The names in the file of what was taken, by the names that the model has for them. */
    Map<String, String> taken() {
        return Collections.unmodifiableMap(taken);
    }

    /** This files, where there is no {@code name} but an {@code other} with that one in its place. */
    TensorReader orElse(String name, String other) {
        return contains(name) || !contains(other) ? this
                : new TensorReader(weights, options, prefix, root, taken, before,
                        Map.of(prefix + name, prefix + other));
    }

    /** Whether there is a tensor {@code name}. */
    public boolean contains(String name) {
        return weights.contains(inFile(name));
    }

    /** Whether the name of a tensor begins with {@code start}. */
    boolean hasAny(String start) {
        return weights.names().stream().anyMatch(name -> name.startsWith(prefix + start));
    }

    private String inFile(String name) {
        return standIns.getOrDefault(prefix + name, prefix + name);
    }

    /** The linear layer at {@code path}; an empty path is the top of the file. */
    public Linear linear(String path, int in, int out) {
        return linear(path, in, out, Activation.NONE);
    }

    /** As {@link #linear(String, int, int)}, with an activation. */
    public Linear linear(String path, int in, int out, Activation activation) {
        return linear(path, in, out, true, activation);
    }

    /** As {@link #linear(String, int, int)}, with an activation, with or without a bias. */
    public Linear linear(String path, int in, int out, boolean bias, Activation activation) {
        String start = path.isEmpty() ? "" : path + ".";
        return new Linear(weight(start + "weight", Layout.OUT_IN, out, in), bias ? read(start + "bias", out) : null,
                activation);
    }

    /** A linear layer whose weight is stored as (in, out). */
    public Linear conv1d(String path, int in, int out, Activation activation) {
        return new Linear(weight(path + ".weight", Layout.IN_OUT, out, in), read(path + ".bias", out), activation);
    }

    /** The table at {@code name}; {@code paddingIndex} is the entry that gets no gradient, or -1. */
    public Embedding embedding(String name, int entries, int hidden, int paddingIndex) {
        return new Embedding(weight(name + ".weight", Layout.OUT_IN, entries, hidden), paddingIndex);
    }

    /** The norm at {@code name}; old files call the weight gamma and the bias beta. */
    public LayerNorm layerNorm(String name, int hidden, float eps) {
        boolean old = contains(name + ".gamma");
        return new LayerNorm(read(name + ".weight", name + (old ? ".gamma" : ".weight"), hidden),
                read(name + ".bias", name + (old ? ".beta" : ".bias"), hidden), eps);
    }

    /** The norm at {@code name}. */
    public RmsNorm rmsNorm(String name, int hidden, float eps) {
        return rmsNorm(name, hidden, eps, 0f);
    }

    /** The norm at {@code name}, whose factors are its weight + {@code offset}. */
    public RmsNorm rmsNorm(String name, int hidden, float eps, float offset) {
        return new RmsNorm(read(name + ".weight", hidden), eps, offset);
    }

    /**
     * Whether the tensor {@code name} is there and is not {@code shared}: files may repeat a shared tensor under each
     * of its names, and where its values differ it is not shared. Takes it where it is the same.
     */
    boolean differs(String name, Supplier<Tensor> shared) {
        if (!contains(name)) {
            return false;
        }
        Tensor other = shared.get();
        return !Arrays.equals(read(name, other.shape().dims()).toArray(), other.toArray());
    }

    /** The error to throw for a tensor of this name. */
    public InputException error(String name, String rule) {
        return new InputException(weights.source(), prefix + name, rule);
    }

    /** One tensor of the given shape. */
    public Tensor read(String name, int... dims) {
        return read(name, name, dims);
    }

    /** One tensor, which may have another name in the file than the model has for it. */
    private Tensor read(String ours, String name, int... dims) {
        return weights.readFinite(take(ours, name, dims));
    }

    /** The name in the file of a tensor of the given shape, which is taken now. */
    private String take(String ours, String name, int... dims) {
        String full = inFile(name);
        Shape shape = weights.shape(full);
        if (!Arrays.equals(shape.dims(), dims)) { // as numbers: what config.json says may be too large for a Shape
            String expected = Arrays.toString(dims).replace('[', '(').replace(']', ')');
            throw new InputException(weights.source(), full,
                    "shape " + expected + " is expected from config.json, not " + shape);
        }
        taken.put((prefix + ours).substring(root), full);
        return full;
    }

    /** A matrix, in the form in which the file has it, or what the options ask for. */
    private Weight weight(String name, Layout layout, int out, int in) {
        String full = layout == Layout.OUT_IN ? take(name, name, out, in) : take(name, name, in, out);
        WeightFormat stored = weights.dtype(full).format();
        boolean rows = weights.isTurned(full) == (layout == Layout.IN_OUT);
        if (stored == null || stored == WeightFormat.F32 || options.format() != null
                || !rows && stored.blockLength() > 1) {
            return new Weight(weights.readFinite(full), layout);
        }
        return weights.take(full, bytes -> {
            long wrong = stored.firstNotFinite(bytes);
            if (wrong >= 0) {
                throw new InputException(weights.source(), full,
                        "element " + wrong + " in " + stored + " is not finite, finite numbers are expected");
            }
            return new Weight(options.compute().take(rows ? bytes : turned(bytes, in, out), stored, out, in),
                    options.compute(), layout);
        });
    }

    /** The rows of the transposed of a matrix (rows, columns) of 16-bit numbers. */
    private static MemorySegment turned(MemorySegment bytes, int rows, int columns) {
        MemorySegment turned = MemorySegment.ofArray(new short[Math.multiplyExact(rows, columns)]);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                turned.setAtIndex(JAVA_SHORT_UNALIGNED, (long) column * rows + row,
                        bytes.getAtIndex(JAVA_SHORT_UNALIGNED, (long) row * columns + column));
            }
        }
        return turned;
    }

    /**
     * Refuses tensors that no layer took: the file would not be the model that the config describes.
     *
     * @param beside the names that may stay behind, as a regular expression
     */
    void requireAllTaken(String beside) {
        Set<String> all = new HashSet<>(before);
        all.addAll(taken.values());
        for (String name : weights.names()) {
            if (!all.contains(name) && !name.matches(beside)) {
                throw new InputException(weights.source(), name, "the model of config.json has no such tensor");
            }
        }
    }
}
