package dev.lorikeet.transformer.model;

import static dev.lorikeet.transformer.model.RecordedModel.distance;
import static dev.lorikeet.transformer.model.RecordedModel.ints;
import static dev.lorikeet.transformer.model.RecordedModel.packed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.nn.Buffer;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.optim.Clipping;
import dev.lorikeet.autograd.optim.Optimizer;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.autograd.optim.Schedule;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.training.EncodedDataset;
import dev.lorikeet.transformer.training.LocalGradients;
import dev.lorikeet.transformer.training.MicroBatch;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Full fine-tuning, step by step beside that of transformers and PyTorch on the same batches. */
class TrainingFixtureTest {
    /**
     * A batch, or a part of one.
     *
     * @param examples with their labels
     */
    private record Part(List<Encoded> examples) {}

    private static final ModelTable TABLE = new ModelTable("training", "losses", "weights at the end");

    @AfterAll
    static void thePageHasTheTable() throws IOException {
        TABLE.requireWritten();
    }

    @TestFactory
    Stream<DynamicTest> cases() throws IOException {
        return RecordedModel.tests(true, TrainingFixtureTest::everyStepIsPyTorchs);
    }

    private static void everyStepIsPyTorchs(RecordedModel recorded) {
        JsonObject settings = recorded.recorded().object("optimizer");
        assertThat(settings.fields()).containsEntry("name", "torch.optim.AdamW");
        JsonObject linear = recorded.recorded().object("schedule");
        assertThat(linear.fields()).containsEntry("name", "linear");
        TaskModel<?, ?, ?> model = recorded.load();
        model.unfreeze();
        double rate = settings.number("lr");
        List<ParameterGroup> groups = List.of(
                new ParameterGroup(model.namedParameters(), rate, settings.number("weight_decay")));
        Optimizer optimizer = new Optimizer(new Rule.AdamW(beta(settings, 0), beta(settings, 1),
                settings.number("eps"), false), groups);
        Clipping clipping = new Clipping(groups);
        int steps = linear.integer("total_steps");
        Schedule schedule = Schedule.linear(linear.integer("warmup_steps"), steps);
        JsonObject tolerance = recorded.recorded().object("tolerance");
        try (TensorFile expected = Safetensors.open(recorded.expected())) {
            assertThat(expected.read("losses").size()).isEqualTo(steps);
            for (int step = 0; step < steps; step++) {
                double loss = backward(model, parts(model, expected, step));
                double reference = expected.read("losses").get(step);
                assertThat(loss).as("loss of step %d", step).isCloseTo(reference,
                        within(tolerance.number("losses_absolute")));
                TABLE.note(recorded, 0, Math.abs(loss - reference));
                double norm = expected.read("gradient_norms").get(step);
                assertThat(clipping.byNorm(recorded.recorded().number("clip_gradient_norm")))
                        .as("norm of step %d", step)
                        .isCloseTo(norm, within(tolerance.number("gradient_norms_relative") * norm));
                assertThat((float) (rate * schedule.factor(step))).as("rate of step %d", step)
                        .isEqualTo(expected.read("learning_rates").get(step));
                optimizer.step(schedule.factor(step));
            }
            Map<String, Parameter> learned = new TreeMap<>(model.namedParameters());
            learned.values().removeIf(Buffer.class::isInstance);
            checkWeights(recorded, learned, expected, tolerance.number("final_absolute"));
        }
    }

    private static double beta(JsonObject settings, int i) {
        return ((Number) settings.list("betas").get(i)).doubleValue();
    }

    private static void checkWeights(RecordedModel recorded, Map<String, Parameter> parameters, TensorFile expected,
            double error) {
        assertThat(expected.names().stream().filter(name -> name.startsWith("final.")))
                .containsExactlyInAnyOrderElementsOf(
                        parameters.keySet().stream().map(name -> "final." + name).toList());
        parameters.forEach((name, parameter) -> {
            Tensor reference = expected.read("final." + name);
            assertThat(parameter.value().shape()).isEqualTo(reference.shape());
            double difference = distance(parameter.value(), reference,
                    recorded.named("do_not_compare", name, reference).negate());
            assertThat(difference).as(name).isLessThanOrEqualTo(error);
            TABLE.note(recorded, 1, difference);
        });
    }

    /** The loss over all parts as over one batch, by the trainer's own gradients. */
    private static double backward(TaskModel<?, ?, ?> model, List<Part> parts) {
        List<Encoded> all = parts.stream().flatMap(part -> part.examples.stream()).toList();
        List<MicroBatch> update = new ArrayList<>();
        int first = 0;
        for (Part part : parts) {
            int end = first + part.examples.size();
            update.add(new MicroBatch(IntStream.range(first, end).toArray(), 0));
            first = end;
        }
        return new LocalGradients(Cpu.shared(), new Workspace()).of(new EncodedDataset(model, all), update, null)
                .loss();
    }

    private static List<Part> parts(TaskModel<?, ?, ?> model, TensorFile expected, int step) {
        List<Part> parts = new ArrayList<>();
        if (expected.contains("batches.input_ids")) {
            parts.add(part(model, expected, "batches.", step));
        }
        for (int i = 0; expected.contains("micro." + i + ".input_ids"); i++) {
            parts.add(part(model, expected, "micro." + i + ".", step));
        }
        assertThat(parts).isNotEmpty();
        return parts;
    }

    private static Part part(TaskModel<?, ?, ?> model, TensorFile expected, String place, int step) {
        Tensor ids = of(expected, place + "input_ids", step);
        Tensor mask = of(expected, place + "attention_mask", step);
        Batch batch = RecordedModel.batch(ids, mask, expected.contains(place + "token_type_ids")
                ? of(expected, place + "token_type_ids", step)
                : Tensor.zeros(ids.shape()));
        Tensor labels = of(expected, place + "labels", step);
        if (model.backbone() instanceof EncoderDecoder) {
            return new Part(pairs(model.model(), batch, labels));
        }
        return new Part(Encoded.of(batch, model.head() instanceof CausalHead ? packed(labels, mask) : ints(labels)));
    }

    /** What the encoder reads with what the decoder does, the labels one later; labels end with a token that counts. */
    private static List<Encoded> pairs(Model model, Batch batch, Tensor labels) {
        JsonObject config = model.generationConfig();
        return IntStream.range(0, batch.sequences()).mapToObj(s -> {
            int[] all = ints(labels.rows(s, s + 1));
            int length = IntStream.rangeClosed(1, all.length).filter(n -> all[n - 1] >= 0).max().orElseThrow();
            int[] read = IntStream.range(0, length).map(i -> i == 0 ? config.integer("decoder_start_token_id")
                    : all[i - 1] < 0 ? config.integer("pad_token_id") : all[i - 1]).toArray();
            return Encoded.of(List.of(Encoded.of(Arrays.copyOfRange(batch.ids(), batch.offsets()[s],
                    batch.offsets()[s + 1]), 0), Encoded.of(read, 0))).classes(Arrays.copyOf(all, length));
        }).toList();
    }

    private static Tensor of(TensorFile expected, String name, int step) {
        Tensor all = expected.read(name);
        Tensor one = all.rows(step, step + 1);
        return all.shape().rank() == 2 ? one.reshape(all.dim(1)) : one.reshape(all.dim(1), all.dim(2));
    }
}
