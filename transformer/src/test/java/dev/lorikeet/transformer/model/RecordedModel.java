package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.task.TaskModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * One directory of {@code lorikeet.fixtures/models}; the README beside them says how they lie.
 *
 * @param config config.json, or the same as older files had it
 */
record RecordedModel(Path directory, JsonObject config, JsonObject recorded) {
    static final Path MODELS = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "models");
    private static final List<String> CONFIGS = List.of("config.json", "config.v4.json");
    private static final Pattern PART = Pattern.compile("(.+)\\[(\\d+):(\\d+)]");

    /**
     * A test for each case and each form of its config.
     *
     * @param training whether to take the cases of training, which have one form alone, or the others
     */
    static Stream<DynamicTest> tests(boolean training, Consumer<RecordedModel> check) throws IOException {
        List<Path> directories;
        try (Stream<Path> entries = Files.list(MODELS)) {
            directories = entries.filter(path -> Files.exists(path.resolve("config.json")))
                    .filter(path -> path.getFileName().toString().startsWith("training_") == training).sorted()
                    .toList();
        }
        assertThat(directories).isNotEmpty();
        return directories.stream().flatMap(directory -> (training ? CONFIGS.subList(0, 1) : CONFIGS).stream()
                .map(name -> DynamicTest.dynamicTest(directory.getFileName() + ", " + name,
                        () -> check.accept(open(directory, name)))));
    }

    private static RecordedModel open(Path directory, String configName) {
        return new RecordedModel(directory, JsonObject.read(directory.resolve(configName)),
                JsonObject.read(directory.resolve("case.json")));
    }

    Path expected() {
        return directory.resolve("expected.safetensors");
    }

    TaskModel<?, ?, ?> load() {
        TaskModel<?, ?, ?> model = TaskModel
                .of(Model.load(directory, directory.toString(), config, LoadOptions.STANDARD));
        assertThat(model.head().className()).isEqualTo(recorded.string("architecture"));
        return model;
    }

    /** An encoder and a decoder with the head in the files, under the paths of those. */
    static final class EncoderAndDecoder extends Module {
        private final Model model;
        private final Head head;

        private EncoderAndDecoder(Model model) {
            this.model = model;
            head = model.head();
            child(model.architecture().prefix(), model.backbone());
            children(head);
        }

        Model model() {
            return model;
        }

        EncoderDecoder backbone() {
            return (EncoderDecoder) model.backbone();
        }

        Head head() {
            return head;
        }
    }

    EncoderAndDecoder loadEncoderAndDecoder() {
        EncoderAndDecoder whole = new EncoderAndDecoder(
                Model.load(directory, directory.toString(), config, LoadOptions.STANDARD));
        assertThat(whole.head.className()).isEqualTo(recorded.string("architecture"));
        return whole;
    }

    /**
     * Which elements of the tensor {@code name} the field of {@code case.json} names, as a whole or as a range of rows.
     */
    IntPredicate named(String field, String name, Tensor tensor) {
        IntPredicate none = i -> false;
        if (!recorded.has(field)) {
            return none;
        }
        Map<String, Object> names = recorded.object(field).fields();
        if (names.containsKey(name)) {
            return i -> true;
        }
        int row = tensor.size() / tensor.dim(0);
        return names.keySet().stream().map(PART::matcher).filter(Matcher::matches).filter(m -> m.group(1).equals(name))
                .map(m -> (IntPredicate) i -> i / row >= Integer.parseInt(m.group(2))
                        && i / row < Integer.parseInt(m.group(3)))
                .reduce(none, IntPredicate::or);
    }

    /** The rows of {@code ids} where the mask is 1, packed. */
    static Batch batch(Tensor ids, Tensor mask, Tensor typeIds) {
        int[] offsets = new int[ids.dim(0) + 1];
        for (int row = 0; row < ids.dim(0); row++) {
            offsets[row + 1] = offsets[row] + Arrays.stream(ints(mask.rows(row, row + 1))).sum();
        }
        return new Batch(packed(ids, mask), packed(typeIds, mask), offsets);
    }

    /** The numbers (B, T) where the mask is 1, row by row. */
    static int[] packed(Tensor numbers, Tensor mask) {
        int[] all = ints(numbers);
        int[] kept = ints(mask);
        return IntStream.range(0, all.length).filter(i -> kept[i] == 1).map(i -> all[i]).toArray();
    }

    /** The vectors of (B, T, n) where the mask is 1: (rows, n). */
    static Tensor packedRows(Tensor vectors, Tensor mask) {
        int[] kept = ints(mask);
        Tensor all = vectors.reshape(kept.length, vectors.dim(-1));
        List<Tensor> rows = new ArrayList<>();
        for (int i = 0; i < kept.length; i++) {
            if (kept[i] == 1) {
                rows.add(all.rows(i, i + 1));
            }
        }
        Tensor packed = Tensor.zeros(rows.size(), all.dim(1));
        for (int i = 0; i < rows.size(); i++) {
            packed.rows(i, i + 1).set(rows.get(i));
        }
        return packed;
    }

    static int[] ints(Tensor tensor) {
        int[] values = new int[tensor.size()];
        Arrays.setAll(values, i -> (int) tensor.data()[tensor.offset() + i]);
        return values;
    }

    /** The largest difference, which must be at most {@code error}. */
    static double assertClose(String what, Tensor actual, Tensor expected, double error) {
        assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
        double distance = distance(actual, expected, i -> true);
        assertThat(distance).as(what).isLessThanOrEqualTo(error);
        return distance;
    }

    /** The largest difference among the elements that count. */
    static double distance(Tensor actual, Tensor expected, IntPredicate counts) {
        double largest = 0;
        for (int i = 0; i < expected.size(); i++) {
            double difference = actual.data()[actual.offset() + i] - expected.data()[expected.offset() + i];
            if (counts.test(i)) {
                largest = Double.isNaN(difference) ? Double.NaN : Math.max(largest, Math.abs(difference));
            }
        }
        return largest;
    }
}
