package dev.lorikeet.lora.peft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A case of {@code lorikeet.fixtures/trials}: a base, as a rule an adapter that PEFT wrote, and the logits of PEFT and
 * transformers. The README beside them says what once went wrong.
 */
record Trial(Path folder) {
    static Trial of(String name) {
        return new Trial(Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "trials", name));
    }

    /** Those that have an adapter and its logits. */
    static Stream<Trial> withAdapters() {
        return Stream.of("head-saved-in-f16", "masked-apart-all-linear", "masked-apart-decoder-saved",
                "masked-apart-decoder-target", "masked-apart-head-saved", "masked-tied-head-saved",
                "modules-to-save-norm", "regex-embedding", "roberta-bias-all", "tied-both-saved",
                "tied-modules-to-save").map(Trial::of);
    }

    Path adapter() {
        return folder.resolve("adapter");
    }

    TaskModel<?, ?, ?> base() {
        return base("base");
    }

    TaskModel<?, ?, ?> base(String name) {
        return TaskModel.of(Model.load(folder.resolve(name)));
    }

    /** What was computed: its rows, none of which is padded. */
    Batch batch() {
        return Batch.of(((List<?>) value("ids")).stream().map(row -> ((List<?>) row).stream()
                .mapToInt(id -> (Integer) id).toArray()).toList());
    }

    /** The largest distance of {@code logits} from those recorded under {@code key}. */
    double distance(Tensor logits, String key) {
        List<?> expected = (List<?>) value(key);
        assertThat(logits.size()).as(key).isEqualTo(expected.size());
        return IntStream.range(0, expected.size()).mapToDouble(i -> Math
                .abs(logits.data()[logits.offset() + i] - ((Number) expected.get(i)).doubleValue())).max()
                .orElseThrow();
    }

    private Object value(String key) {
        Map<String, Object> recorded = Json.readObject(folder.resolve("case.json"));
        return Objects.requireNonNull(recorded.get(key), key);
    }

    @Override
    public String toString() {
        return folder.getFileName().toString();
    }
}
