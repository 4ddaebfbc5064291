package dev.lorikeet.lora.peft;

import static dev.lorikeet.lora.peft.Fixtures.assertClose;
import static dev.lorikeet.lora.peft.Fixtures.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.lora.AdapterSet;
import dev.lorikeet.lora.LoraWeights;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several adapters on one model, beside what PEFT computes with them. */
class AdapterSetFixtureTest {
    private static TaskModel<?, ?, ?> base(Path folder) {
        return Fixtures.base((String) Json.readObject(folder.resolve("case.json")).get("base"));
    }

    private static Batch batch(Map<String, Tensor> expected) {
        return Fixtures.batch(expected.get("input_ids"), expected.get("attention_mask"));
    }

    private static void assertLogits(Map<String, Tensor> expected, String key, TaskModel<?, ?, ?> model) {
        assertClose(key, Fixtures.logits(model, batch(expected)), Fixtures.packed(expected.get(key),
                expected.get("attention_mask")), 1e-5, 0);
    }

    @Test
    void adaptersAreSwitchedStackedAndTakenAway() {
        Path folder = Fixtures.directory().resolve("multi");
        Map<String, Tensor> expected = Fixtures.tensors(folder.resolve("expected.safetensors"));
        TaskModel<?, ?, ?> model = base(folder);
        Tensor before = Fixtures.logits(model, batch(expected));
        AdapterSet set = AdapterSet.on(model);
        assertSameBits("an empty set", Fixtures.logits(model, batch(expected)), before);
        for (String name : List.of("first", "second", "third")) {
            set.add(name, Peft.read(model, folder.resolve(name), null));
        }
        assertSameBits("nothing in use", Fixtures.logits(model, batch(expected)), before);
        for (String name : List.of("first", "second", "third")) {
            set.use(name);
            assertLogits(expected, "logits." + name, model);
        }
        set.use("first", "third");
        assertThat(set.used()).containsExactly("first", "third");
        assertLogits(expected, "logits.first+third", model);
        assertThatThrownBy(() -> set.remove("first")).isInstanceOf(IllegalStateException.class)
                .hasMessage("adapter set: the adapter first is in use");
        set.use();
        assertLogits(expected, "logits.base", model);
        set.remove("first");
        assertThat(set.names()).containsExactly("second", "third");
        assertThatThrownBy(() -> set.use("first")).isInstanceOf(InputException.class)
                .hasMessage("adapter set: there is no adapter \"first\", there are second, third");
        assertThatThrownBy(() -> set.use("second", "second")).isInstanceOf(InputException.class)
                .hasMessage("adapter set: the adapter second is named twice");
        set.add("second", Peft.read(model, folder.resolve("third"), null));
        set.use("second");
        assertLogits(expected, "logits.third", model);
        set.close();
        assertSameBits("a closed set", Fixtures.logits(model, batch(expected)), before);
    }

    /** The same bits as an adapter that is attached alone. */
    @Test
    void oneInUseComputesAsAlone() {
        Path folder = Fixtures.directory().resolve("multi");
        Map<String, Tensor> expected = Fixtures.tensors(folder.resolve("expected.safetensors"));
        TaskModel<?, ?, ?> alone = base(folder);
        Peft.load(alone, folder.resolve("second"));
        TaskModel<?, ?, ?> model = base(folder);
        AdapterSet set = AdapterSet.on(model);
        set.add("second", Peft.read(model, folder.resolve("second"), null));
        set.use("second");
        assertSameBits("logits", Fixtures.logits(model, batch(expected)), Fixtures.logits(alone, batch(expected)));
    }

    /** In multi-heads, each adapter has a classifier of its own. */
    @ParameterizedTest
    @ValueSource(strings = {"multi", "multi-heads"})
    void rowsOfOneBatchHaveTheirOwnAdapters(String name) {
        Path folder = Fixtures.directory().resolve(name);
        Map<String, Tensor> expected = Fixtures.tensors(folder.resolve("expected.safetensors"));
        TaskModel<?, ?, ?> model = base(folder);
        AdapterSet set = AdapterSet.on(model);
        List<String> rows = ((List<?>) Json.readObject(folder.resolve("case.json")).get("mixed_rows")).stream()
                .map(String.class::cast).toList();
        rows.stream().distinct().filter(row -> !row.equals(AdapterSet.BASE))
                .forEach(row -> set.add(row, Peft.read(model, folder.resolve(row), null)));
        Batch batch = batch(expected);
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            set.choose(tape, batch, rows);
            assertClose("logits.mixed", model.logits(tape, batch).value(), expected.get("logits.mixed"), 1e-5, 0);
            assertThatThrownBy(() -> set.choose(tape, batch, rows)).isInstanceOf(IllegalStateException.class)
                    .hasMessage("adapter set: the tape has computed already");
        }
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            assertThatThrownBy(() -> set.choose(tape, batch, rows.subList(1, rows.size())))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("adapter set: ");
        }
    }

    @Test
    void headsOfTheirOwnAreSwitchedWithTheirAdapters() {
        Path folder = Fixtures.directory().resolve("multi-heads");
        Map<String, Tensor> expected = Fixtures.tensors(folder.resolve("expected.safetensors"));
        TaskModel<?, ?, ?> model = base(folder);
        AdapterSet set = AdapterSet.on(model);
        for (String name : List.of("red", "blue")) {
            set.add(name, Peft.read(model, folder.resolve(name), null));
            set.use(name);
            assertLogits(expected, "logits." + name, model);
        }
        assertThatThrownBy(() -> set.use("red", "blue")).isInstanceOf(InputException.class)
                .hasMessageStartingWith("adapter set: red cannot be used with another adapter at once");
        set.use();
        assertLogits(expected, "logits.base", model);
    }

    /** What more than one row of sequences can see: DoRA, embeddings and trained rows, each beside the base. */
    @ParameterizedTest
    @ValueSource(strings = {"adalora-pruned", "dora-bert", "embedding-bert", "lora-bias", "tokens-bert",
        "dora-embedding", "tokens-llama",
        "embedding-lm-head"})
    void everyKindGoesBesideTheBase(String name) {
        Path folder = Fixtures.directory().resolve(name);
        Map<String, Tensor> expected = Fixtures.tensors(folder.resolve("expected.safetensors"));
        TaskModel<?, ?, ?> model = base(folder);
        AdapterSet set = AdapterSet.on(model);
        set.add("a", Peft.read(model, folder, null));
        set.use("a");
        assertLogits(expected, "logits.adapter", model);
        Batch batch = batch(expected);
        List<String> names = new java.util.ArrayList<>(java.util.Collections.nCopies(batch.sequences(), "a"));
        names.set(1, AdapterSet.BASE);
        Tensor mixed = expected.get("logits.adapter").copy();
        mixed.rows(1, 2).set(expected.get("logits.base").rows(1, 2));
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            set.choose(tape, batch, names);
            assertClose("logits", model.logits(tape, batch).value(), Fixtures.packed(mixed,
                    expected.get("attention_mask")), 2e-5, 0);
        }
    }

    @Test
    void refusesWhatOneModelCannotHoldTwice() {
        Path folder = Fixtures.directory().resolve("bias-lora-only");
        TaskModel<?, ?, ?> model = base(folder);
        AdapterSet set = AdapterSet.on(model);
        LoraWeights biases = Peft.read(model, folder, null);
        assertThatThrownBy(() -> set.add("a", biases)).isInstanceOf(InputException.class).hasMessage(
                "adapter set: the adapter a trains biases of the base (bias), which all adapters share");
        assertThatThrownBy(() -> set.add(AdapterSet.BASE, biases)).isInstanceOf(InputException.class)
                .hasMessage("adapter set: \"__base__\" cannot be an adapter's name");
        TaskModel<?, ?, ?> other = base(folder);
        assertThatThrownBy(() -> AdapterSet.on(other).add("a", biases)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("adapter set: the adapter a is for another model");
        assertThatThrownBy(() -> AdapterSet.on(model)).isInstanceOf(IllegalStateException.class)
                .hasMessageEndingWith("has an adapter already, detach that first");
        assertThat(set.names()).isEmpty();
    }
}
