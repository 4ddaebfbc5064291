package dev.lorikeet.bench.roofline;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.optim.Optimizer;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.bench.peers.Batches;
import dev.lorikeet.bench.peers.Work;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.training.EncodedDataset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

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
        private final List<int[]> parts = new ArrayList<>();
        private final Optimizer optimizer;

        Training(Batches batches) {
            batches.model().head().unfreeze();
            optimizer = new Optimizer(Rule.adamW(), List.of(group(batches.model().backbone()), group(batches.model()
                    .head())));
            List<Encoded> examples = new ArrayList<>();
            for (Batches.Labelled labelled : batches.batches()) {
                int first = examples.size();
                for (int i = 0; i < labelled.labels().length; i++) {
                    examples.add(Encoded.of(labelled.sequences().get(i), 0).classes(labelled.labels()[i]));
                }
                parts.add(IntStream.range(first, examples.size()).toArray());
            }
            data = new EncodedDataset(batches.model(), examples);
        }

        private static ParameterGroup group(Module module) {
            return new ParameterGroup(ParameterGroup.trained("", module), Batches.RATE, Batches.DECAY);
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
