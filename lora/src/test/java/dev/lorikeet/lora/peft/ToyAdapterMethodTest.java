package dev.lorikeet.lora.peft;

import static dev.lorikeet.lora.peft.Fixtures.assertClose;
import static dev.lorikeet.lora.peft.Fixtures.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Adapter;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.optim.Optimizer;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.lora.AdapterMethod;
import dev.lorikeet.lora.Attached;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.PeftCodec;
import dev.lorikeet.lora.TinyBert;
import dev.lorikeet.lora.WeightChange;
import dev.lorikeet.tensor.Reductions;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.Backbone;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskFiles;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What it costs to add a method: one class, and an entry in a list that is passed. */
class ToyAdapterMethodTest {
    private static final AdapterMethods WITH_TOY = AdapterMethods.standard().with(new Toy());
    private static final int[] LABELS = IntStream.range(0, TinyBert.BATCH.rows()).map(row -> row % 16).toArray();

    /** One scale for each output of some linear layers, 1 at first: nearly (IA)³ (Liu et al. 2022). */
    private static final class Toy implements AdapterMethod<Toy.Config>, PeftCodec<Toy.Config> {
        private static final String TYPE = "TOY";

        /** @param targets what the paths of the layers end in */
        record Config(List<String> targets) {}

        /** y = f(l∘(x·Wᵀ) + b). */
        private static final class Scale implements Adapter {
            private final Linear layer;
            private final Parameter scale;
            private Parameter.Replacement unmerged;

            Scale(Linear layer, Tensor scale) {
                this.layer = layer;
                this.scale = new Parameter(scale);
            }

            @Override
            public Variable forward(Pass pass, Variable x, Linear base) {
                Tape tape = pass.tape();
                return isMerged() ? base.base(tape, x, null)
                        : base.finish(tape, ElementOps.multiply(tape, base.product(tape, x, null), scale));
            }

            @Override
            public boolean isMerged() {
                return unmerged != null;
            }

            @Override
            public Map<String, Parameter> parameters() {
                return Map.of("scale", scale);
            }

            /** diag(l)·W, in the layout that W has. */
            Tensor scaled() {
                Tensor weight = layer.weight().value().copy();
                for (int i = 0; i < weight.size(); i++) {
                    weight.data()[i] *= scale.value().data()[layer.layout() == Linear.Layout.OUT_IN
                            ? i / layer.inFeatures()
                            : i % layer.outFeatures()];
                }
                return weight;
            }
        }

        private record Scales(Module root, Map<String, Scale> layers) implements Attached {
            @Override
            public String peftType() {
                return TYPE;
            }

            @Override
            public Map<String, Parameter> parameters() {
                Map<String, Parameter> parameters = new LinkedHashMap<>();
                layers.forEach((path, layer) -> parameters.put(path + ".scale", layer.scale));
                return parameters;
            }

            @Override
            public Map<String, WeightChange> merge() {
                Map<String, Tensor> merged = new LinkedHashMap<>();
                if (merged()) {
                    throw new IllegalStateException("merge: the adapter is merged already");
                }
                layers.forEach((path, layer) -> {
                    merged.put(path, layer.scaled());
                    if (Reductions.firstNotFinite(merged.get(path)) >= 0) {
                        throw new InputException("merge: " + path + ".weight would not be finite");
                    }
                });
                Map<String, WeightChange> changes = new LinkedHashMap<>();
                layers.forEach((path, layer) -> {
                    changes.put(path, WeightChange.between(layer.layer.weight().value(), merged.get(path)));
                    layer.unmerged = layer.layer.weight().replace(merged.get(path));
                });
                return changes;
            }

            @Override
            public void unmerge() {
                layers.values().stream().filter(Scale::isMerged).forEach(layer -> {
                    layer.unmerged.close();
                    layer.unmerged = null;
                });
            }

            @Override
            public boolean attached() {
                return layers.values().stream().allMatch(layer -> layer.layer.adapter() == layer);
            }

            @Override
            public boolean merged() {
                return layers.values().stream().anyMatch(Scale::isMerged);
            }

            @Override
            public void detach() {
                unmerge();
                freeze();
                layers.values().forEach(layer -> layer.layer.adapter(null));
            }

            private Scales install() {
                layers.forEach((path, layer) -> {
                    if (layer.layer.adapter() != null) {
                        throw new IllegalStateException(path + " has an adapter already");
                    }
                });
                root.freeze();
                layers.values().forEach(layer -> layer.layer.adapter(layer));
                return this;
            }
        }

        @Override
        public Attached attach(Module root, Config config, long seed) {
            Map<String, Scale> layers = new LinkedHashMap<>();
            targets(root, config).forEach((path, layer) -> {
                Tensor ones = Tensor.zeros(layer.outFeatures());
                ones.fill(1);
                layers.put(path, new Scale(layer, ones));
            });
            Scales scales = new Scales(root, layers).install();
            scales.unfreeze();
            return scales;
        }

        private static Map<String, Linear> targets(Module root, Config config) {
            Map<String, Linear> layers = new LinkedHashMap<>();
            root.namedModules().forEach((path, module) -> {
                if (module instanceof Linear linear && config.targets.stream().anyMatch(path::endsWith)) {
                    layers.put(path, linear);
                }
            });
            return layers;
        }

        @Override
        public PeftCodec<Config> codec() {
            return this;
        }

        @Override
        public Set<String> peftTypes() {
            return Set.of(TYPE);
        }

        @Override
        public Config config(JsonObject json) {
            Set<String> known = new HashSet<>(COMMON_FIELDS);
            known.add("target_modules");
            json.allowOnly(known);
            return new Config(json.list("target_modules").stream().map(String.class::cast).toList());
        }

        @Override
        public Attached attach(Module root, JsonObject json, TensorFile tensors) {
            Map<String, Scale> layers = new LinkedHashMap<>();
            Set<String> stray = new HashSet<>(tensors.names());
            targets(root, config(json)).forEach((path, layer) -> {
                String name = PREFIX + path + ".scale";
                if (!stray.remove(name) || !tensors.shape(name).equals(Shape.of(layer.outFeatures()))) {
                    throw new InputException(tensors.source(), name, "a scale for each output is expected");
                }
                layers.put(path, new Scale(layer, tensors.readFinite(name)));
            });
            if (!stray.isEmpty()) {
                throw new InputException(tensors.source(), stray.iterator().next(), "is no target's scale");
            }
            return new Scales(root, layers).install();
        }

        @Override
        public Contents contents(Attached attached) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            attached.parameters().forEach((path, parameter) -> tensors.put(PREFIX + path, parameter.value()));
            return new Contents(Map.of("target_modules", List.copyOf(((Scales) attached).layers.keySet())), tensors);
        }
    }

    @TempDir
    Path directory;
    private Backbone model;
    private Path adapter;

    @BeforeEach
    void load() {
        TinyBert.write(directory, 1);
        model = Model.load(directory).backbone();
        adapter = directory.resolve("adapter");
    }

    private static Tensor hidden(Backbone model) {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            return model.forward(tape, TinyBert.BATCH).value().copy();
        }
    }

    private Attached trained() {
        Attached attached = new Toy().attach(model, new Toy.Config(List.of("query", "dense")), 1);
        assertThat(attached.parameterCount()).isEqualTo(3 * (16 + 16 + 24 + 16)).isEqualTo(model.trainableCount());
        Optimizer optimizer = new Optimizer(Rule.adamW(),
                List.of(new ParameterGroup(attached.parameters(), 0.05, 0)));
        double[] losses = IntStream.range(0, 10).mapToDouble(_ -> step(optimizer)).toArray();
        for (int i = 1; i < losses.length; i++) {
            assertThat(losses[i]).as("step %d", i).isLessThan(losses[i - 1]);
        }
        assertThat(losses[9]).isLessThan(0.8 * losses[0]);
        return attached;
    }

    private double step(Optimizer optimizer) {
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace(), 5)) {
            Variable loss = Losses.crossEntropy(tape, model.forward(tape, TinyBert.BATCH), LABELS);
            tape.backward(loss);
            optimizer.step(1);
            return loss.item();
        }
    }

    @Test
    void aClassIsAllItTakes() {
        Tensor base = hidden(model);
        Map<String, Tensor> weights = new LinkedHashMap<>();
        model.namedParameters().forEach((path, parameter) -> weights.put(path, parameter.value().copy()));
        Attached attached = trained();
        assertThat(attached.duties()).isEmpty();
        Tensor adapted = hidden(model);

        Map<String, WeightChange> changes = attached.merge();
        assertThat(changes).hasSize(12).allSatisfy((path, change) -> assertThat(change.relative()).isPositive());
        assertThat(attached.merged()).isTrue();
        assertClose("merged", hidden(model), adapted, 1e-5, 0);
        attached.unmerge();
        assertThat(attached.merged()).isFalse();
        assertSameBits("unmerged", hidden(model), adapted);

        Peft.save(attached, "base", "sha256:1", adapter, WITH_TOY);
        assertThat(Json.readObject(adapter.resolve("adapter_config.json"))).containsEntry("peft_type", "TOY")
                .containsEntry("base_model_name_or_path", "base").containsKey("target_modules");
        attached.merge();
        attached.detach();
        assertSameBits("detached", hidden(model), base);
        assertThat(model.namedParameters().keySet()).isEqualTo(weights.keySet());
        model.namedParameters().forEach((path, parameter) -> assertSameBits(path, parameter.value(),
                weights.get(path)));

        Backbone other = Model.load(directory).backbone();
        Attached read = Peft.load(other, adapter, "sha256:1", WITH_TOY);
        assertSameBits("read", hidden(other), adapted);
        assertThat(other.trainableCount()).isZero();
        assertThatThrownBy(() -> Peft.load(other, adapter, null, WITH_TOY)).isInstanceOf(IllegalStateException.class);
        read.unfreeze();
        assertThat(other.trainableCount()).isEqualTo(read.parameterCount());
    }

    @Test
    void aTaskModelKnowsWhatIsAttached() {
        TaskModel<?, ?, ?> task = TaskModel.of(Model.load(directory), Tasks.classification(List.of("a", "b")), 1);
        Attached attached = new Toy().attach(task, new Toy.Config(List.of("query")), 1);
        assertThat(attached.root()).isSameAs(task.peftRoot());
        assertThat(task.attachment()).isSameAs(attached);
        Path run = directory.resolve("run");
        TaskFiles formats = TaskFiles.standard().with(new PeftFormat(WITH_TOY));
        assertThatThrownBy(() -> task.save(run)).isInstanceOf(InputException.class).hasMessage(run.resolve("adapter")
                + ": write: nothing here writes these adapters");
        task.save(run, formats);
        assertThat(TaskModel.load(run, null, LoadOptions.STANDARD, formats).attachment()).isInstanceOf(Attached.class);
        attached.detach();
        assertThat(task.attachment()).isNull();
        Attached lora = AdapterMethods.LORA.attach(task, LoraConfig.lora().targets("query").build(), 1);
        assertThat(task.attachment()).isSameAs(lora);
    }

    @Test
    void whoDoesNotKnowTheMethodRefusesIt() {
        Attached attached = trained();
        assertThatThrownBy(() -> Peft.save(attached, "base", null, adapter))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("peft_type: \"TOY\" is not one of ADALORA, LORA");
        Peft.save(attached, "base", null, adapter, WITH_TOY);
        attached.detach();
        String refusal = adapter.resolve("adapter_config.json")
                + ": peft_type: \"TOY\" is not one of ADALORA, LORA";
        assertThatThrownBy(() -> Peft.load(model, adapter)).isInstanceOf(InputException.class).hasMessage(refusal);
        assertThatThrownBy(() -> Peft.read(model, adapter)).isInstanceOf(InputException.class).hasMessage(refusal);
        assertThatThrownBy(() -> Peft.config(adapter)).isInstanceOf(InputException.class).hasMessage(refusal);
    }

    @Test
    void theOthersAreKnownAsBefore() {
        Attached attached = AdapterMethods.LORA.attach(model, LoraConfig.lora().targets("query").build(), 3);
        Tensor adapted = hidden(model);
        Peft.save(attached, "base", null, adapter, WITH_TOY);
        attached.detach();
        Peft.load(model, adapter, null, WITH_TOY);
        assertSameBits("lora", hidden(model), adapted);
        Backbone same = Model.load(directory).backbone();
        assertThat(Lora.attach(same, LoraConfig.lora().targets("query").build(), 3).parameters().keySet())
                .isEqualTo(attached.parameters().keySet());
    }

    @Test
    void whatACodecRefusesNamesTheFile() {
        Attached attached = trained();
        Peft.save(attached, "base", null, adapter, WITH_TOY);
        attached.detach();
        Tensor base = hidden(model);
        Path file = adapter.resolve("adapter_model.safetensors");
        Safetensors.write(file, Map.of("more", Tensor.zeros(1)), Map.of("format", "pt"));
        assertThatThrownBy(() -> Peft.load(model, adapter, null, WITH_TOY)).isInstanceOf(InputException.class)
                .hasMessageStartingWith(file + ": base_model.model.encoder.layer.0.")
                .hasMessageEndingWith("a scale for each output is expected");
        assertSameBits("refused", hidden(model), base);
    }
}
