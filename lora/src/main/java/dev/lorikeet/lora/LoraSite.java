package dev.lorikeet.lora;

import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Linear.Layout;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.TiedHead;
import dev.lorikeet.autograd.nn.Weight;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A place that gets an adapter. An embedding is a layer from one-hot vectors of the entries, with its table as the
 * weight (in, out).
 *
 * @param path of the module in the model
 * @param module a {@link Linear} or an {@link Embedding}
 * @param scaling s, the factor on B·A
 * @param dora whether magnitudes are trained, see {@link LoraConfig#dora}
 * @param loraBias whether B has a bias, see {@link LoraConfig#loraBias}
 * @param enabled which of the equal parts of the outputs have an adapter each, see {@link LoraConfig#fused}; null for
 *     one adapter of all outputs
 * @param lambdas whether each component has a λ, as AdaLoRA's have, see {@link LoraConfig#adaLora}
 */
public record LoraSite(String path, Module module, int rank, double alpha, float scaling, boolean dora,
        boolean loraBias, @Nullable List<Boolean> enabled, boolean lambdas) {
    /** Names of an adapter's tensors below its module's path, as files have them. */
    static final String A = "lora_A.weight";
    static final String B = "lora_B.weight";
    /** AdaLoRA's, which are no modules and so have no weights of theirs in PEFT. */
    static final String ADA_A = "lora_A";
    static final String ADA_B = "lora_B";
    static final String ADA_E = "lora_E";
    static final String B_BIAS = "lora_B.bias";
    static final String EMBEDDING_A = "lora_embedding_A";
    static final String EMBEDDING_B = "lora_embedding_B";
    static final String MAGNITUDE = "lora_magnitude_vector";

    public LoraSite {
        if (!(module instanceof Linear) && !(module instanceof Embedding)) {
            throw new InputException("targets (target_modules): " + path + (module instanceof TiedHead
                    ? " is a head that is tied to the word embeddings"
                    : " is of the class " + module.getClass().getSimpleName())
                    + ", only linear layers and embeddings can have an adapter");
        }
        if (lambdas && !(module instanceof Linear)) {
            throw new InputException("targets (target_modules): " + path
                    + " is an embedding, AdaLoRA is for linear layers");
        }
        int inputs = inputs(module);
        int outputs = outputs(module);
        if (enabled != null && (!(module instanceof Linear) || outputs % enabled.size() != 0)) {
            throw new InputException("fused: " + path + " is no linear layer, or its " + outputs
                    + " outputs are not " + enabled.size() + " equal parts");
        }
        if ((long) rank * Math.max(inputs, outputs) > Integer.MAX_VALUE) {
            throw new InputException("rank (r): " + rank + " is too large for " + path + ", which has " + inputs
                    + " inputs and " + outputs + " outputs");
        }
    }

    public int inputs() {
        return inputs(module);
    }

    public int outputs() {
        return outputs(module);
    }

    private static int inputs(Module module) {
        return module instanceof Linear linear ? linear.inFeatures() : ((Embedding) module).entries();
    }

    private static int outputs(Module module) {
        return module instanceof Linear linear ? linear.outFeatures() : ((Embedding) module).weight().in();
    }

    /** W, in {@link #layout}. */
    Weight weight() {
        return module instanceof Linear linear ? linear.weight() : ((Embedding) module).weight();
    }

    Layout layout() {
        return module instanceof Linear linear ? linear.layout() : Layout.IN_OUT;
    }

    /** W as (out, in), a copy where it is stored otherwise. */
    Tensor weightOutIn(Compute compute) {
        Tensor weight = weight().value();
        if (layout() == Layout.OUT_IN) {
            return weight;
        }
        Tensor turned = Tensor.zeros(outputs(), inputs());
        Matmul.transpose(compute, weight, turned);
        return turned;
    }

    /** W and a change of it (out, in), in the layout that W has; {@code change} may be overwritten. */
    Tensor changed(Compute compute, Tensor change) {
        Tensor sum = change;
        if (layout() == Layout.IN_OUT) {
            sum = Tensor.zeros(inputs(), outputs());
            Matmul.transpose(compute, change, sum);
        }
        Elementwise.add(compute, weight().value(), sum, sum);
        return sum;
    }

    /** W - s·B·A of these factors. */
    Tensor without(Compute compute, Factors factors) {
        return changed(compute, factors.product(compute, -scaling));
    }

    boolean isEmbedding() {
        return module instanceof Embedding;
    }

    /** How many adapters of the rank stand here side by side. */
    int parts() {
        return enabled == null ? 1 : (int) enabled.stream().filter(part -> part).count();
    }

    String nameOfA() {
        return isEmbedding() ? EMBEDDING_A : lambdas ? ADA_A : A;
    }

    String nameOfB() {
        return isEmbedding() ? EMBEDDING_B : lambdas ? ADA_B : B;
    }

    /** The shapes of the tensors of the adapter here, by their names below {@link #path}. */
    public Map<String, Shape> shapes() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        int parts = parts();
        int adapted = enabled == null ? outputs() : outputs() / enabled.size() * parts;
        shapes.put(nameOfA(), Shape.of(rank * parts, inputs()));
        shapes.put(nameOfB(), Shape.of(adapted, rank));
        if (lambdas) {
            shapes.put(ADA_E, Shape.of(rank, 1));
        }
        if (loraBias && !isEmbedding()) {
            shapes.put(B_BIAS, Shape.of(outputs()));
        }
        if (dora) {
            shapes.put(MAGNITUDE, Shape.of(outputs()));
        }
        return shapes;
    }
}
