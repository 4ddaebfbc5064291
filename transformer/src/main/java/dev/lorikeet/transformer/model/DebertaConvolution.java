package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.LinearOps;
import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.Rows;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.Tensor;

/**
 * The convolution of DeBERTa of version 2 over neighbouring tokens (He et al. 2021, section 5.4): norm(y + f(W∗x + b))
 * for the input x and the output y of the first layer. Before the first token and behind the last there are zeros.
 */
final class DebertaConvolution extends Block {
    private final int size;
    private final int hidden;
    private final Activation activation;
    /** (out, in, size). */
    private final Parameter weight;
    private final Parameter bias;
    private final LayerNorm norm;

    DebertaConvolution(DebertaConfig.Convolution config, int hidden, float eps, TensorReader files) {
        size = config.size();
        this.hidden = hidden;
        activation = config.activation();
        weight = parameter("conv.weight", new Parameter(files.read("conv.weight", hidden, hidden, size)));
        bias = parameter("conv.bias", new Parameter(files.read("conv.bias", hidden)));
        norm = layerNorm(files, "LayerNorm", hidden, eps);
    }

    /** (rows, hidden) each. */
    Variable forward(Pass pass, Variable x, Variable y) {
        Tape tape = pass.tape();
        int zero = x.shape().dim(0);
        Variable padded = ShapeOps.concat(tape, 0, x, Variable.constant(Tensor.zeros(1, hidden)));
        Variable places = ShapeOps.reshape(tape, weight, hidden * hidden, size);
        Variable sum = bias;
        for (int place = 0; place < size; place++) {
            Variable neighbours = ShapeOps.gather(tape, padded, shifted(pass.rows(), place - size / 2, zero));
            Variable one = ShapeOps.reshape(tape, ShapeOps.columns(tape, places, place, place + 1), hidden, hidden);
            sum = ElementOps.add(tape, LinearOps.matmul(tape, Form.NT, neighbours, one), sum);
        }
        Variable convolved = ElementOps.activate(tape, activation, sum);
        return norm.forward(tape, convolved, y);
    }

    /** For each row the one {@code by} rows behind it in its sequence, or {@code zero} where there is none. */
    private static int[] shifted(Rows rows, int by, int zero) {
        int[] index = new int[rows.count()];
        for (int s = 0; s < rows.sequences(); s++) {
            int from = rows.offsets()[s];
            int to = rows.offsets()[s + 1];
            for (int i = from; i < to; i++) {
                index[i] = i + by >= from && i + by < to ? i + by : zero;
            }
        }
        return index;
    }
}
