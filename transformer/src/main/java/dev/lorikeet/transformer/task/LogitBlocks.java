package dev.lorikeet.transformer.task;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.Rows;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.model.Batch;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;

/**
 * The logits of a language model, a block of rows at a time: those of a whole batch would be larger than all else,
 * where a vocabulary is large (Wijmans et al. 2024, "Cut Your Losses in Large-Vocabulary Language Models"). In training
 * a block is made twice, since nothing of it is kept for the way back.
 */
final class LogitBlocks {
    /** Logits that are there at once: 64 MB, and as much again for their gradient. */
    static final int MOST = 1 << 24;

    private final TaskModel<?, ?, ?> model;
    private final Tape tape;
    private final Pass pass;
    private final Variable features;
    private final int[] targets;
    private final int block;

    /** @param most logits that are there at once */
    LogitBlocks(TaskModel<?, ?, ?> model, LanguageTask<?, ?> task, Tape tape, List<Encoded> examples, int most) {
        Batch batch = model.batch(examples);
        int[] rows = task.rows(examples);
        this.model = model;
        this.tape = tape;
        this.pass = batch.pass(tape);
        Variable all = model.features(pass, batch);
        this.features = rows == null ? all : ShapeOps.gather(tape, all, rows);
        this.targets = examples.stream().flatMapToInt(example -> Arrays.stream(task.targets(example))).toArray();
        this.block = Math.max(1, most / model.backbone().config().vocabularySize());
    }

    private Variable logits(Tape on, Variable part) {
        int rows = part.shape().rows();
        Pass own = rows == pass.rows().count() ? pass.on(on) : new Pass(on, Rows.tokens(0, rows));
        return model.head().scores(own, part);
    }

    /** As {@link LanguageTask#loss}. */
    Variable loss(double over, TargetWeights weights) {
        if (targets.length <= block) {
            return loss(tape, features, targets, over, weights);
        }
        Variable sum = null;
        for (int from = 0; from < targets.length; from += block) {
            int to = Math.min(targets.length, from + block);
            int[] own = Arrays.copyOfRange(targets, from, to);
            Variable part = tape.checkpoint(ShapeOps.slice(tape, features, 0, from, to),
                    (on, rows) -> loss(on, rows, own, over, weights));
            sum = sum == null ? part : ElementOps.add(tape, sum, part);
        }
        return Objects.requireNonNull(sum);
    }

    private Variable loss(Tape on, Variable part, int[] own, double over, TargetWeights weights) {
        return Losses.crossEntropy(on, logits(on, part), own, weights.array(), weights.labelSmoothing(), over);
    }

    /** Hands over the logits with their targets, block by block, on a tape for inference. */
    void forEach(BiConsumer<Tensor, int[]> action) {
        for (int from = 0; from < targets.length; from += block) {
            int to = Math.min(targets.length, from + block);
            Variable logits = logits(tape, from == 0 && to == targets.length ? features
                    : ShapeOps.slice(tape, features, 0, from, to));
            action.accept(logits.value(), Arrays.copyOfRange(targets, from, to));
            tape.release(logits);
        }
    }
}
