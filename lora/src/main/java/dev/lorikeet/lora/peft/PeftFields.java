package dev.lorikeet.lora.peft;

import dev.lorikeet.lora.Bias;
import dev.lorikeet.lora.EvaInitialization;
import dev.lorikeet.lora.rank.AdaLora;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The fields of {@code adapter_config.json} that are those of {@code peft_type} LORA and ADALORA, sorted as PEFT 0.21.2
 * writes them.
 */
final class PeftFields {
    static final String TARGET_R = "target_r";
    static final String INIT_R = "init_r";
    static final String TINIT = "tinit";
    static final String TFINAL = "tfinal";
    static final String DELTA_T = "deltaT";
    static final String BETA1 = "beta1";
    static final String BETA2 = "beta2";
    static final String ORTH_REG_WEIGHT = "orth_reg_weight";
    static final String TOTAL_STEP = "total_step";

    private PeftFields() {}

    /** As the field {@code bias} has it. */
    static String name(Bias bias) {
        return bias.name().toLowerCase(Locale.ROOT);
    }

    /** Every field of LoRA with its default, in a map of the caller's own. */
    static SortedMap<String, @Nullable Object> defaults() {
        SortedMap<String, @Nullable Object> fields = new TreeMap<>();
        for (String name : List.of("alora_invocation_tokens", "arrow_config", "corda_config", "eva_config",
                "exclude_modules", "kasa_config", "layer_replication", "layers_pattern",
                "layers_to_transform", "lora_ga_config", "megatron_config", "modules_to_save", "monteclora_config",
                "target_modules", "target_parameters", "trainable_token_indices", "use_bdlora",
                "velora_config")) {
            fields.put(name, null);
        }
        for (String name : List.of("ensure_weight_tying", "fan_in_fan_out", "lora_bias", "use_dora", "use_qalora",
                "use_rslora")) {
            fields.put(name, false);
        }
        for (String name : List.of("alpha_pattern", "loftq_config", "rank_pattern")) {
            fields.put(name, Map.of());
        }
        fields.put("bias", "none");
        fields.put("init_lora_weights", true);
        fields.put("lora_alpha", 8);
        fields.put("lora_dropout", 0.0);
        fields.put("megatron_core", "megatron.core");
        fields.put("qalora_group_size", 16);
        fields.put("r", 8);
        return fields;
    }

    /** The fields that only {@code peft_type} ADALORA has, as {@code settings} have them. */
    static Map<String, Object> of(AdaLora settings) {
        return Map.of(TARGET_R, settings.targetRank(), INIT_R, settings.initialRank(), TINIT, settings.initialSteps(),
                TFINAL, settings.finalSteps(), DELTA_T, settings.interval(), BETA1, settings.beta1(), BETA2,
                settings.beta2(), ORTH_REG_WEIGHT, settings.orthogonalWeight(), TOTAL_STEP, settings.totalSteps());
    }

    /** The fields of {@code eva_config}. */
    static SortedMap<String, Object> eva(EvaInitialization eva) {
        return new TreeMap<>(Map.of("rho", eva.rho(), "tau", eva.tau(), "use_label_mask", eva.useLabelMask(),
                "label_mask_value", eva.labelMaskValue(), "whiten", eva.whiten(), "adjust_scaling_factors",
                eva.adjustScalingFactors()));
    }
}
