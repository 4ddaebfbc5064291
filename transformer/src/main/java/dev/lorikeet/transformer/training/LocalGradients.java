package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.Anomalies;
import dev.lorikeet.autograd.Derivatives;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gradients from this JVM, one micro-batch after the other. Belongs to one thread. */
public final class LocalGradients implements Gradients {
    private final Compute compute;
    private final Workspace workspace;
    /** The sums of the micro-batches before; none while each update has but one. */
    private final Map<Parameter, Tensor> totals = new IdentityHashMap<>();
    private int mostTokens = 1;

    public LocalGradients(Compute compute, Workspace workspace) {
        this.compute = compute;
        this.workspace = workspace;
    }

    @Override
    public void expect(int tokens) {
        mostTokens = Math.max(mostTokens, tokens);
    }

    @Override
    public Sums of(Trainable from, List<MicroBatch> update, @Nullable List<Parameter> wanted) {
        double over = 0;
        for (MicroBatch part : update) {
            for (int example : part.examples()) {
                over += from.weight(example);
            }
        }
        if (over == 0) {
            throw new IllegalArgumentException("training: no target of an update counts, so that it has no loss");
        }
        boolean several = update.size() > 1;
        List<Parameter> parameters = wanted != null ? wanted : several ? from.parameters() : List.of();
        double loss = 0;
        for (int i = 0; i < update.size(); i++) {
            float own = add(from, update.get(i), over, wanted);
            if (!Float.isFinite(own)) {
                return new Sums(own, fault(from, update.get(i), over));
            }
            loss += own;
            if (several) {
                put(parameters, i == 0, i == update.size() - 1);
            }
        }
        return new Sums(loss, "");
    }

    /** Walks one micro-batch back; does not where its loss, which it gives, is not finite. */
    private float add(Trainable from, MicroBatch part, double over, @Nullable List<Parameter> wanted) {
        int tokens = 0;
        for (int example : part.examples()) {
            tokens += from.tokens(example);
        }
        workspace.expect(tokens, Math.max(tokens, mostTokens));
        try (Tape tape = Tape.training(compute, workspace, part.key())) {
            Variable loss = from.loss(tape, part.examples(), over);
            float value = loss.item();
            if (Float.isFinite(value)) {
                if (wanted == null) {
                    tape.backward(loss);
                } else {
                    List<Tensor> own = Derivatives.gradients(tape, loss, wanted);
                    for (int i = 0; i < own.size(); i++) {
                        wanted.get(i).addGradient(own.get(i));
                    }
                }
            }
            return value;
        }
    }

    /** Adds the gradients to the totals, which take their place after the last micro-batch. */
    private void put(List<Parameter> parameters, boolean first, boolean last) {
        for (Parameter parameter : parameters) {
            Tensor total = totals.computeIfAbsent(parameter, key -> Tensor.zeros(key.shape()));
            Tensor own = parameter.gradient();
            if (first) {
                total.fill(0f);
            }
            if (own != null) {
                Elementwise.addScaled(own, 1f, total);
            }
            parameter.clearGradient();
            if (last) {
                parameter.addGradient(total);
            }
        }
    }

    /** Runs the micro-batch again to find the operation where it began. */
    private String fault(Trainable from, MicroBatch part, double over) {
        try (Tape tape = Tape.training(compute, workspace, part.key()).observe(new Anomalies())) {
            from.loss(tape, part.examples(), over);
        } catch (ArithmeticException e) {
            return " (" + e.getMessage() + ")";
        }
        return "";
    }
}
