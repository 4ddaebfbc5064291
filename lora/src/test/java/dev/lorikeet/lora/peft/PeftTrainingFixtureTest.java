package dev.lorikeet.lora.peft;

import static dev.lorikeet.lora.peft.Fixtures.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.optim.Optimizer;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.autograd.optim.Schedule;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraFa;
import dev.lorikeet.lora.LoraPlus;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.training.OptimizerPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Twenty updates of adapters, beside those that PEFT and PyTorch made on the same batches. */
class PeftTrainingFixtureTest {
    @TestFactory
    Stream<DynamicTest> training() throws IOException {
        return Fixtures.foldersWith("case.json", Fixtures.directory().resolve("training")).stream()
                .map(folder -> DynamicTest.dynamicTest(folder.getFileName().toString(), () -> check(folder)));
    }

    private static void check(Path folder) {
        Map<String, Object> recorded = Json.readObject(folder.resolve("case.json"));
        TaskModel<?, ?, ?> model = Fixtures.base((String) recorded.get("base"));
        LoraAdapter adapter = Peft.read(model, folder.resolve("start")).attach();
        adapter.unfreeze();
        Map<String, Parameter> parameters = model.namedParameters();
        List<?> losses = (List<?>) recorded.get("loss");
        DoubleConsumer update = update(Fixtures.asMap(recorded.get("optimizer")), adapter, model);
        Schedule schedule = Schedule.linear(0, losses.size());
        Map<String, Tensor> batches = Fixtures.tensors(folder.resolve("batches.safetensors"));
        Workspace workspace = new Workspace();
        for (int step = 0; step < losses.size(); step++) {
            try (Tape tape = Tape.training(Cpu.shared(), workspace)) {
                Tensor mask = slice(batches, "attention_mask", step);
                Batch batch = Fixtures.batch(slice(batches, "input_ids", step), mask);
                Variable loss = model.loss(tape,
                        Encoded.of(batch, Fixtures.labels(slice(batches, "labels", step), mask)));
                assertThat((double) loss.item()).as("loss before update %d", step + 1)
                        .isCloseTo(((Number) losses.get(step)).doubleValue(), Offset.offset(1e-4));
                tape.backward(loss);
            }
            update.accept(schedule.factor(step));
            Path stored = folder.resolve("step-" + (step + 1)).resolve("adapter_model.safetensors");
            if (Files.exists(stored)) {
                Fixtures.tensors(stored).forEach((name, expected) -> assertClose(stored + " " + name,
                        parameters.get(Fixtures.pathOf(name)).value(), expected, 1e-4, 0));
            }
        }
    }

    /** The groups that PEFT made of the same rates. */
    @Test
    void loraPlusHasPeftsGroups() {
        Path folder = Fixtures.directory().resolve("training/lora-plus");
        TaskModel<?, ?, ?> model = Fixtures.base("bert-seqcls");
        Peft.load(model, folder.resolve("start")).unfreeze();
        List<ParameterGroup> expected = groups(Fixtures.asMap(Json.readObject(folder.resolve("case.json"))
                .get("optimizer")), model.namedParameters());
        List<ParameterGroup> groups = new LoraPlus(5e-4, 16, 1e-6, 0.01).groups(model);
        assertThat(groups.stream().filter(group -> !group.parameters().isEmpty()).toList()).isEqualTo(expected);
        model.namedParameters().get("bert.embeddings.word_embeddings.weight").unfreeze();
        ParameterGroup embeddings = new LoraPlus(5e-4, 16).groups(model).get(1);
        assertThat(embeddings.parameters()).containsOnlyKeys("bert.embeddings.word_embeddings.weight");
        assertThat(embeddings.rate()).isEqualTo(1e-6);
    }

    /** What takes a step at a factor of the rates. */
    private static DoubleConsumer update(Map<String, Object> recorded, LoraAdapter adapter, TaskModel<?, ?, ?> model) {
        List<ParameterGroup> groups = groups(recorded, model.namedParameters());
        if (recorded.get("kind").equals("LoRA-FA")) {
            OptimizerPlan plan = LoraFa.plan(adapter, groups.getFirst().rate(), groups.getFirst().decay(), 0);
            List<ParameterGroup> own = plan.groups().apply(model);
            assertThat(own).isEqualTo(groups);
            return new Optimizer(plan.rule(), own)::step;
        }
        return new Optimizer(Rule.adamW(), groups)::step;
    }

    private static List<ParameterGroup> groups(Map<String, Object> recorded, Map<String, Parameter> parameters) {
        List<ParameterGroup> groups = new ArrayList<>();
        for (Object item : (List<?>) recorded.get("groups")) {
            Map<String, Object> group = Fixtures.asMap(item);
            Map<String, Parameter> members = new LinkedHashMap<>();
            for (Object tensor : (List<?>) group.get("tensors")) {
                String path = Fixtures.pathOf((String) tensor);
                members.put(path, parameters.get(path));
            }
            groups.add(new ParameterGroup(members, ((Number) group.get("lr")).doubleValue(),
                    ((Number) group.get("weight_decay")).doubleValue()));
        }
        return groups;
    }

    /** Element {@code step} of the first axis. */
    private static Tensor slice(Map<String, Tensor> batches, String name, int step) {
        Tensor all = batches.get(name);
        int[] dims = all.shape().dims();
        Tensor one = all.rows(step, step + 1);
        return one.reshape(Shape.of(java.util.Arrays.copyOfRange(dims, 1, dims.length)).dims());
    }
}
