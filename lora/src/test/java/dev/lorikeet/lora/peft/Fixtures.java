package dev.lorikeet.lora.peft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The recorded adapters of {@code lorikeet.fixtures/peft}; the README beside them says how they lie. */
public final class Fixtures {
    private Fixtures() {}

    /** The directory of the recorded adapters. */
    public static Path directory() {
        return Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "peft");
    }

    /** The base model that the adapter in {@code folder} names. */
    public static TaskModel<?, ?, ?> base(Path folder) {
        return TaskModel.of(Model.load(Path.of(Objects.requireNonNull(Peft.baseModelId(folder)))));
    }

    /** A base model by its name. */
    public static TaskModel<?, ?, ?> base(String name) {
        return TaskModel.of(Model.load(directory().resolve("bases").resolve(name)));
    }

    /** Where the tensor that PEFT's file calls so is in our model. */
    static String pathOf(String name) {
        return name.substring("base_model.model.".length()).replace(".base_layer.", ".").replace(".modules_to_save.",
                ".");
    }

    /** The folders below {@code folder} that hold a file of this name, sorted. */
    public static List<Path> foldersWith(String file, Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(path -> Files.exists(path.resolve(file))).sorted().toList();
        }
    }

    public static Map<String, Tensor> tensors(Path file) {
        try (TensorFile weights = Safetensors.open(file)) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            weights.names().forEach(name -> tensors.put(name, weights.read(name)));
            return tensors;
        }
    }

    /** A JSON file that holds a list of objects. */
    public static List<Map<String, Object>> list(Path file) throws IOException {
        Map<String, Object> wrapped = Json.readObject("{\"items\":" + Files.readString(file) + "}", file);
        List<Map<String, Object>> items = new ArrayList<>();
        for (Object item : (List<?>) wrapped.get("items")) {
            items.add(asMap(item));
        }
        return items;
    }

    @SuppressWarnings("unchecked")
    public static Map<String, Object> asMap(Object value) {
        return (Map<String, Object>) value;
    }

    /** The rows of {@code input_ids} where the mask is 1, packed. */
    public static Batch batch(Tensor ids, Tensor mask) {
        List<int[]> sequences = new ArrayList<>();
        for (int row = 0; row < ids.dim(0); row++) {
            int length = 0;
            int[] sequence = new int[ids.dim(1)];
            for (int i = 0; i < ids.dim(1); i++) {
                if (mask.get(row, i) == 1) {
                    sequence[length++] = (int) ids.get(row, i);
                }
            }
            sequences.add(java.util.Arrays.copyOf(sequence, length));
        }
        return Batch.of(sequences);
    }

    /** A label for each sequence, or for each token where the mask is 1. */
    public static int[] labels(Tensor labels, Tensor mask) {
        Tensor kept = labels.shape().rank() == 1 ? labels
                : packed(labels.reshape(labels.dim(0), labels.dim(1), 1), mask);
        int[] result = new int[kept.size()];
        for (int i = 0; i < result.length; i++) {
            result[i] = (int) kept.data()[kept.offset() + i];
        }
        return result;
    }

    /** (batch, tokens, n) to the rows of tokens where the mask is 1; what has fewer axes stays as it is. */
    public static Tensor packed(Tensor x, Tensor mask) {
        if (x.shape().rank() < 3) {
            return x;
        }
        int n = x.dim(2);
        Tensor all = x.reshape(mask.size(), n);
        int[] rows = IntStream.range(0, mask.size()).filter(i -> mask.data()[mask.offset() + i] == 1).toArray();
        Tensor packed = Tensor.zeros(rows.length, n);
        for (int i = 0; i < rows.length; i++) {
            packed.rows(i, i + 1).set(all.rows(rows[i], rows[i] + 1));
        }
        return packed;
    }

    public static Tensor logits(TaskModel<?, ?, ?> model, Batch batch) {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            return model.logits(tape, batch).value().copy();
        }
    }

    public static void assertClose(String what, Tensor actual, Tensor expected, double absolute, double relative) {
        assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
        for (int i = 0; i < expected.size(); i++) {
            float x = actual.data()[actual.offset() + i];
            float y = expected.data()[expected.offset() + i];
            assertThat(Math.abs((double) x - y)).as("%s, element %d: %s instead of %s", what, i, x, y)
                    .isLessThanOrEqualTo(absolute + relative * Math.abs(y));
        }
    }

    public static void assertSameBits(String what, Tensor actual, Tensor expected) {
        assertThat(actual.toArray()).as(what).isEqualTo(expected.toArray());
    }
}
