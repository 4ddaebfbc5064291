package dev.lorikeet.lora.rank;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.optim.Optimizer;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.peft.Fixtures;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Forty steps of AdaLoRA with AdamW, beside those that PEFT made on the same batches. */
class AdaLoraTrainedFixtureTest {
    @TempDir
    Path written;

    @ParameterizedTest
    @ValueSource(strings = {"trained-bert", "trained-gpt2"})
    void trainsAndAllocatesAsPeft(String name) {
        Path folder = Fixtures.directory().resolve("adalora").resolve(name);
        Map<String, Object> recorded = Json.readObject(folder.resolve("case.json"));
        TaskModel<?, ?, ?> model = Fixtures.base((String) recorded.get("base"));
        LoraAdapter adapter = Peft.read(model, folder.resolve("start")).attach();
        adapter.unfreeze();
        AdaLoraAllocator allocator = adapter.allocator();
        Optimizer optimizer = new Optimizer(Rule.adamW(),
                List.of(new ParameterGroup(ParameterGroup.trained("", model), 1e-2, 0)));
        assertThat(optimizer.duties()).containsExactly(allocator);
        Map<String, Tensor> batches = Fixtures.tensors(folder.resolve("batches.safetensors"));
        Map<String, Tensor> averages = Fixtures.tensors(folder.resolve("averages.safetensors"));
        Map<String, Object> masks = Fixtures.asMap(recorded.get("masks"));
        List<?> losses = (List<?>) recorded.get("loss");
        List<?> rows = (List<?>) recorded.get("steps");
        // Without a task type PEFT's AdaLoraModel is passed by, and its regulariser with it.
        boolean penalized = adapter.config().taskType() != null;
        allocator.begin(losses.size());
        for (int step = 0; step < losses.size(); step++) {
            double loss = backward(model, batches, step, allocator, penalized);
            assertThat(loss).as("loss of step %d", step).isCloseTo(((Number) losses.get(step)).doubleValue(),
                    Offset.offset(1e-4));
            optimizer.step(1);
            List<?> row = (List<?>) rows.get(step);
            if (row.get(3) != null) {
                AdaLoraAllocator.Mask mask = allocator.mask();
                assertThat(List.of(mask.step(), mask.budget(), mask.dropped()))
                        .isEqualTo(List.of(step, row.get(1), row.get(5)));
                assertThat((double) mask.threshold()).isCloseTo(((Number) row.get(4)).doubleValue(),
                        Percentage.withPercentage(0.1));
                assertThat(AdaLoraFixtureTest.strings(allocator)).isEqualTo(masks.get(Integer.toString(step)));
            }
            checkAverages(step, allocator.state(), averages);
        }
        allocator.end(false);
        checkFinal(model, adapter, folder.resolve("final"));
    }

    private static double backward(TaskModel<?, ?, ?> model, Map<String, Tensor> batches, int step,
            AdaLoraAllocator allocator, boolean penalized) {
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            Tensor mask = slice(batches, "attention_mask", step);
            Batch batch = Fixtures.batch(slice(batches, "input_ids", step), mask);
            Variable loss = model.loss(tape, Encoded.of(batch, Fixtures.labels(slice(batches, "labels", step), mask)));
            Variable penalty = allocator.penalty(tape);
            loss = penalized ? ElementOps.add(tape, loss, penalty) : loss;
            tape.backward(loss);
            return loss.item();
        }
    }

    private static void checkAverages(int step, Map<String, Tensor> state, Map<String, Tensor> averages) {
        String prefix = "step-" + step + ".";
        averages.forEach((name, expected) -> {
            if (name.startsWith(prefix)) {
                String[] parts = name.substring(prefix.length()).split("\\.", 2);
                Fixtures.assertClose(name, state.get(parts[1] + ".exp_avg_" + parts[0]), expected, 1e-5, 0);
            }
        });
    }

    /** The file holds what PEFT's does, and a model with it computes the same. */
    private void checkFinal(TaskModel<?, ?, ?> model, LoraAdapter adapter, Path folder) {
        Peft.save(adapter, "base", null, written);
        Map<String, Tensor> ours = Fixtures.tensors(written.resolve("adapter_model.safetensors"));
        Map<String, Tensor> theirs = Fixtures.tensors(folder.resolve("adapter_model.safetensors"));
        assertThat(ours.keySet()).isEqualTo(theirs.keySet());
        theirs.forEach((name, tensor) -> Fixtures.assertClose(name, ours.get(name), tensor, 1e-4, 0));
        Map<String, Object> config = new LinkedHashMap<>(
                Json.readObject(written.resolve("adapter_config.json")));
        assertThat(config.get("rank_pattern"))
                .isEqualTo(Json.readObject(folder.resolve("adapter_config.json")).get("rank_pattern"));

        Map<String, Tensor> expected = Fixtures.tensors(folder.resolve("expected.safetensors"));
        Tensor mask = expected.get("attention_mask");
        Batch batch = Fixtures.batch(expected.get("input_ids"), mask);
        Tensor trained = Fixtures.logits(model, batch);
        Fixtures.assertClose("logits", trained, Fixtures.packed(expected.get("logits.adapter"), mask), 1e-3, 0);
        adapter.detach();
        Peft.load(model, written);
        Fixtures.assertClose("logits of what was saved", Fixtures.logits(model, batch), trained, 1e-5, 0);
    }

    /** Element {@code step} of the first axis. */
    private static Tensor slice(Map<String, Tensor> batches, String name, int step) {
        int[] dims = batches.get(name).shape().dims();
        return batches.get(name).rows(step, step + 1)
                .reshape(Shape.of(Arrays.copyOfRange(dims, 1, dims.length)).dims());
    }
}
