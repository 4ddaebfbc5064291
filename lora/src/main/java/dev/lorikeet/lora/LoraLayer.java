package dev.lorikeet.lora;

import dev.lorikeet.autograd.LinearOps.LowRank;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Adapter;
import dev.lorikeet.autograd.nn.Dropout;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Linear.Layout;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.InputException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One adapted layer: y = x·Wᵀ + b + s·(dropout(x)·Aᵀ)·Bᵀ (Hu et al. 2021, equation 3), with W and b frozen. */
public final class LoraLayer implements Adapter {
    private final LoraPlan.Site site;
    private final Dropout dropout;
    private final Parameter a;
    private final Parameter b;
    /** W as it was before the merge; null while not merged. */
    private @Nullable Tensor unmerged;

    LoraLayer(LoraPlan.Site site, double dropout, Tensor a, Tensor b) {
        this.site = site;
        this.dropout = new Dropout((float) dropout);
        this.a = new Parameter(a);
        this.b = new Parameter(b);
    }

    /** A (r, in). */
    public Parameter a() {
        return a;
    }

    /** B (out, r). */
    public Parameter b() {
        return b;
    }

    public int rank() {
        return site.rank();
    }

    public double alpha() {
        return site.alpha();
    }

    /** s, the factor on B·A. */
    public float scaling() {
        return site.scaling();
    }

    /** The adapted layer. */
    public Linear linear() {
        return site.linear();
    }

    @Override
    public Map<String, Parameter> parameters() {
        return Map.of("lora_A.weight", a, "lora_B.weight", b);
    }

    @Override
    public Variable forward(Tape tape, Variable x, Linear base) {
        if (unmerged != null) {
            return base.base(tape, x, null);
        }
        return base.base(tape, x, new LowRank(dropout.forward(tape, x), a, b, site.scaling()));
    }

    /** s·B·A (out, in): what this layer adds to W. */
    public Tensor delta() {
        Tensor delta = Tensor.zeros(linear().outFeatures(), linear().inFeatures());
        Matmul.multiply(Compute.shared(), Form.NN, 1f, b.value(), a.value(), delta, false);
        Elementwise.scale(delta, site.scaling(), delta);
        return delta;
    }

    /** W := W + s·B·A. */
    void merge() {
        Tensor weight = linear().weight().value();
        Tensor merged = asStored(delta());
        Elementwise.add(Compute.shared(), weight, merged, merged);
        for (int i = 0; i < merged.size(); i++) {
            if (!Float.isFinite(merged.data()[i])) {
                throw new InputException("merge: " + site.path() + ".weight: element " + i + " would be "
                        + merged.data()[i]);
            }
        }
        unmerged = weight.copy();
        weight.set(merged);
        linear().weightChanged();
    }

    /** A change of W (out, in) in the layout that the layer has. */
    private Tensor asStored(Tensor change) {
        if (linear().layout() == Layout.OUT_IN) {
            return change;
        }
        Tensor turned = Tensor.zeros(linear().inFeatures(), linear().outFeatures());
        Matmul.transpose(Compute.shared(), change, turned);
        return turned;
    }

    /** Puts the very W back that {@link #merge} found, if it is merged. */
    void unmerge() {
        if (unmerged != null) {
            linear().weight().value().set(unmerged);
            linear().weightChanged();
            unmerged = null;
        }
    }
}
