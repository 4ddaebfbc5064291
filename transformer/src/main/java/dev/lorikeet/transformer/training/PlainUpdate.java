package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.TrainingDuty;
import dev.lorikeet.autograd.optim.Clipping;
import dev.lorikeet.autograd.optim.Optimizer;
import dev.lorikeet.autograd.optim.OptimizerState;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Workspace;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A step of an optimizer along the gradients of the loss and of what the parameters' {@linkplain TrainingDuty duties}
 * add to it. A penalty belongs to the update, not to its parts: its gradient is added once, after their sums.
 */
public final class PlainUpdate implements Update {
    private static final String OPTIMIZER = "optimizer";

    private final Optimizer optimizer;
    private final Clipping clipping;
    private final double clipNorm;
    private final Compute compute;
    private final Workspace workspace;

    /** @param clipNorm the largest norm of all gradients together, or 0 for any */
    public PlainUpdate(Rule rule, List<ParameterGroup> groups, double clipNorm, Compute compute,
            Workspace workspace) {
        this.optimizer = new Optimizer(rule, groups);
        this.clipping = new Clipping(groups);
        this.clipNorm = clipNorm;
        this.compute = compute;
        this.workspace = workspace;
    }

    @Override
    public void begin(int steps) {
        optimizer.duties().forEach(duty -> duty.begin(steps));
    }

    @Override
    public Report run(Gradients gradients, Trainable from, List<MicroBatch> parts, int step, double factor) {
        Gradients.Sums sums = gradients.of(from, parts, null);
        if (!Double.isFinite(sums.loss())) {
            throw new DivergedException("training: the loss of step " + step + " is " + sums.loss() + sums.fault()
                    + "; a lower learning rate may help");
        }
        addPenalties();
        double norm = clipped(step);
        optimizer.step(factor);
        return new Report(sums.loss(), norm);
    }

    private double clipped(int step) {
        try {
            return clipNorm > 0 ? clipping.byNorm(clipNorm) : Double.NaN;
        } catch (ArithmeticException e) {
            throw new DivergedException("training: step " + step + ": " + e.getMessage());
        }
    }

    private void addPenalties() {
        if (optimizer.duties().isEmpty()) {
            return;
        }
        try (Tape tape = Tape.training(compute, workspace)) {
            @Nullable
            Variable sum = null;
            for (TrainingDuty duty : optimizer.duties()) {
                Variable penalty = duty.penalty(tape);
                sum = penalty == null ? sum : sum == null ? penalty : ElementOps.add(tape, sum, penalty);
            }
            if (sum != null) {
                tape.backward(sum);
            }
        }
    }

    @Override
    public int settledAfter() {
        return optimizer.duties().stream().mapToInt(TrainingDuty::settledAfter).max().orElse(0);
    }

    @Override
    public void end(boolean early) {
        optimizer.duties().forEach(duty -> duty.end(early));
    }

    @Override
    public Map<String, OptimizerState> state() {
        return Map.of(OPTIMIZER, optimizer.state());
    }

    @Override
    public void restore(Map<String, OptimizerState> state) {
        OptimizerState own = state.get(OPTIMIZER);
        if (own == null) {
            throw new IllegalArgumentException(
                    "training: the state has no " + OPTIMIZER + ", it has " + state.keySet());
        }
        optimizer.restore(own);
    }
}
