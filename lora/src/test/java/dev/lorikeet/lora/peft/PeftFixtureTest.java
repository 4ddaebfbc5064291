package dev.lorikeet.lora.peft;

import static dev.lorikeet.lora.peft.Fixtures.assertClose;
import static dev.lorikeet.lora.peft.Fixtures.assertSameBits;
import static dev.lorikeet.lora.peft.Fixtures.logits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Adapters as PEFT wrote them, with the numbers PEFT computes from them. */
class PeftFixtureTest {
    /** How the names of adapters begin that are no kind of LoRA: they come with an issue of their own. */
    private static final String OTHERS = "other-";

    @TempDir
    Path written;

    @TestFactory
    Stream<DynamicTest> adapters() throws IOException {
        return Fixtures.foldersWith("adapter_config.json", Fixtures.directory()).stream()
                .map(folder -> test(folder, () -> check(folder)));
    }

    @TestFactory
    Stream<DynamicTest> severalAdapters() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path folder : Fixtures.foldersWith("expected.safetensors", Fixtures.directory())) {
            for (Path adapter : Fixtures.foldersWith("adapter_config.json", folder)) {
                tests.add(test(adapter, () -> checkLogits(adapter, Fixtures.base(adapter),
                        folder.resolve("expected.safetensors"), "logits." + name(adapter))));
            }
        }
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> odd() throws IOException {
        Path odd = Fixtures.directory().resolve("odd");
        return Fixtures.list(odd.resolve("index.json")).stream().map(item -> {
            Path folder = odd.resolve((String) item.get("name"));
            return test(folder, () -> checkLogits(folder, Fixtures.base(source(item)),
                    source(item).resolve("expected.safetensors"), "logits.adapter"));
        });
    }

    @TestFactory
    Stream<DynamicTest> bad() throws IOException {
        Path bad = Fixtures.directory().resolve("bad");
        return Fixtures.list(bad.resolve("index.json")).stream().map(item -> {
            String name = (String) item.get("name");
            return test(bad.resolve(name), () -> checkRefused(bad.resolve(name), item));
        });
    }

    private interface Check {
        void run() throws IOException;
    }

    private static DynamicTest test(Path folder, Check check) {
        String name = Fixtures.directory().relativize(folder).toString();
        return DynamicTest.dynamicTest(name, () -> {
            assumeTrue(!name.startsWith(OTHERS), () -> name + " is no kind of LoRA");
            check.run();
        });
    }

    private static String name(Path folder) {
        return folder.getFileName().toString();
    }

    private static Path source(Map<String, Object> item) {
        return Fixtures.directory().resolve((String) item.get("source"));
    }

    private static void checkLogits(Path folder, TaskModel<?, ?, ?> model, Path expectedFile, String key) {
        Map<String, Tensor> expected = Fixtures.tensors(expectedFile);
        Peft.load(model, folder);
        assertClose(key, logits(model, batch(expected)), packed(expected, key), 1e-5, 0);
    }

    private void check(Path folder) throws IOException {
        Map<String, Tensor> expected = Fixtures.tensors(folder.resolve("expected.safetensors"));
        Batch batch = batch(expected);
        TaskModel<?, ?, ?> model = Fixtures.base(folder);
        Map<String, Tensor> before = copies(model);
        Tensor base = logits(model, batch);
        assertClose("logits.base", base, packed(expected, "logits.base"), 1e-5, 0);

        LoraAdapter adapter = Peft.read(model, folder).attach();
        assertClose("logits.adapter", logits(model, batch), packed(expected, "logits.adapter"), tolerance(folder), 0);
        checkModules(adapter, Json.readObject(folder.resolve("case.json")));
        checkGradients(folder, batch, expected);
        checkMerge(model, adapter, batch, expected, tolerance(folder));
        checkWrittenAgain(folder, adapter);

        adapter.detach();
        copies(model).forEach((name, value) -> assertSameBits(name, value, tensor(before, name)));
        assertSameBits("logits after detaching", logits(model, batch), base);
    }

    /** PEFT decomposes W in float32, from which the numbers of two machines with PyTorch are 4e-5 apart. */
    private static double tolerance(Path folder) {
        return name(folder).equals("init-pissa-unconverted") || name(folder).equals("init-pissa-gpt2") ? 5e-5 : 1e-5;
    }

    private static void checkModules(LoraAdapter adapter, Map<String, Object> recorded) {
        Map<String, Object> modules = Fixtures.asMap(recorded.get("modules"));
        assertThat(adapter.layers().keySet()).isEqualTo(modules.keySet());
        adapter.layers().forEach((path, layer) -> {
            Map<String, Object> module = Fixtures.asMap(modules.get(path));
            assertThat(layer.rank()).as(path).isEqualTo(module.get("r"));
            assertThat(layer.alpha()).as(path).isEqualTo(((Number) module.get("alpha")).doubleValue());
            if (layer.rank() > 0) {
                assertThat(layer.scaling()).as(path).isEqualTo(((Number) module.get("scale")).floatValue());
            }
        });
    }

    private void checkGradients(Path folder, Batch batch, Map<String, Tensor> expected) throws IOException {
        TaskModel<?, ?, ?> model = Fixtures.base(folder);
        LoraAdapter adapter = Peft.read(model, withoutDropout(folder)).attach();
        adapter.unfreeze();
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            Variable loss = model.loss(tape,
                    Encoded.of(batch, Fixtures.labels(tensor(expected, "labels"), tensor(expected, "attention_mask"))));
            assertThat(loss.item()).as("loss").isCloseTo(tensor(expected, "loss").data()[0], Offset.offset(1e-5f));
            if (expected.containsKey("loss.total")) { // PEFT adds the regulariser only where there is a task type
                loss = ElementOps.add(tape, loss, adapter.allocator().penalty(tape));
                assertThat(loss.item()).as("loss.total").isCloseTo(tensor(expected, "loss.total").data()[0],
                        Offset.offset(1e-5f));
            }
            tape.backward(loss);
        }
        Map<String, Parameter> parameters = model.namedParameters();
        long checked = expected.keySet().stream().filter(name -> name.startsWith("grad.")).peek(name -> {
            Parameter parameter = parameters.get(Fixtures.pathOf(name.substring("grad.".length())));
            // A module of rank 0 is not run.
            Tensor gradient = parameter.value().size() == 0 ? parameter.value() : parameter.gradientOrThrow();
            assertClose(name, gradient, tensor(expected, name), 5e-5, 1e-4);
        }).count();
        long twice = expected.keySet().stream().filter(name -> name.contains(".modules_to_save.")).count();
        assertThat(adapter.parameters()).hasSize((int) (checked - twice));
    }

    /** The recorded gradients are those of evaluation mode, a training tape applies dropout. */
    private Path withoutDropout(Path folder) throws IOException {
        Map<String, Object> config = Json.readObject(folder.resolve("adapter_config.json"));
        config.put("lora_dropout", 0.0);
        Path copy = Files.createDirectories(written.resolve("without-dropout"));
        Files.writeString(copy.resolve("adapter_config.json"), Json.write(config));
        Files.copy(folder.resolve("adapter_model.safetensors"), copy.resolve("adapter_model.safetensors"),
                StandardCopyOption.REPLACE_EXISTING);
        return copy;
    }

    private static void checkMerge(TaskModel<?, ?, ?> model, LoraAdapter adapter, Batch batch,
            Map<String, Tensor> expected, double tolerance) {
        Map<String, Tensor> before = copies(model);
        Tensor adapted = logits(model, batch);
        adapter.merge();
        assertClose("logits.merged", logits(model, batch), packed(expected, "logits.merged"), tolerance, 0);
        Map<String, Tensor> merged = copies(model);
        expected.forEach((name, weight) -> {
            if (name.startsWith("merged.")) {
                assertClose(name, tensor(merged, name.substring("merged.".length())), weight, tolerance / 10, 0);
            }
        });
        adapter.unmerge();
        copies(model).forEach((name, value) -> assertSameBits(name, value, tensor(before, name)));
        assertSameBits("logits after unmerging", logits(model, batch), adapted);
    }

    /** What is written has PEFT's keys, shapes and fields, and PEFT's very text where no field is normalised. */
    private void checkWrittenAgain(Path folder, LoraAdapter adapter) throws IOException {
        Map<String, Object> theirs = Json.readObject(folder.resolve("adapter_config.json"));
        Peft.save(adapter, (String) theirs.get("base_model_name_or_path"), "sha256:0", written);
        Map<String, Object> ours = Json.readObject(written.resolve("adapter_config.json"));
        assertThat(ours.keySet()).containsExactlyElementsOf(theirs.keySet());
        theirs.forEach((field, value) -> assertThat(normal(ours.get(field))).as(field).isEqualTo(normal(value)));
        if (ours.equals(theirs)) {
            assertThat(written.resolve("adapter_config.json")).hasSameTextualContentAs(
                    folder.resolve("adapter_config.json"));
        }
        try (TensorFile mine = Safetensors.open(written.resolve("adapter_model.safetensors"));
                TensorFile other = Safetensors.open(folder.resolve("adapter_model.safetensors"))) {
            assertThat(mine.names()).isEqualTo(other.names());
            assertThat(mine.metadata()).containsEntry("format", "pt").containsEntry("base_weights", "sha256:0");
            for (String name : other.names()) {
                assertSameBits(name, mine.read(name), other.read(name));
                assertThat(mine.shape(name)).as(name).isEqualTo(other.shape(name));
            }
        }
    }

    /** Lists of names are sets to PEFT, one number is a list of one, 8 is 8.0. */
    private static Object normal(Object value) {
        return switch (value) {
            case List<?> list when list.size() == 1 -> normal(list.getFirst());
            case List<?> list -> list.stream().map(PeftFixtureTest::normal).collect(Collectors.toSet());
            case Number number -> number.doubleValue();
            case Map<?, ?> map -> {
                Map<Object, Object> values = new LinkedHashMap<>();
                map.forEach((name, item) -> values.put(name, normal(item)));
                yield values;
            }
            case null -> "null";
            default -> value;
        };
    }

    private static void checkRefused(Path folder, Map<String, Object> item) throws IOException {
        Map<String, Tensor> expected = Fixtures.tensors(source(item).resolve("expected.safetensors"));
        Batch batch = batch(expected);
        TaskModel<?, ?, ?> model = Fixtures.base((String) item.get("base"));
        Tensor base = logits(model, batch);
        try {
            Peft.load(model, folder);
        } catch (InputException e) {
            assertThat(e.getMessage()).doesNotContain("\n")
                    .matches(".*adapter_(config\\.json|model\\.safetensors): [^ ].*: .+")
                    .containsPattern(changedFields(folder, source(item)));
            assertSameBits("logits after the refusal", logits(model, batch), base);
            assertThat(model.namedParameters().keySet()).noneMatch(path -> path.contains("lora_"));
            return;
        }
        assertThat(item.get("refuse")).as("%s was accepted", item.get("what")).isEqualTo("may");
        assertClose("logits", logits(model, batch), packed(expected, "logits.adapter"), 1e-5, 0);
    }

    /** Where the defect is in fields of the configuration: a pattern for one of their names. */
    private static String changedFields(Path folder, Path source) throws IOException {
        try {
            Map<String, Object> intact = Json.readObject(source.resolve("adapter_config.json"));
            Map<String, Object> broken = Json.readObject(folder.resolve("adapter_config.json"));
            Set<String> changed = new HashSet<>(intact.keySet());
            changed.addAll(broken.keySet());
            changed.removeIf(name -> intact.containsKey(name) == broken.containsKey(name)
                    && String.valueOf(intact.get(name)).equals(String.valueOf(broken.get(name))));
            changed.remove("base_model_name_or_path");
            boolean elsewhere = changed.isEmpty() || !name(folder).startsWith("config-");
            return elsewhere ? "" : "\\b(" + String.join("|", changed) + ")\\b";
        } catch (InputException e) {
            return "";
        }
    }

    private static Batch batch(Map<String, Tensor> expected) {
        return Fixtures.batch(tensor(expected, "input_ids"), tensor(expected, "attention_mask"));
    }

    /** Those of real tokens. */
    private static Tensor packed(Map<String, Tensor> expected, String key) {
        return Fixtures.packed(tensor(expected, key), tensor(expected, "attention_mask"));
    }

    private static Tensor tensor(Map<String, Tensor> tensors, String name) {
        assertThat(tensors).containsKey(name);
        return tensors.get(name);
    }

    private static Map<String, Tensor> copies(TaskModel<?, ?, ?> model) {
        Map<String, Tensor> copies = new LinkedHashMap<>();
        model.namedParameters().forEach((name, parameter) -> copies.put(name, parameter.value().copy()));
        return copies;
    }
}
