package dev.lorikeet.bench.peers;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.optim.Optimizer;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.model.Batch;
import java.util.List;

/** Our encoder: what a classifier and its trainer do with a batch, without padding. */
final class LorikeetEncoder {
    private LorikeetEncoder() {}

    static Task prepare(Compute compute, Work.Encoder work) {
        Batches batches = Batches.of(work);
        return work.pass() == Work.Pass.FORWARD ? new Forward(compute, batches) : new Step(compute, batches);
    }

    /** The last hidden states. */
    private static final class Forward implements Task {
        private final Compute compute;
        private final Batches batches;
        private final Workspace workspace = new Workspace();
        private final double digest;

        Forward(Compute compute, Batches batches) {
            this.compute = compute;
            this.batches = batches;
            digest = digest(first());
        }

        private static double digest(Tensor hidden) {
            return Digest.of(hidden.data(), hidden.offset(), hidden.size());
        }

        private Tensor first() {
            try (Tape tape = Tape.inference(compute, workspace)) {
                Batch batch = Batch.of(batches.batches().getFirst().sequences());
                return batches.classifier().model().encoder().forward(tape, batch).value().copy();
            }
        }

        @Override
        public void run() {
            for (Batches.Labelled labelled : batches.batches()) {
                try (Tape tape = Tape.inference(compute, workspace)) {
                    Batch batch = Batch.of(labelled.sequences());
                    batches.classifier().model().encoder().forward(tape, batch);
                }
            }
        }

        @Override
        public double digest() {
            return digest;
        }
    }

    /** A step of training; its digest is the loss of the first. */
    private static final class Step implements Task {
        private final Compute compute;
        private final Batches batches;
        private final Optimizer optimizer;
        private final Workspace workspace = new Workspace();
        private final double digest;

        Step(Compute compute, Batches batches) {
            this.compute = compute;
            this.batches = batches;
            batches.classifier().head().unfreeze();
            optimizer = new Optimizer(Rule.adamW(), List.of(group("", batches.classifier().model().encoder()),
                    group("head.", batches.classifier().head())));
            digest = step(batches.batches().getFirst());
        }

        private static ParameterGroup group(String prefix, Module module) {
            return new ParameterGroup(ParameterGroup.trained(prefix, module), Batches.RATE, Batches.DECAY);
        }

        private double step(Batches.Labelled labelled) {
            float value;
            try (Tape tape = Tape.training(compute, workspace)) {
                Variable loss = Losses.crossEntropy(tape,
                        batches.classifier().logits(tape, Batch.of(labelled.sequences())), labelled.labels());
                value = loss.item();
                tape.backward(loss);
            }
            optimizer.step(1);
            return value;
        }

        @Override
        public void run() {
            batches.batches().forEach(this::step);
        }

        @Override
        public double digest() {
            return digest;
        }
    }
}
