package dev.lorikeet.bench.roofline;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.optim.Optimizer;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.bench.peers.Batches;
import dev.lorikeet.bench.peers.Work;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.training.EncodedDataset;
import java.util.List;

/** What is taken apart. */
interface Pass {
    /** Runs once, and tells {@code recorder} of it. */
    void run(Compute compute, Workspace workspace, Recorder recorder);

    /** MiniLM's forward pass, or a step of training with adapters of rank 8 on all its layers. */
    static Pass of(Work.Encoder work) {
        Batches batches = Batches.of(work);
        return work.pass() == Work.Pass.FORWARD ? forward(batches) : new Training(batches);
    }

    private static Pass forward(Batches batches) {
        List<Batch> all = batches.batches().stream().map(labelled -> Batch.of(labelled.sequences())).toList();
        return (compute, workspace, recorder) -> {
            recorder.begin();
            for (Batch batch : all) {
                try (Tape tape = Tape.inference(compute, workspace).observe(recorder)) {
                    batches.model().backbone().forward(tape, batch);
                }
            }
            recorder.mark("end");
        };
    }

    /** Forward, backward and AdamW. */
    final class Training implements Pass {
        private final EncodedDataset data;
        private final List<int[]> parts;
        private final Optimizer optimizer;

        Training(Batches batches) {
            optimizer = new Optimizer(Rule.adamW(), batches.trained());
            data = batches.examples();
            parts = batches.parts();
        }

        @Override
        public void run(Compute compute, Workspace workspace, Recorder recorder) {
            recorder.begin();
            for (int[] part : parts) {
                try (Tape tape = Tape.training(compute, workspace).observe(recorder)) {
                    Variable loss = data.loss(tape, part, part.length);
                    tape.backward(loss);
                }
                recorder.mark("end of the tape");
                optimizer.step(1);
                recorder.mark("AdamW");
            }
        }
    }
}
