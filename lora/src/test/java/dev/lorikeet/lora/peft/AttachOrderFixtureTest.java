package dev.lorikeet.lora.peft;

import static dev.lorikeet.lora.peft.Fixtures.assertSameBits;
import static dev.lorikeet.lora.peft.Fixtures.logits;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.lora.Attached;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * A layer packs its weight in its first pass. Whether that is before or after an adapter is attached, trained, merged
 * or taken out must make no difference.
 */
class AttachOrderFixtureTest {
    private static final Batch BATCH = Batch.of(List.of(new int[] {5, 9, 7, 3}, new int[] {7, 8}));

    @TestFactory
    Stream<DynamicTest> recordedAdapters() throws IOException {
        return Fixtures.foldersWith("adapter_config.json", Fixtures.directory()).stream()
                .filter(folder -> !folder.getFileName().toString().startsWith("other-"))
                .map(folder -> test(folder.getFileName().toString(), () -> Fixtures.base(folder), folder));
    }

    @TestFactory
    Stream<DynamicTest> trials() {
        return Trial.withAdapters().map(trial -> test(trial.toString(), trial::base, trial.adapter()));
    }

    private static DynamicTest test(String name, Supplier<TaskModel<?, ?, ?>> base, Path adapter) {
        return DynamicTest.dynamicTest(name, () -> check(base, adapter));
    }

    /** Of one adapter on three models, the first computes all along, the others begin later. */
    private static void check(Supplier<TaskModel<?, ?, ?>> bases, Path folder) {
        List<TaskModel<?, ?, ?>> models = List.of(bases.get(), bases.get(), bases.get());
        Tensor base = logits(models.getFirst(), BATCH);
        List<Attached> adapters = models.stream().map(model -> Peft.load(model, folder)).toList();
        requireAlike("attached", models.subList(0, 2));
        adapters.forEach(AttachOrderFixtureTest::train);
        Tensor trained = requireAlike("trained", models);
        adapters.forEach(Attached::detach);
        assertSameBits("detached", requireAlike("detached", models), base);

        TaskModel<?, ?, ?> neverRun = bases.get();
        Peft.load(neverRun, folder).detach();
        assertSameBits("detached before a first pass", logits(neverRun, BATCH), base);
        assertThat(trained.toArray()).isNotEqualTo(base.toArray());
        Map<String, Parameter> values = bases.get().namedParameters();
        for (TaskModel<?, ?, ?> model : models) {
            assertThat(model.namedParameters().keySet()).isEqualTo(values.keySet());
            model.namedParameters().forEach((path, parameter) -> assertSameBits(path, parameter.value(),
                    values.get(path).value()));
        }
    }

    /** The logits that all of {@code models} give. */
    private static Tensor requireAlike(String when, List<TaskModel<?, ?, ?>> models) {
        Tensor first = logits(models.getFirst(), BATCH);
        models.forEach(model -> assertSameBits(when, logits(model, BATCH), first));
        return first;
    }

    /** As an optimizer does: it writes to what is trained, and says so to nobody. */
    private static void train(Attached adapter) {
        adapter.unfreeze();
        adapter.parameters().values().forEach(parameter -> {
            float[] data = parameter.value().data();
            for (int i = 0; i < parameter.value().size(); i++) {
                data[parameter.value().offset() + i] += 0.1f * (float) Math.sin(i + 1);
            }
        });
        adapter.freeze();
    }
}
