package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.weights.TensorFile;

/**
 * The mean of the last hidden state over each sequence's tokens, as sentence encoders have it (Reimers and Gurevych
 * 2019), then a linear layer {@code head}. Hugging Face has no class for it.
 */
public final class MeanPooledHead extends Head {
    private final Linear output;

    private MeanPooledHead(Linear output, boolean made) {
        super(made);
        this.output = child("head", output);
    }

    /** A new head: uniform in ±1/√hidden as PyTorch's {@code nn.Linear}, drawn from {@code seed}. */
    public MeanPooledHead(int outputs, int hidden, long seed) {
        this(newLayer(outputs, hidden, seed), true);
    }

    /** A layer as {@code nn.Linear} makes it: uniform in ±1/√in. */
    public static Linear newLayer(int out, int in, long seed) {
        Tensor weight = Tensor.zeros(out, in);
        Tensor bias = Tensor.zeros(out);
        float bound = (float) (1 / Math.sqrt(in));
        Random.fillUniform(weight, bound, Random.key(seed, "head.weight"));
        Random.fillUniform(bias, bound, Random.key(seed, "head.bias"));
        return new Linear(weight, bias);
    }

    /**
     * The head in a file: {@code weight} (outputs, hidden) and {@code bias} (outputs), and nothing else.
     *
     * @throws dev.lorikeet.transformer.io.InputException if the tensors do not fit
     */
    public static MeanPooledHead read(TensorFile file, int outputs, int hidden) {
        TensorReader reader = new TensorReader(file, LoadOptions.STANDARD);
        Linear layer = reader.linear("", hidden, outputs);
        reader.requireAllTaken("");
        return new MeanPooledHead(layer, false);
    }

    /** The linear layer. */
    public Linear output() {
        return output;
    }

    @Override
    public Variable features(Pass pass, Variable hidden, Batch batch) {
        return SequenceOps.mean(pass.tape(), hidden, batch.offsets());
    }

    @Override
    public Variable scores(Pass pass, Variable features) {
        return output.forward(pass.pooled(), features);
    }
}
