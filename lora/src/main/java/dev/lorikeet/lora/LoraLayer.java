package dev.lorikeet.lora;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Reductions;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.io.InputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One adapter: W + s·B·diag(g)·A in the place of a frozen W, with g = 1 in plain LoRA (Hu et al. 2021, equation 3).
 * With DoRA, each output's weights of that are scaled to the length m (Liu et al. 2024, equation 5).
 */
public abstract sealed class LoraLayer permits LoraLinear, LoraEmbedding {
    final LoraSite site;
    final Parameter a;
    final Parameter b;
    final @Nullable Gate gate;
    final @Nullable Parameter magnitude;
    /** What the merge overwrote, by parameter; empty while not merged. */
    private final Map<Parameter, Parameter.Replacement> unmerged = new LinkedHashMap<>();
    /** 1 / the lengths of W + s·B·diag(g)·A while nothing of it is trained, or null where they are not known yet. */
    private volatile @Nullable InverseLengths inverseLengths;

    /** @param version of what they were computed from */
    private record InverseLengths(Tensor values, long version) {}

    /** @param weights those of {@link LoraSite#shapes}, by name */
    LoraLayer(LoraSite site, @Nullable Gate gate, Map<String, Tensor> weights) {
        this.site = site;
        this.a = new Parameter(given(weights, site.nameOfA()));
        this.b = new Parameter(given(weights, site.nameOfB()));
        this.gate = gate;
        this.magnitude = site.dora() ? new Parameter(given(weights, LoraSite.MAGNITUDE)) : null;
    }

    static Tensor given(Map<String, Tensor> weights, String name) {
        Tensor tensor = weights.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("lora: no weight " + name);
        }
        return tensor;
    }

    public LoraSite site() {
        return site;
    }

    /** A (r, in), or (parts·r, in) where parts of the outputs have an adapter each. */
    public Parameter a() {
        return a;
    }

    /** B (out, r); the rows of adapted parts alone where parts of the outputs have an adapter each. */
    public Parameter b() {
        return b;
    }

    /** g, or null where every component counts alike. */
    public @Nullable Gate gate() {
        return gate;
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

    /** Whether the magnitudes of DoRA are part of this, so that what it adds depends on W. */
    public boolean isDora() {
        return magnitude != null;
    }

    /** What is trained, by its name below the module's path. */
    public abstract Map<String, Parameter> parameters();

    /** Puts this into the seam of its module. */
    abstract void install();

    /** Takes whatever is in it out of the seam of this one's module. */
    abstract void remove();

    abstract boolean isInstalled();

    /**
     * B (out, columns of A's rows): where parts of the outputs have an adapter each, as block matrix, zero outside the
     * blocks and in the rows of the other parts (loralib's {@code MergedLinear}).
     */
    Variable wideB(Tape tape) {
        List<Boolean> enabled = site.enabled();
        if (enabled == null) {
            return b;
        }
        int rows = site.outputs() / enabled.size();
        Variable[] blocks = new Variable[enabled.size()];
        int part = 0;
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = zeros(rows, site.parts() * site.rank());
            if (enabled.get(i)) {
                Variable own = ShapeOps.slice(tape, b, 0, part * rows, (part + 1) * rows);
                blocks[i] = ShapeOps.concat(tape, 1, zeros(rows, part * site.rank()), own,
                        zeros(rows, (site.parts() - part - 1) * site.rank()));
                part++;
            }
        }
        return ShapeOps.concat(tape, 0, blocks);
    }

    private static Variable zeros(int rows, int columns) {
        return Variable.constant(Tensor.zeros(rows, columns));
    }

    /** diag(g)·A. */
    Variable gatedA(Tape tape) {
        return gate == null ? a : ElementOps.multiply(tape, a, gate.value(tape));
    }

    /**
     * m divided by the lengths of W + s·B·diag(g)·A, (out). The lengths are constants of the backward pass (Liu et al.
     * 2024, equation 11).
     */
    Variable direction(Tape tape, Parameter m) {
        List<Parameter> from = gate == null ? List.of(site.weight(), a, b)
                : List.of(site.weight(), a, b, gate.parameter());
        boolean frozen = from.stream().noneMatch(Parameter::requiresGradient);
        long version = from.stream().mapToLong(Parameter::version).sum();
        InverseLengths known = frozen ? inverseLengths : null;
        if (known == null || known.version != version) {
            Tensor inverse = DoraLengths.of(adapted(tape.compute()), site.layout());
            for (int i = 0; i < inverse.size(); i++) {
                inverse.data()[i] = 1 / inverse.data()[i];
            }
            known = new InverseLengths(inverse, version);
            inverseLengths = frozen ? known : null;
        }
        return ElementOps.multiply(tape, m, Variable.constant(known.values));
    }

    /** s·B·diag(g)·A (out, in): what this adds to W, but for DoRA's magnitudes. */
    public Tensor delta(Compute compute) {
        try (Tape tape = Tape.inference(compute, new Workspace())) {
            return new Factors(gatedA(tape).value(), wideB(tape).value()).product(compute, site.scaling());
        }
    }

    /** W + s·B·diag(g)·A, in the layout that W has. */
    Tensor adapted(Compute compute) {
        return site.changed(compute, delta(compute));
    }

    /** W := W - s·B·A of {@code other} factors. */
    Parameter.Replacement takeOutOfBase(Compute compute, Factors other) {
        return site.weight().replace(site.without(compute, other));
    }

    /** W without this, even while it is merged. */
    Tensor unmergedWeight() {
        Parameter.Replacement merged = unmerged.get(site.weight());
        return merged == null ? site.weight().value() : merged.before();
    }

    /** Whether W holds this already. */
    public boolean isMerged() {
        return !unmerged.isEmpty();
    }

    /** W := W + s·B·diag(g)·A, with DoRA's magnitudes, and what else the subclass merges. */
    WeightChange merge(Compute compute) {
        Tensor weight = site.weight().value();
        Tensor merged = adapted(compute);
        if (magnitude != null) {
            DoraLengths.scaleTo(magnitude.value(), merged, site.layout());
        }
        WeightChange change = WeightChange.between(weight, merged);
        overwrite("weight", site.weight(), merged);
        return change;
    }

    /** Keeps what {@link #unmerge} will put back. */
    void overwrite(String name, Parameter parameter, Tensor merged) {
        int wrong = Reductions.firstNotFinite(merged);
        if (wrong >= 0) {
            throw new InputException("merge: " + site.path() + "." + name + ": element " + wrong + " would be "
                    + merged.data()[wrong]);
        }
        unmerged.put(parameter, parameter.replace(merged));
    }

    /** Puts the very values back that {@link #merge} found, if it is merged. */
    void unmerge() {
        unmerged.values().forEach(Parameter.Replacement::close);
        unmerged.clear();
    }
}
