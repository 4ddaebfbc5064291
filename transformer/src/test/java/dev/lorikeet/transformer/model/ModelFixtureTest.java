package dev.lorikeet.transformer.model;

import static dev.lorikeet.transformer.model.RecordedModel.assertClose;
import static dev.lorikeet.transformer.model.RecordedModel.distance;
import static dev.lorikeet.transformer.model.RecordedModel.packed;
import static dev.lorikeet.transformer.model.RecordedModel.packedRows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.CrossEntropy;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Hidden states, logits, losses and every gradient as transformers computes them, from recorded cases. */
class ModelFixtureTest {
    /** Of gradients that are zero but for rounding. */
    private static final double NOISE = 1e-5;
    private static final ModelTable TABLE = new ModelTable("outputs", "outputs", "gradients");

    @AfterAll
    static void thePageHasTheTable() throws IOException {
        TABLE.requireWritten();
    }

    private static void requireOutputs(RecordedModel recorded, String what, Tensor actual, Tensor expected) {
        TABLE.note(recorded, 0, assertClose(what, actual, expected,
                recorded.recorded().object("tolerance").number("outputs_absolute")));
    }

    @TestFactory
    Stream<DynamicTest> cases() throws IOException {
        return RecordedModel.tests(false, ModelFixtureTest::check);
    }

    private static void check(RecordedModel recorded) {
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace());
                TensorFile expected = Safetensors.open(recorded.expected())) {
            Module model = switch (recorded.recorded().string("kind")) {
                case "base" -> baseLoss(recorded, expected, tape);
                case "seq2seq" -> sequenceToSequenceLoss(recorded, expected, tape);
                default -> headLoss(recorded, expected, tape);
            };
            checkGradients(recorded, model, expected);
        }
    }

    private static Module headLoss(RecordedModel recorded, TensorFile expected, Tape tape) {
        TaskModel<?, ?, ?> model = recorded.load();
        model.unfreeze();
        Batch batch = batch(expected);
        Tensor mask = expected.read("attention_mask");
        List<Variable> states = model.backbone().hiddenStates(batch.pass(tape), batch);
        checkStates(recorded, states, expected, "", expected.read("attention_mask"));
        if (model.backbone().config() instanceof DebertaConfig config && config.relative() != null) {
            requireBuckets(config.relative(), expected.read("relative_buckets"));
        }
        Variable logits = model.head().logits(batch.pass(tape), states.getLast(), batch);
        Tensor expectedLogits = expected.read("logits");
        boolean perToken = expectedLogits.shape().rank() == 3;
        requireOutputs(recorded, "logits", logits.value(),
                perToken ? packedRows(expectedLogits, mask) : expectedLogits);
        if (expected.contains("logits.leftpad")) { // padding on the other side, which packing leaves out too
            requireOutputs(recorded, "logits", logits.value(), packedRows(expected.read("logits.leftpad"),
                    expected.read("leftpad.attention_mask")));
        }
        Tensor labels = expected.read("labels");
        List<Encoded> examples = switch (recorded.recorded().string("kind")) {
            case "regression" -> numbers(batch, labels);
            case "question" -> bounds(batch, labels);
            default -> Encoded.of(batch, perToken ? packed(labels, mask) : RecordedModel.ints(labels));
        };
        int[] rows = model.task().rows(examples);
        Variable loss = model.task().loss(tape, rows == null ? logits : ShapeOps.gather(tape, logits, rows), examples,
                examples.stream().mapToDouble(model.task()::count).sum());
        backward(recorded, loss, expected, tape);
        return model;
    }

    /** With the targets of a regression. */
    private static List<Encoded> numbers(Batch batch, Tensor targets) {
        int outputs = targets.size() / batch.sequences();
        List<Encoded> bare = Encoded.of(batch, new int[batch.sequences()]);
        return IntStream.range(0, bare.size()).mapToObj(i -> bare.get(i).numbers(Arrays.copyOfRange(targets.toArray(),
                i * outputs, (i + 1) * outputs))).toList();
    }

    /** With a begin and an end of each sequence. */
    private static List<Encoded> bounds(Batch batch, Tensor labels) {
        List<Encoded> bare = Encoded.of(batch, new int[batch.sequences()]);
        return IntStream.range(0, bare.size()).mapToObj(i -> bare.get(i).classes((int) labels.get(i, 0), (int) labels
                .get(i, 1))).toList();
    }

    private static Module baseLoss(RecordedModel recorded, TensorFile expected, Tape tape) {
        Backbone model = Model.load(recorded.directory(), "recorded", recorded.config(), LoadOptions.STANDARD)
                .backbone();
        model.unfreeze();
        Batch batch = batch(expected);
        List<Variable> states = model.hiddenStates(batch.pass(tape), batch);
        checkStates(recorded, states, expected, "", expected.read("attention_mask"));
        Variable pooled = SequenceOps.mean(tape, states.getLast(), batch.offsets());
        requireOutputs(recorded, "mean_pooled", pooled.value(), expected.read("mean_pooled"));
        backward(recorded, Losses.weightedSum(tape, pooled, expected.read("probe")), expected, tape);
        return model;
    }

    private static Module sequenceToSequenceLoss(RecordedModel recorded, TensorFile expected, Tape tape) {
        RecordedModel.EncoderAndDecoder model = recorded.loadEncoderAndDecoder();
        model.unfreeze();
        Batch source = batch(expected);
        if (model.backbone().config() instanceof T5Config config) {
            requireBuckets(config.buckets(true), expected.read("relative_buckets.encoder"));
            requireBuckets(config.buckets(false), expected.read("relative_buckets.decoder"));
        }
        checkStates(recorded, model.backbone().encoderStates(tape, source), expected, "encoder_",
                expected.read("attention_mask"));
        Tensor ids = expected.read("decoder_input_ids");
        Tensor whole = Tensor.zeros(ids.shape());
        whole.fill(1f); // no padding: the decoder's mask is causal alone, and labels say what counts
        Batch batch = RecordedModel.batch(ids, whole, Tensor.zeros(ids.shape())).withSource(source);
        List<Variable> states = model.backbone().hiddenStates(batch.pass(tape), batch);
        checkStates(recorded, states, expected, "decoder_", whole);
        Variable logits = model.head().logits(batch.pass(tape), states.getLast(), batch);
        requireOutputs(recorded, "logits", logits.value(), packedRows(expected.read("logits"), whole));
        int[] labels = RecordedModel.ints(expected.read("labels"));
        backward(recorded, Losses.crossEntropy(tape, logits, labels, 0f, CrossEntropy.counted(labels)), expected,
                tape);
        return model;
    }

    /** @param recorded of query and key */
    private static void requireBuckets(DebertaConfig.Relative relative, Tensor recorded) {
        for (int query = 0; query < recorded.dim(0); query++) {
            for (int key = 0; key < recorded.dim(1); key++) {
                assertThat(relative.bucket(query - key)).as("bucket of %d", query - key).isEqualTo(
                        Math.clamp((int) recorded.get(query, key) + relative.span(), 0, 2 * relative.span() - 1));
            }
        }
    }

    /** @param recorded of the distances of a key from a query, -40 … 40 */
    private static void requireBuckets(int[] buckets, Tensor recorded) {
        int far = buckets.length / 2;
        for (int i = 0; i < recorded.size(); i++) {
            int distance = 40 - i;
            assertThat(buckets[Math.clamp(distance, -far, far) + far]).as("bucket of %d", distance)
                    .isEqualTo((int) recorded.get(i));
        }
    }

    private static void checkStates(RecordedModel recorded, List<Variable> states, TensorFile expected, String of,
            Tensor mask) {
        assertThat(expected.contains(of + "hidden_states." + (states.size() - 1))).isTrue();
        assertThat(expected.contains(of + "hidden_states." + states.size())).isFalse();
        for (int i = 0; i < states.size(); i++) {
            String name = of + "hidden_states." + i;
            requireOutputs(recorded, name, states.get(i).value(), packedRows(expected.read(name), mask));
        }
    }

    private static void backward(RecordedModel recorded, Variable loss, TensorFile expected, Tape tape) {
        assertThat((double) loss.item()).as("loss").isCloseTo(expected.read("loss").get(0),
                within(recorded.recorded().object("tolerance").number("loss_absolute")));
        tape.backward(loss);
    }

    /** All of them, except those of cases in narrower types, which have none. */
    private static void checkGradients(RecordedModel recorded, Module model, TensorFile expected) {
        List<String> names = expected.names().stream().filter(name -> name.startsWith("grad."))
                .map(name -> name.substring("grad.".length())).toList();
        if (names.isEmpty()) {
            return;
        }
        double error = recorded.recorded().object("tolerance").number("gradient_relative_to_tensor_maximum");
        Map<String, Parameter> parameters = model.namedParameters();
        parameters.values().removeIf(parameter -> !parameter.requiresGradient());
        assertThat(names).containsExactlyInAnyOrderElementsOf(parameters.keySet());
        for (String name : names) {
            Tensor reference = expected.read("grad." + name);
            boolean unread = name.equals(unread(model));
            assertThat(parameters.get(name).gradient() == null).as("%s has no gradient", name).isEqualTo(unread);
            Tensor gradient = unread ? Tensor.zeros(reference.shape().dims()) : parameters.get(name).gradientOrThrow();
            assertThat(gradient.shape()).as(name).isEqualTo(reference.shape());
            IntPredicate noise = recorded.named("noise_gradients", name, reference);
            double largest = distance(reference, Tensor.zeros(reference.shape().dims()), i -> true);
            assertThat(distance(gradient, reference, noise)).as(name).isLessThanOrEqualTo(NOISE);
            double difference = distance(gradient, reference, noise.negate());
            assertThat(difference).as(name).isLessThanOrEqualTo(error * largest);
            TABLE.note(recorded, 1, largest == 0 ? 0 : difference / largest);
        }
    }

    /** What stands in files and nothing reads, if there is one: the bias beside a decoder that has its own. */
    private static String unread(Module model) {
        List<String> decoders = model.namedParameters().keySet().stream().filter(name -> name.endsWith(".decoder.bias"))
                .toList();
        return decoders.isEmpty() ? "" : decoders.getFirst().replace(".decoder.bias", ".bias");
    }

    private static Batch batch(TensorFile expected) {
        Tensor ids = expected.read("input_ids");
        return RecordedModel.batch(ids, expected.read("attention_mask"), expected.contains("token_type_ids")
                ? expected.read("token_type_ids")
                : Tensor.zeros(ids.shape()));
    }
}
