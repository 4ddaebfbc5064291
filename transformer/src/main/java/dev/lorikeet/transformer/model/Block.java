package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.RmsNorm;
import dev.lorikeet.tensor.Activation;
import org.jspecify.annotations.Nullable;

/** A part of a model that takes its layers out of a file under the names that they have there. */
abstract class Block extends Module {
    protected final Linear linear(TensorReader files, String path, int in, int out, boolean bias) {
        return linear(files, path, in, out, bias, Activation.NONE);
    }

    protected final Linear linear(TensorReader files, String path, int in, int out, boolean bias,
            Activation activation) {
        return child(path, files.linear(path, in, out, bias, activation));
    }

    protected final LayerNorm layerNorm(TensorReader files, String path, int size, float eps) {
        return child(path, files.layerNorm(path, size, eps));
    }

    protected final RmsNorm rmsNorm(TensorReader files, String path, int size, float eps) {
        return child(path, files.rmsNorm(path, size, eps));
    }

    /** With factors that are the weight + {@code offset}. */
    protected final RmsNorm rmsNorm(TensorReader files, String path, int size, float eps, float offset) {
        return child(path, files.rmsNorm(path, size, eps, offset));
    }

    /** The norm of each head of (rows, heads·size); x where there is none. */
    protected static Variable eachHead(Tape tape, @Nullable RmsNorm norm, Variable x) {
        if (norm == null) {
            return x;
        }
        Variable heads = ShapeOps.reshape(tape, x, x.shape().size() / norm.size(), norm.size());
        return ShapeOps.reshape(tape, norm.forward(tape, heads), x.shape().dims());
    }
}
