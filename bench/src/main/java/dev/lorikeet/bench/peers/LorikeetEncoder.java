package dev.lorikeet.bench.peers;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.training.EncodedDataset;
import dev.lorikeet.transformer.training.Gradients;
import dev.lorikeet.transformer.training.LocalGradients;
import dev.lorikeet.transformer.training.MicroBatch;
import dev.lorikeet.transformer.training.PlainUpdate;
import dev.lorikeet.transformer.training.Update;
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
                return batches.model().backbone().forward(tape, batch).value().copy();
            }
        }

        @Override
        public void run() {
            for (Batches.Labelled labelled : batches.batches()) {
                try (Tape tape = Tape.inference(compute, workspace)) {
                    Batch batch = Batch.of(labelled.sequences());
                    batches.model().backbone().forward(tape, batch);
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
        private final EncodedDataset data;
        private final List<MicroBatch> parts;
        private final Update update;
        private final Gradients gradients;
        private final double digest;

        Step(Compute compute, Batches batches) {
            Workspace workspace = new Workspace();
            gradients = new LocalGradients(compute, workspace);
            update = new PlainUpdate(Rule.adamW(), batches.trained(), 0, compute, workspace);
            data = batches.examples();
            parts = batches.parts().stream().map(part -> new MicroBatch(part, 0)).toList();
            digest = step(parts.getFirst());
        }

        private double step(MicroBatch part) {
            return update.run(gradients, data, List.of(part), 1, 1).loss();
        }

        @Override
        public void run() {
            parts.forEach(this::step);
        }

        @Override
        public double digest() {
            return digest;
        }
    }
}
