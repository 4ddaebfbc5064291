package dev.lorikeet.lora.peft;

import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.lora.Attached;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraLayer;
import dev.lorikeet.lora.LoraPlan;
import dev.lorikeet.lora.LoraSite;
import dev.lorikeet.lora.LoraWeights;
import dev.lorikeet.lora.PeftCodec;
import dev.lorikeet.lora.WeightInitialization;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.weights.TensorFile;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The files of the LoRA family. */
final class LoraCodec implements PeftCodec<LoraConfig> {
    private static final Logger LOG = System.getLogger(LoraCodec.class.getName());

    @Override
    public Set<String> peftTypes() {
        return Set.of(LoraConfig.LORA, LoraConfig.ADALORA);
    }

    @Override
    public LoraConfig config(JsonObject json) {
        return ConfigReader.read(json);
    }

    @Override
    public LoraAdapter attach(Module root, JsonObject json, TensorFile tensors) {
        return read(root, json, tensors).attach();
    }

    /** The adapter in two files, checked as {@link #attach} does, but not put on {@code model}. */
    static LoraWeights read(Module model, JsonObject json, TensorFile tensors) {
        LoraPlan plan = LoraPlan.of(model, ConfigReader.read(json), ConfigReader.masks(json));
        LoraWeights read = AdapterFile.read(tensors, plan);
        requireSameMeaning(plan.config(), plan.sites());
        warnOfSketch(plan.config());
        read.requireOwnStart();
        return read;
    }

    @Override
    public Contents contents(Attached attached) {
        LoraAdapter adapter = (LoraAdapter) attached;
        List<LoraSite> sites = adapter.layers().values().stream().map(LoraLayer::site).toList();
        requireSameMeaning(adapter.config(), sites);
        warnOfSketch(adapter.config());
        Map<String, @Nullable Object> fields = ConfigWriter.fields(adapter);
        return new Contents(fields, tensors(adapter, sites));
    }

    private static Map<String, Tensor> tensors(LoraAdapter adapter, List<LoraSite> sites) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Map<String, Parameter> parameters = adapter.namedParameters();
        parameters.forEach((path, parameter) -> tensors.put(PREFIX + TensorNames.inFile(path, sites),
                parameter.value()));
        if (adapter.allocator() != null) {
            AdaLoraTensors.kept(adapter, adapter.allocator()).forEach((path, kept) -> tensors
                    .replaceAll((name, tensor) -> name.startsWith(PREFIX + path + ".lora_")
                            ? AdaLoraTensors.part(tensor, name.substring((PREFIX + path + ".").length()), kept)
                            : tensor));
        }
        Set<String> saved = adapter.saved().keySet();
        TensorNames.again(adapter.config(), adapter.root(), saved)
                .forEach((name, path) -> tensors.put(PREFIX + name,
                        Objects.requireNonNull(parameters.get(path)).value()));
        TensorNames.ofBase(adapter.config(), adapter.root(), sites, saved)
                .forEach((name, path) -> tensors.put(PREFIX + name, adapter.original(path)));
        return tensors;
    }

    private static void warnOfSketch(LoraConfig config) {
        if (config.initialization() instanceof WeightInitialization.FastPissa) {
            LOG.log(Level.WARNING,
                    "pissa_niter_N: PEFT finds what was taken out of the base by new random numbers each time, "
                            + "so that the adapter is only as exact as those agree; Lora.toPlain makes one that needs "
                            + "none");
        }
    }

    /** PEFT decomposes the weight of {@code Conv1D} as it is stored, and takes another part of it out. */
    private static void requireSameMeaning(LoraConfig config, List<LoraSite> sites) {
        for (LoraSite site : sites) {
            if (config.initialization() instanceof WeightInitialization.Olora && site.module() instanceof Linear linear
                    && linear.layout() == Linear.Layout.IN_OUT) {
                throw new InputException("initialization (init_lora_weights): olora means something else to PEFT on "
                        + site.path() + ", a Conv1D layer; an adapter that Lora.toPlain converts does not");
            }
        }
    }
}
