package dev.lorikeet.lora;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.LinearOps;
import dev.lorikeet.autograd.LinearOps.LowRank;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Adapter;
import dev.lorikeet.autograd.nn.Dropout;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An adapter of a linear layer: y = x·Wᵀ + b + s·(dropout(x)·(diag(g)·A)ᵀ)·Bᵀ, with W and b frozen. */
public final class LoraLinear extends LoraLayer implements Adapter {
    private final Linear linear;
    private final Dropout dropout;
    /** Of B, scaled with it, or null. */
    private final @Nullable Parameter bias;

    LoraLinear(LoraSite site, double dropout, @Nullable Gate gate, Map<String, Tensor> weights) {
        super(site, gate, weights);
        this.linear = (Linear) site.module();
        this.dropout = new Dropout((float) dropout);
        this.bias = site.loraBias() ? new Parameter(given(weights, LoraSite.B_BIAS)) : null;
    }

    /** The adapted layer. */
    public Linear linear() {
        return linear;
    }

    @Override
    public Map<String, Parameter> parameters() {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        parameters.put(site.nameOfA(), a);
        parameters.put(site.nameOfB(), b);
        if (gate instanceof Lambdas lambdas) {
            parameters.put(LoraSite.ADA_E, lambdas.parameter());
        }
        if (bias != null) {
            parameters.put(LoraSite.B_BIAS, bias);
        }
        if (magnitude != null) {
            parameters.put(LoraSite.MAGNITUDE, magnitude);
        }
        return parameters;
    }

    @Override
    void install() {
        linear.adapter(this);
    }

    @Override
    void remove() {
        linear.adapter(null);
    }

    @Override
    boolean isInstalled() {
        return linear.adapter() != null;
    }

    @Override
    public Variable forward(Pass pass, Variable x, Linear base) {
        Tape tape = pass.tape();
        if (isMerged() || rank() == 0) {
            return base.base(tape, x, null);
        }
        LowRank term = term(tape, x);
        if (magnitude != null) {
            return base.finish(tape, scaled(tape, x, base, term, magnitude));
        }
        if (bias != null) {
            Variable z = base.product(tape, x, term);
            return base.finish(tape, ElementOps.add(tape, z, ElementOps.scale(tape, bias, scaling())));
        }
        return base.base(tape, x, term);
    }

    /** Whether it adds a low-rank term and nothing else, so that several may share one pass of the base. */
    boolean isPlain() {
        return magnitude == null && bias == null;
    }

    /** s·(dropout(x)·(diag(g)·A)ᵀ)·Bᵀ, (rows, out). */
    Variable added(Tape tape, Variable x) {
        Variable h = LinearOps.matmul(tape, Form.NT, dropout.forward(tape, x), gatedA(tape));
        return ElementOps.scale(tape, LinearOps.matmul(tape, Form.NT, h, wideB(tape)), scaling());
    }

    private LowRank term(Tape tape, Variable x) {
        return new LowRank(dropout.forward(tape, x), gatedA(tape), wideB(tape), scaling());
    }

    /**
     * c∘(x·Wᵀ + s·B·A·x) with c = m divided by the lengths. Where dropout is on, PEFT gives its x to both products, and
     * what c changes is that x's part alone: x·Wᵀ - x'·Wᵀ + c∘(x'·Wᵀ + s·B·A·x').
     */
    private Variable scaled(Tape tape, Variable x, Linear base, LowRank term, Parameter m) {
        Variable dropped = term.x();
        Variable z = ElementOps.multiply(tape, base.product(tape, dropped, term), direction(tape, m));
        return dropped == x ? z
                : ElementOps.add(tape, z,
                        ElementOps.subtract(tape, base.product(tape, x, null), base.product(tape, dropped, null)));
    }

    @Override
    WeightChange merge(Compute compute) {
        Parameter biasOfBase = linear.bias();
        if (bias != null && biasOfBase == null) {
            throw new IllegalStateException("merge: " + site.path()
                    + " has no bias that the adapter's bias could be merged into");
        }
        WeightChange change = super.merge(compute);
        if (bias != null && biasOfBase != null) {
            Tensor merged = biasOfBase.value().copy();
            Tensor scaled = Tensor.zeros(merged.size());
            Elementwise.scale(bias.value(), scaling(), scaled);
            Elementwise.add(compute, scaled, merged, merged);
            overwrite("bias", biasOfBase, merged);
        }
        return change;
    }
}
