package dev.lorikeet.transformer.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.optim.Optimizer;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.autograd.optim.Schedule;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Thirty steps of PyTorch's and transformers' optimizers on prescribed gradients, and transformers' schedules. */
class OptimizerFixtureTest {
    private static final Path RECORDED = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "models",
            "optimizers");

    @TestFactory
    Stream<DynamicTest> optimizers() {
        JsonObject recorded = JsonObject.read(RECORDED.resolve("case.json"));
        return recorded.object("optimizers").fields().keySet().stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> check(recorded, name)));
    }

    private static void check(JsonObject recorded, String name) {
        double tolerance = recorded.object("tolerance").number("parameters_absolute");
        JsonObject arguments = recorded.object("optimizers").object(name);
        double rate = arguments.number("lr", 1); // transformers' Adafactor has none where it finds its own
        try (TensorFile tensors = Safetensors.open(RECORDED.resolve("optim.safetensors"));
                TensorFile wide = Safetensors.open(RECORDED.resolve("exact.safetensors"))) {
            for (int i = 0; i < recorded.list("shapes").size(); i++) {
                Parameter parameter = new Parameter(tensors.read("initial." + i));
                parameter.unfreeze();
                Optimizer optimizer = new Optimizer(rule(arguments), List.of(new ParameterGroup(Map.of("w", parameter),
                        rate, arguments.number("weight_decay", 0))));
                Tensor gradients = tensors.read("gradients." + i);
                Tensor expected = tensors.read(name + "." + i);
                Tensor exact = wide.read(name + "." + i);
                for (int step = 1; step <= recorded.integer("steps"); step++) {
                    try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
                        tape.backward(Losses.weightedSum(tape, parameter, row(gradients, step)));
                    }
                    optimizer.step(1);
                    requireClose(parameter.value().toArray(), row(expected, step).toArray(), row(exact, step).toArray(),
                            tolerance, name + ", parameter " + i + " after step " + step);
                }
            }
        }
    }

    /**
     * PyTorch rounds some updates more often than we do, and may be further from what they are in twice the digits than
     * the tolerance. Where we differ from it by more, we must be within the tolerance of those.
     */
    private static void requireClose(float[] ours, float[] expected, float[] exact, double tolerance, String where) {
        assertThat(ours).hasSameSizeAs(expected).hasSameSizeAs(exact);
        for (int i = 0; i < ours.length; i++) {
            assertThat((double) Math.min(Math.abs(ours[i] - expected[i]), Math.abs(ours[i] - exact[i])))
                    .as("%s, element %d", where, i).isLessThanOrEqualTo(tolerance);
        }
    }

    private static Rule rule(JsonObject a) {
        String type = a.string("class");
        return switch (type.substring(type.lastIndexOf('.') + 1)) {
            case "SGD" -> new Rule.Sgd(a.number("momentum", 0), a.flag("nesterov", false));
            case "Adam" -> new Rule.Adam(pair(a, "betas", 0), pair(a, "betas", 1), a.number("eps"));
            case "AdamW" -> new Rule.AdamW(pair(a, "betas", 0), pair(a, "betas", 1), a.number("eps"),
                    a.flag("amsgrad", false));
            case "Lion" -> new Rule.Lion(pair(a, "betas", 0), pair(a, "betas", 1));
            case "Adafactor" -> type.startsWith("torch.")
                    ? new Rule.TorchAdafactor(Rule.TorchAdafactor.FLOAT_EPS, pair(a, "eps", 1), a.number("d"),
                            a.number("beta2_decay"))
                    : new Rule.Adafactor(pair(a, "eps", 0), pair(a, "eps", 1), a.number("clip_threshold"),
                            a.number("decay_rate"), 0, a.flag("scale_parameter", true), a.flag("relative_step", true),
                            a.flag("warmup_init", false));
            default -> throw new AssertionError("there is no rule for " + type);
        };
    }

    private static double pair(JsonObject arguments, String name, int index) {
        return ((Number) arguments.list(name).get(index)).doubleValue();
    }

    /** What belongs to {@code step}, from 1. */
    private static Tensor row(Tensor steps, int step) {
        int[] dims = steps.shape().dims();
        return steps.rows(step - 1, step).reshape(Arrays.copyOfRange(dims, 1, dims.length));
    }

    @TestFactory
    Stream<DynamicTest> schedules() {
        JsonObject recorded = JsonObject.read(RECORDED.resolve("schedules.json"));
        return recorded.fields().keySet().stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> check(recorded.object(name), schedule(recorded.object(
                        name)))));
    }

    private static Schedule schedule(JsonObject s) {
        int warmup = s.integer("warmup_steps");
        int total = s.integer("total_steps");
        return switch (s.string("name")) {
            case "constant" -> Schedule.constant();
            case "constant_with_warmup" -> Schedule.constantWithWarmup(warmup);
            case "linear" -> Schedule.linear(warmup, total);
            case "cosine" -> Schedule.cosine(warmup, total);
            case "cosine_with_restarts" -> Schedule.cosineWithRestarts(warmup, total, s.integer("num_cycles"));
            case "polynomial" -> Schedule.polynomial(warmup, total, s.number("power"), s.number("lr_end")
                    / s.number("lr"));
            case "inverse_sqrt" -> Schedule.inverseSquareRoot(warmup);
            default -> throw new AssertionError("there is no schedule " + s.string("name"));
        };
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
