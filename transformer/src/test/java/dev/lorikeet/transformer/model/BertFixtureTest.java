package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Logits, losses and every gradient of BERT as transformers computes them, from recorded cases. */
class BertFixtureTest {
    static final Path MODELS = Path.of(System.getProperty("lorikeet.fixtures"), "models");
    private static final double OUTPUT_ERROR = 5e-5;
    private static final double GRADIENT_ERROR = 5e-5;

    @TestFactory
    Stream<DynamicTest> cases() throws IOException {
        if (!Files.isDirectory(MODELS)) {
            return Stream.of(DynamicTest.dynamicTest("no fixtures", () -> abort("there is no directory " + MODELS)));
        }
        List<Path> cases;
        try (Stream<Path> entries = Files.list(MODELS)) {
            cases = entries.filter(Files::isDirectory).sorted().toList();
        }
        return cases.stream().map(dir -> DynamicTest.dynamicTest(dir.getFileName().toString(), () -> check(dir)));
    }

    private static void check(Path dir) {
        String name = dir.getFileName().toString();
        try (Tape tape = Tape.training(Compute.shared(), new Workspace())) {
            if (name.startsWith("bert_sequence")) {
                checkConfigs(dir);
                sequence(dir, tape);
            } else if (name.equals("bert_base")) {
                checkConfigs(dir);
                base(dir, tape);
            } else {
                abort("later: " + name);
            }
        }
    }

    /** Files of transformers 4 and 5 say the same. */
    private static void checkConfigs(Path dir) {
        assertThat(BertConfig.read(dir.resolve("config.v4.json")))
                .isEqualTo(BertConfig.read(dir.resolve("config.json")));
    }

    private static void sequence(Path dir, Tape tape) {
        BertForSequenceClassification model = BertForSequenceClassification.load(dir);
        model.unfreeze();
        try (Weights expected = Safetensors.open(dir.resolve("expected.safetensors"))) {
            Variable logits = model.forward(tape, batch(expected));
            assertClose(logits.value(), expected.read("logits"), OUTPUT_ERROR);
            Variable loss = Losses.crossEntropy(tape, logits, ints(expected.read("labels")));
            assertThat((double) loss.item()).isCloseTo(expected.read("loss").get(0), within(1e-5));
            tape.backward(loss);
            checkGradients(model, expected);
        }
    }

    private static void base(Path dir, Tape tape) {
        try (Weights weights = Safetensors.openDirectory(dir);
                Weights expected = Safetensors.open(dir.resolve("expected.safetensors"))) {
            BertModel model = BertModel.load(BertConfig.read(dir.resolve("config.json")), weights);
            model.unfreeze();
            Batch batch = batch(expected);
            Variable pooled = SequenceOps.mean(tape, model.forward(tape, batch), batch.offsets());
            assertClose(pooled.value(), expected.read("mean_pooled"), OUTPUT_ERROR);
            tape.backward(Losses.weightedSum(tape, pooled, expected.read("probe")));
            checkGradients(model, expected);
        }
    }

    /** Every recorded gradient, except those of cases in narrower types, which have none. */
    private static void checkGradients(Module model, Weights expected) {
        Map<String, ? extends Variable> parameters = model.namedParameters();
        List<String> recorded = expected.names().stream().filter(name -> name.startsWith("grad.")).toList();
        for (String name : recorded) {
            Tensor reference = expected.read(name);
            Tensor gradient = parameters.get(name.substring("grad.".length())).gradientOrThrow();
            float largest = 0;
            for (float value : reference.toArray()) {
                largest = Math.max(largest, Math.abs(value));
            }
            // The gradient of a key's bias is zero but for rounding.
            double bound = name.endsWith("key.bias") ? 1e-6 : GRADIENT_ERROR * largest;
            assertThat(distance(gradient, reference)).as(name).isLessThanOrEqualTo(bound);
        }
        if (expected.names().stream().anyMatch(name -> name.startsWith("grad."))) {
            assertThat(recorded).hasSameSizeAs(parameters.keySet());
        }
    }

    private static Batch batch(Weights expected) {
        Tensor ids = expected.read("input_ids");
        return batch(ids, expected.read("attention_mask"), expected.contains("token_type_ids")
                ? expected.read("token_type_ids")
                : Tensor.zeros(ids.shape()));
    }

    /** The rows of {@code ids} where the mask is 1, packed. */
    static Batch batch(Tensor ids, Tensor mask, Tensor typeIds) {
        List<int[]> sequences = new ArrayList<>();
        List<int[]> types = new ArrayList<>();
        for (int row = 0; row < ids.dim(0); row++) {
            int length = Arrays.stream(ints(mask.rows(row, row + 1))).sum();
            sequences.add(Arrays.copyOf(ints(ids.rows(row, row + 1)), length));
            types.add(Arrays.copyOf(ints(typeIds.rows(row, row + 1)), length));
        }
        return new Batch(Batch.of(sequences).ids(), Batch.of(types).ids(), Batch.of(sequences).offsets());
    }

    static int[] ints(Tensor tensor) {
        int[] values = new int[tensor.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (int) tensor.data()[tensor.offset() + i];
        }
        return values;
    }

    static void assertClose(Tensor actual, Tensor expected, double error) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        assertThat(distance(actual, expected)).isLessThanOrEqualTo(error);
    }

    private static double distance(Tensor actual, Tensor expected) {
        double largest = 0;
        for (int i = 0; i < expected.size(); i++) {
            double difference = actual.data()[actual.offset() + i] - expected.data()[expected.offset() + i];
            largest = Double.isNaN(difference) ? Double.NaN : Math.max(largest, Math.abs(difference));
        }
        return largest;
    }

    private static Offset<Double> within(double error) {
        return Offset.offset(error);
    }
}
