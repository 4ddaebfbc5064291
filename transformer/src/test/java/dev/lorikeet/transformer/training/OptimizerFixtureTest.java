package dev.lorikeet.transformer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.optim.AdamW;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Schedule;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.OptimizerSteps;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.JsonObject;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.Weights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Thirty steps of PyTorch's optimizers on prescribed gradients, and Hugging Face's schedules. */
class OptimizerFixtureTest {
    private static final Path RECORDED = Path.of(System.getProperty("lorikeet.fixtures"), "models", "optimizers");

    @BeforeEach
    void requireFixtures() {
        assumeTrue(Files.isDirectory(RECORDED), "SKIPPED: there is no directory " + RECORDED);
    }

    /** One update of a parameter. */
    private interface Optimizer {
        void step(int step, Tensor gradient);
    }

    /** Makes what updates {@code parameter}. */
    private interface Factory {
        Optimizer of(Parameter parameter, JsonObject arguments);
    }

    @Test
    void adamWWithOtherCoefficients() {
        check("adamw", (parameter, arguments) -> {
            Tensor first = Tensor.zeros(parameter.value().shape());
            Tensor second = Tensor.zeros(parameter.value().shape());
            List<?> betas = arguments.list("betas");
            return (step, gradient) -> OptimizerSteps.adamW(new OptimizerSteps.AdamW(arguments.number("lr"),
                    (Double) betas.get(0), (Double) betas.get(1), arguments.number("eps"),
                    arguments.number("weight_decay"), step), parameter.value(), gradient, first, second);
        });
    }

    /** PyTorch's Adam has a decay that is part of the gradient; otherwise it is AdamW without decay. */
    @Test
    void adamWithItsDecayInTheGradient() {
        check("adam", (parameter, arguments) -> {
            parameter.unfreeze();
            AdamW optimizer = new AdamW(List.of(new ParameterGroup(List.of(parameter), arguments.number("lr"), 0)));
            return (step, gradient) -> {
                Tensor sum = gradient.copy();
                Elementwise.addScaled(parameter.value(), (float) arguments.number("weight_decay"), sum);
                try (Tape tape = Tape.training(Compute.shared(), new Workspace())) {
                    tape.backward(Losses.weightedSum(tape, parameter, sum));
                }
                optimizer.step(1);
            };
        });
    }

    private static void check(String name, Factory factory) {
        JsonObject recorded = JsonObject.read(RECORDED.resolve("case.json"));
        double tolerance = recorded.object("tolerance").number("parameters_absolute");
        try (Weights tensors = Safetensors.open(RECORDED.resolve("optim.safetensors"))) {
            for (int i = 0; i < recorded.list("shapes").size(); i++) {
                Parameter parameter = new Parameter(tensors.read("initial." + i));
                Optimizer optimizer = factory.of(parameter, recorded.object("optimizers").object(name));
                Tensor gradients = tensors.read("gradients." + i);
                Tensor expected = tensors.read(name + "." + i);
                for (int step = 1; step <= recorded.integer("steps"); step++) {
                    optimizer.step(step, row(gradients, step));
                    assertThat(parameter.value().toArray()).as("%s, parameter %d after step %d", name, i, step)
                            .containsExactly(row(expected, step).toArray(), Offset.offset((float) tolerance));
                }
            }
        }
    }

    /** What belongs to {@code step}, from 1. */
    private static Tensor row(Tensor steps, int step) {
        int[] dims = steps.shape().dims();
        return steps.rows(step - 1, step).reshape(Arrays.copyOfRange(dims, 1, dims.length));
    }

    @Test
    void schedules() {
        JsonObject recorded = JsonObject.read(RECORDED.resolve("schedules.json"));
        JsonObject linear = recorded.object("linear");
        check(linear, Schedule.linear(linear.integer("warmup_steps"), linear.integer("total_steps")));
        check(recorded.object("constant"), Schedule.constant());
    }

    private static void check(JsonObject recorded, Schedule schedule) {
        List<?> rates = recorded.list("learning_rates");
        assertThat(rates).hasSize(101);
        for (int step = 0; step < rates.size(); step++) {
            assertThat(recorded.number("lr") * schedule.factor(step)).as("step %d", step)
                    .isCloseTo(((Number) rates.get(step)).doubleValue(), Offset.offset(1e-12));
        }
    }
}
