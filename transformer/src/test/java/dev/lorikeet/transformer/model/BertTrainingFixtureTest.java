package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.optim.Clipping;
import dev.lorikeet.autograd.optim.Optimizer;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.autograd.optim.Schedule;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.JsonObject;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.Weights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Full fine-tuning, step by step beside that of transformers and PyTorch on the same batches. */
class BertTrainingFixtureTest {
    private static final Path RECORDED = BertFixtureTest.MODELS.resolve("training_bert_sequence");

    @Test
    void everyStepIsPyTorchs() {
        assumeTrue(Files.isDirectory(RECORDED), "SKIPPED: there is no directory " + RECORDED);
        JsonObject recorded = JsonObject.read(RECORDED.resolve("case.json"));
        JsonObject tolerance = recorded.object("tolerance");
        JsonObject settings = recorded.object("optimizer");
        JsonObject linear = recorded.object("schedule");
        BertForSequenceClassification model = BertForSequenceClassification.load(RECORDED);
        model.unfreeze();
        Map<String, Parameter> parameters = model.namedParameters();
        List<ParameterGroup> groups = List.of(new ParameterGroup(parameters, settings.number("lr"),
                settings.number("weight_decay")));
        Optimizer optimizer = new Optimizer(Rule.adamW(), groups);
        Clipping clipping = new Clipping(groups);
        Schedule schedule = Schedule.linear(linear.integer("warmup_steps"), linear.integer("total_steps"));
        try (Weights expected = Safetensors.open(RECORDED.resolve("expected.safetensors"))) {
            for (int step = 0; step < linear.integer("total_steps"); step++) {
                double loss = backward(model, expected, step);
                assertThat(loss).as("loss of step %d", step).isCloseTo(expected.read("losses").get(step),
                        Offset.offset(tolerance.number("losses_absolute")));
                double norm = clipping.byNorm(recorded.number("clip_gradient_norm"));
                double expectedNorm = expected.read("gradient_norms").get(step);
                assertThat(norm).as("norm of step %d", step).isCloseTo(expectedNorm,
                        Offset.offset(tolerance.number("gradient_norms_relative") * expectedNorm));
                optimizer.step(schedule.factor(step));
            }
            Set<String> noise = recorded.object("do_not_compare").fields().keySet();
            parameters.forEach((name, parameter) -> {
                if (!noise.contains(name)) {
                    BertFixtureTest.assertClose(parameter.value(), expected.read("final." + name),
                            tolerance.number("final_absolute"));
                }
            });
        }
    }

    private static double backward(BertForSequenceClassification model, Weights expected, int step) {
        try (Tape tape = Tape.training(Compute.shared(), new Workspace())) {
            Variable logits = model.forward(tape, BertFixtureTest.batch(of(step, expected, "input_ids"),
                    of(step, expected, "attention_mask"), of(step, expected, "token_type_ids")));
            Variable loss = Losses.crossEntropy(tape, logits, BertFixtureTest.ints(of(step, expected, "labels")));
            tape.backward(loss);
            return loss.item();
        }
    }

    private static Tensor of(int step, Weights expected, String name) {
        Tensor all = expected.read("batches." + name);
        Tensor one = all.rows(step, step + 1);
        return all.shape().rank() == 2 ? one.reshape(all.dim(1)) : one.reshape(all.dim(1), all.dim(2));
    }
}
