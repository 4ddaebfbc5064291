package dev.lorikeet.lora;

import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.transformer.training.OptimizerPlan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * LoRA+ (Hayou et al. 2024): B learns faster than A, which is another group of the optimizer. The groups are those of
 * PEFT's {@code create_loraplus_optimizer}.
 *
 * @param rate the peak learning rate of A, and of matrices that are no adapter's
 * @param ratio B's rate in terms of A's, as is that of biases and norms: 16 in the paper [loraplus_lr_ratio]
 * @param embeddingRate that of embeddings; 1e-6 in PEFT [loraplus_lr_embedding]
 * @param decay the weight decay of matrices; 0 in PEFT [loraplus_weight_decay]
 */
public record LoraPlus(double rate, double ratio, double embeddingRate, double decay) {
    private static final double EMBEDDING_RATE = 1e-6;

    /** With PEFT's defaults for the rest. */
    public LoraPlus(double rate, double ratio) {
        this(rate, ratio, EMBEDDING_RATE, 0);
    }

    /** AdamW on these groups, for {@link dev.lorikeet.transformer.training.Trainer#plan}. */
    public OptimizerPlan plan(double clipNorm) {
        return new OptimizerPlan(Rule.adamW(), this::groups, clipNorm);
    }

    /** The groups of what is trained in {@code model}: A, embeddings, B, and biases and norms, which do not decay. */
    public List<ParameterGroup> groups(Module model) {
        Map<String, Parameter> a = new LinkedHashMap<>();
        Map<String, Parameter> embeddings = new LinkedHashMap<>();
        Map<String, Parameter> b = new LinkedHashMap<>();
        Map<String, Parameter> plain = new LinkedHashMap<>();
        Map<String, Module> modules = model.namedModules();
        ParameterGroup.trained("", model).forEach((path, parameter) -> {
            String owner = path.substring(0, Math.max(0, path.lastIndexOf('.')));
            Map<String, Parameter> group = modules.get(owner) instanceof Embedding ? embeddings
                    : parameter.value().shape().rank() < 2 ? plain : path.contains("lora_B") ? b : a;
            group.put(path, parameter);
        });
        return List.of(new ParameterGroup(a, rate, decay), new ParameterGroup(embeddings, embeddingRate, decay),
                new ParameterGroup(b, rate * ratio, decay), new ParameterGroup(plain, rate * ratio, 0));
    }
}
