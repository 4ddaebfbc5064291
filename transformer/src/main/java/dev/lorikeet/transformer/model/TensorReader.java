package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Linear.Layout;
import dev.lorikeet.autograd.nn.RmsNorm;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.weights.TensorFile;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Takes layers out of a weight file, checks their shapes against the config, and notices what nobody took. */
public final class TensorReader {
    private final TensorFile weights;
    private final String prefix;
    private final Set<String> taken;
    /** Names of tensors in the file, by the names of those in whose place they stand. */
    private final Map<String, String> standIns;

    TensorReader(TensorFile weights) {
        this(weights, "", new HashSet<>(), Map.of());
    }

    private TensorReader(TensorFile weights, String prefix, Set<String> taken, Map<String, String> standIns) {
        this.weights = weights;
        this.prefix = prefix;
        this.taken = taken;
        this.standIns = standIns;
    }

    /** The part whose names begin with {@code start}, such as {@code bert.}. */
    TensorReader under(String start) {
        return new TensorReader(weights, prefix + start, taken, standIns);
    }

    /** This files, where there is no {@code name} but an {@code other} with that one in its place. */
    TensorReader orElse(String name, String other) {
        return contains(name) || !contains(other) ? this
                : new TensorReader(weights, prefix, taken, Map.of(prefix + name, prefix + other));
    }

    boolean contains(String name) {
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
    Linear linear(String path, int in, int out) {
        return linear(path, in, out, Activation.NONE);
    }

    /** As {@link #linear(String, int, int)}, with an activation. */
    Linear linear(String path, int in, int out, Activation activation) {
        return linear(path, in, out, true, activation);
    }

    /** As {@link #linear(String, int, int)}, with an activation, with or without a bias. */
    Linear linear(String path, int in, int out, boolean bias, Activation activation) {
        String start = path.isEmpty() ? "" : path + ".";
        return new Linear(read(start + "weight", out, in), bias ? read(start + "bias", out) : null, activation);
    }

    /** A linear layer whose weight is stored as (in, out). */
    Linear conv1d(String path, int in, int out, Activation activation) {
        return new Linear(read(path + ".weight", in, out), read(path + ".bias", out), activation, Layout.IN_OUT);
    }

    Embedding embedding(String name, int entries, int hidden, int paddingIndex) {
        return new Embedding(read(name + ".weight", entries, hidden), paddingIndex);
    }

    /** Old checkpoints call the weight gamma and the bias beta. */
    LayerNorm layerNorm(String name, int hidden, float eps) {
        boolean old = contains(name + ".gamma");
        return new LayerNorm(read(name + (old ? ".gamma" : ".weight"), hidden),
                read(name + (old ? ".beta" : ".bias"), hidden), eps);
    }

    RmsNorm rmsNorm(String name, int hidden, float eps) {
        return new RmsNorm(read(name + ".weight", hidden), eps);
    }

    /**
     * Whether the tensor {@code name} is there and is not {@code shared}: files may repeat a shared tensor under each
     * of its names, and where its values differ it is not shared. Takes it where it is the same.
     */
    boolean differs(String name, Tensor shared) {
        return contains(name) && !Arrays.equals(read(name, shared.shape().dims()).toArray(), shared.toArray());
    }

    /** The error to throw for a tensor of this name. */
    InputException error(String name, String rule) {
        return new InputException(weights.source(), prefix + name, rule);
    }

    /** One tensor of the given shape. */
    Tensor read(String name, int... dims) {
        String full = inFile(name);
        Shape shape = weights.shape(full);
        if (!Arrays.equals(shape.dims(), dims)) { // as numbers: what config.json says may be too large for a Shape
            String expected = Arrays.toString(dims).replace('[', '(').replace(']', ')');
            throw new InputException(weights.source(), full,
                    "shape " + expected + " is expected from config.json, not " + shape);
        }
        taken.add(full);
        return weights.readFinite(full);
    }

    /**
     * Refuses tensors that no layer took: the file would not be the model that the config describes.
     *
     * @param beside the names that may stay behind, as a regular expression
     */
    void requireAllTaken(String beside) {
        for (String name : weights.names()) {
            if (!taken.contains(name) && !name.matches(beside)) {
                throw new InputException(weights.source(), name, "the model of config.json has no such tensor");
            }
        }
    }
}
