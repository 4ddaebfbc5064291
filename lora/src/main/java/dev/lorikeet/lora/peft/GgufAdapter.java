package dev.lorikeet.lora.peft;

import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.lora.Factors;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraSite;
import dev.lorikeet.lora.LoraWeights;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.weights.DType;
import dev.lorikeet.transformer.weights.GgufNames;
import dev.lorikeet.transformer.weights.GgufWriter;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes an adapter of the LoRA family as the GGUF file that llama.cpp takes beside its base, {@code --lora FILE}. What
 * it has no place for is refused: whatever is more than s·B·A.
 *
 * <p>Source: llama.cpp's {@code convert_lora_to_gguf.py} and {@code llama-adapter.cpp}, whose factor on B·A is
 * {@code adapter.lora.alpha} by the rank of each tensor, so that a factor of another kind goes into B.
 */
public final class GgufAdapter {
    private final LoraWeights weights;
    private final GgufNames names;

    private GgufAdapter(LoraWeights weights, Model base) {
        this.weights = weights;
        this.names = base.ggufNames();
    }

    /**
     * Writes {@code adapter}; AdaLoRA, PiSSA and OLoRA as {@link LoraWeights#toPlain} says.
     *
     * @param base the model that it is on
     * @param dtype F32, F16, BF16 or Q8_0; as {@link GgufWriter#tensor} has it where rows are too short for that
     * @throws InputException if llama.cpp has no place for what it does or is on, or a number is not finite or too
     *     large for {@code dtype}
     */
    public static void write(LoraAdapter adapter, Model base, DType dtype, Path file) {
        String obstacle = obstacle(adapter, base);
        if (obstacle != null) {
            throw new InputException(obstacle);
        }
        new GgufAdapter(adapter.weights().toPlain(), base).write(dtype, file);
    }

    /** Why {@code adapter} cannot be written, as a person reads it; null where it can. */
    public static @Nullable String obstacle(LoraAdapter adapter, Model base) {
        String whole = base.ggufObstacle() != null ? base.ggufObstacle()
                : more(adapter.config(), !adapter.saved().isEmpty());
        if (whole != null) {
            return whole;
        }
        GgufNames names = base.ggufNames();
        return adapter.weights().plan().sites().stream().map(site -> obstacle(site, names)).filter(Objects::nonNull)
                .findFirst().orElse(null);
    }

    private static @Nullable String obstacle(LoraSite site, GgufNames names) {
        String name = names.named(site.path() + ".weight");
        if (!names.has(name)) {
            return "targets (target_modules): GGUF files of " + names.architecture() + " have no place for " + name;
        }
        boolean words = site.module() instanceof Embedding;
        return words && (names.tiesHead() || !names.of(name).equals("token_embd.weight"))
                ? "targets (target_modules): " + site.path() + " is an embedding " + (names.tiesHead()
                        ? "with a head tied to it, which llama.cpp would change too"
                        : "to which llama.cpp adds no adapter")
                : null;
    }

    private static @Nullable String more(LoraConfig config, boolean trainsBase) {
        String field = config.dora() ? "dora (use_dora)"
                : config.loraBias() ? "loraBias (lora_bias)"
                        : !config.trainableTokens().isEmpty() ? "trainableTokens (trainable_token_indices)"
                                : trainsBase ? "modulesToSave (modules_to_save) or bias" : "";
        return field.isEmpty() ? null
                : field + ": a GGUF adapter is B·A alone, and has no place for it; merge writes a whole model";
    }

    private void write(DType dtype, Path file) {
        float alpha = alpha();
        GgufWriter writer = new GgufWriter(names.architecture());
        writer.put("general.type", "adapter");
        writer.put("adapter.type", "lora");
        writer.put("adapter.lora.alpha", alpha);
        writer.fileType(dtype);
        for (LoraSite site : weights.plan().sites()) {
            String name = names.named(site.path() + ".weight");
            String stored = names.of(name);
            Factors factors = weights.factors(site);
            Tensor a = site.module() instanceof Embedding ? turned(factors.a()) : factors.a();
            Tensor b = names.rows(name, times(factors.b(), strength(site) / alpha));
            writer.tensor(stored + ".lora_a", a.shape(), dtype, () -> a);
            writer.tensor(stored + ".lora_b", b.shape(), dtype, () -> b);
        }
        writer.write(file);
    }

    /** What the file says of all: that of the first which does anything, as 0 would mean a factor of 1. */
    private float alpha() {
        return weights.plan().sites().stream().map(GgufAdapter::strength).filter(strength -> strength != 0).findFirst()
                .orElse(1f);
    }

    /** α, where the factor is α/r; α·√r of rsLoRA. */
    private static float strength(LoraSite site) {
        return (float) (site.scaling() * (double) site.rank());
    }

    private static Tensor times(Tensor b, float factor) {
        if (factor == 1) {
            return b;
        }
        Tensor scaled = b.copy();
        Elementwise.scale(scaled, factor, scaled);
        return scaled;
    }

    private Tensor turned(Tensor a) {
        Tensor turned = Tensor.zeros(a.dim(1), a.dim(0));
        Matmul.transpose(weights.plan().compute(), a, turned);
        return turned;
    }
}
