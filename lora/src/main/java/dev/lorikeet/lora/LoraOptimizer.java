package dev.lorikeet.lora;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.settings.Kind;
import dev.lorikeet.transformer.settings.Section;
import dev.lorikeet.transformer.settings.Setting;
import dev.lorikeet.transformer.settings.Settings;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.training.OptimizerPlan;
import dev.lorikeet.transformer.training.OptimizerType;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * How the factors of LoRA are updated where it is not as all else: settings that stand among {@link TrainingSettings},
 * and the plan that follows from both. {@link LoraPlus} and {@link LoraFa} have PEFT's own forms, which know one rate.
 */
public final class LoraOptimizer {
    private static final Section SECTION = new Section("training");

    public static final Setting<Double> LORA_PLUS_RATIO = SECTION.setting("lora-plus-ratio",
            Kind.number("a number above 0", value -> value > 0 && value <= Float.MAX_VALUE), 1.0,
            "LoRA+: the rate of B in terms of the adapter-rate, which is A's, as PEFT's loraplus_lr_ratio; 16 in the "
                    + "paper.");
    public static final Setting<Boolean> LORA_FA = SECTION.setting("lora-fa", Kind.flag(), false,
            "LoRA-FA: A stays as it was drawn, and B follows what comes nearest to a step on the whole weight.");

    /** All of them. */
    public static final List<Setting<?>> ALL = SECTION.settings();

    private LoraOptimizer() {}

    /**
     * What the settings say, for {@link dev.lorikeet.transformer.training.Trainer#plan}. Where they ask for LoRA-FA,
     * every A is frozen from now on.
     *
     * @param own with a value of each of {@link #ALL}
     * @throws InputException if the settings do not go together, or not with what is attached to the model
     */
    public static OptimizerPlan plan(TaskModel<?, ?, ?> model, TrainingSettings training, Settings own) {
        double ratio = own.get(LORA_PLUS_RATIO);
        boolean fa = own.get(LORA_FA);
        if (ratio == 1 && !fa) {
            return OptimizerPlan.of(training);
        }
        Setting<?> asked = fa ? LORA_FA : LORA_PLUS_RATIO;
        if (!(model.attachment() instanceof LoraAdapter adapter)
                || !adapter.config().initialization().trainsB() || adapter.layers().isEmpty()) {
            throw new InputException(asked.name() + ": the model has no adapter whose B is trained");
        }
        if (!fa) {
            Set<Parameter> b = Collections.newSetFromMap(new IdentityHashMap<>());
            adapter.layers().values().forEach(layer -> b.add(layer.b()));
            return OptimizerPlan.of(training).scaled(_ -> parameter -> b.contains(parameter) ? ratio : 1);
        }
        if (ratio != 1) {
            throw new InputException(LORA_PLUS_RATIO.name() + ": does not go with " + LORA_FA.key()
                    + ", which trains B alone");
        }
        if (adapter.allocator() != null) {
            throw new InputException(LORA_FA.name() + ": does not go with AdaLoRA, whose A is trained");
        }
        if (training.optimizer() != OptimizerType.ADAMW) {
            throw new InputException(TrainingSettings.OPTIMIZER.name() + ": LoRA-FA has "
                    + OptimizerType.ADAMW.fileName() + ", not " + training.optimizer().fileName());
        }
        return LoraFa.plan(adapter, training);
    }
}
