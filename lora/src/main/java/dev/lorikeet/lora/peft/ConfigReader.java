package dev.lorikeet.lora.peft;

import dev.lorikeet.lora.Bias;
import dev.lorikeet.lora.EvaInitialization;
import dev.lorikeet.lora.Initialization;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraConfigBuilder;
import dev.lorikeet.lora.ModuleSelection;
import dev.lorikeet.lora.PeftCodec;
import dev.lorikeet.lora.TaskType;
import dev.lorikeet.lora.WeightInitialization;
import dev.lorikeet.lora.rank.AdaLora;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code adapter_config.json}. Fields that are absent have PEFT's defaults. A field this project does not
 * implement, or does not know, must be null, false or empty: otherwise it changes the mathematics.
 */
final class ConfigReader {
    /**
     * What says nothing about the mathematics, or only together with a field that would be refused.
     * {@code fan_in_fan_out} is one: where it is not the layout of a layer, PEFT goes by the layer.
     */
    private static final Set<String> WITHOUT_EFFECT = Set.of("fan_in_fan_out", "megatron_core", "qalora_group_size",
            "runtime_config");
    private static final Set<String> IMPLEMENTED = Set.of("alpha_pattern", "bias", "exclude_modules",
            "init_lora_weights", "layers_pattern", "layers_to_transform", "lora_alpha", "lora_bias", "lora_dropout",
            "modules_to_save", "r", "rank_pattern", "target_modules", "trainable_token_indices", "use_dora",
            "use_rslora");

    private static final Pattern FAST_PISSA = Pattern.compile("pissa_niter_(\\d{1,9})");
    private static final String TOKENS = "trainable_token_indices";

    private static final String RANKS = "rank_pattern";
    /** What stands behind a module's path in the names of AdaLoRA's masks. */
    static final String LAMBDAS = ".lora_E";

    private final JsonObject json;
    private final boolean adaptive;

    private ConfigReader(JsonObject json) {
        this.json = json;
        adaptive = json.string("peft_type").equals(LoraConfig.ADALORA);
    }

    /**
     * The configuration in {@code json}, of peft_type LORA or ADALORA.
     *
     * @throws InputException naming the field that is missing, wrong or not supported
     */
    static LoraConfig read(JsonObject json) {
        ConfigReader reader = new ConfigReader(json);
        reader.refuseWhatIsNotImplemented();
        return reader.config();
    }

    /**
     * Which triplets an AdaLoRA adapter has kept, by the modules' paths; null where all are there, or it is none.
     *
     * @throws InputException if a mask is none
     */
    static @Nullable Map<String, boolean[]> masks(JsonObject json) {
        ConfigReader reader = new ConfigReader(json);
        return reader.adaptive && json.has(RANKS) ? kept(json.object(RANKS)) : null;
    }

    private static Map<String, boolean[]> kept(JsonObject patterns) {
        Map<String, boolean[]> masks = new LinkedHashMap<>();
        for (String name : patterns.fields().keySet()) {
            if (!name.endsWith(LAMBDAS)) {
                throw patterns.error(name, "the name of a " + LAMBDAS + " is expected");
            }
            if (!(patterns.fields().get(name) instanceof List<?> list)) {
                throw patterns.error(name, "a list of true and false is expected");
            }
            boolean[] mask = new boolean[list.size()];
            for (int i = 0; i < mask.length; i++) {
                if (!(list.get(i) instanceof Boolean keep)) {
                    throw patterns.error(name, "true and false are expected, not " + list.get(i));
                }
                mask[i] = keep;
            }
            masks.put(name.substring(0, name.length() - LAMBDAS.length()), mask);
        }
        return masks;
    }

    private void refuseWhatIsNotImplemented() {
        Map<String, @Nullable Object> defaults = PeftFields.defaults();
        Set<String> ofAdaLora = adaptive ? PeftFields.of(AdaLora.defaults()).keySet() : Set.of();
        json.fields().forEach((name, value) -> {
            boolean ours = IMPLEMENTED.contains(name) || WITHOUT_EFFECT.contains(name)
                    || PeftCodec.COMMON_FIELDS.contains(name) || ofAdaLora.contains(name)
                    || (name.equals("eva_config") && "eva".equals(json.fields().get("init_lora_weights")));
            // An empty object switches a method on, with that method's defaults, where PEFT's default is null.
            boolean switchedOn = value instanceof Map && defaults.containsKey(name) && defaults.get(name) == null;
            if (!ours && (switchedOn || !isEmpty(value))) {
                throw json.error(name, (defaults.containsKey(name) ? "is not supported so far" : "is an unknown field")
                        + " and may change the mathematics, so it must be null, false or empty");
            }
        });
        json.flag("inference_mode", true);
        json.flag("fan_in_fan_out", false);
    }

    private static boolean isEmpty(@Nullable Object value) {
        return switch (value) {
            case null -> true;
            case Boolean flag -> !flag;
            case String text -> text.isEmpty();
            case Collection<?> list -> list.isEmpty();
            case Map<?, ?> map -> map.isEmpty();
            default -> false;
        };
    }

    private LoraConfig config() {
        LoraConfigBuilder builder = json.flag("use_rslora", false) ? LoraConfig.rslora() : LoraConfig.lora();
        if (json.fields().containsKey("r")) {
            builder.rank(json.integer("r"));
        }
        if (json.fields().containsKey("lora_alpha")) {
            builder.alpha(json.number("lora_alpha"));
        }
        ModuleSelection targets = selection("target_modules");
        if (targets == null) {
            throw json.error("target_modules", "is missing, a list of names or a regular expression is expected");
        }
        builder.targets(targets).excludes(selection("exclude_modules"))
                .dropout(json.number("lora_dropout", 0)).initialization(initialization()).taskType(taskType())
                .layersToTransform(integers(json, "layers_to_transform")).layersPattern(strings("layers_pattern"))
                .modulesToSave(strings("modules_to_save").toArray(String[]::new)).bias(bias())
                .loraBias(json.flag("lora_bias", false)).dora(json.flag("use_dora", false));
        tokens().forEach(builder::trainableTokens);
        if (adaptive) {
            builder.adaLora(adaLora());
            return builder.build();
        }
        patterns(RANKS, (patterns, regex) -> builder.rankPattern(regex, patterns.integer(regex)));
        patterns("alpha_pattern", (patterns, regex) -> builder.alphaPattern(regex, patterns.number(regex)));
        return builder.build();
    }

    private AdaLora adaLora() {
        for (String field : List.of("use_rslora", "alpha_pattern")) {
            if (!isEmpty(json.fields().get(field))) {
                throw json.error(field, "PEFT does without it for ADALORA, so that nobody knows what is meant");
            }
        }
        if (!json.has(PeftFields.TOTAL_STEP) || json.integer(PeftFields.TOTAL_STEP) == 0) {
            throw json.error(PeftFields.TOTAL_STEP, "the number of steps is expected");
        }
        AdaLora defaults = AdaLora.defaults();
        return new AdaLora(json.integer(PeftFields.TARGET_R, defaults.targetRank()),
                json.integer(PeftFields.INIT_R, defaults.initialRank()),
                json.integer(PeftFields.TINIT, defaults.initialSteps()),
                json.integer(PeftFields.TFINAL, defaults.finalSteps()),
                json.integer(PeftFields.DELTA_T, defaults.interval()),
                json.number(PeftFields.BETA1, defaults.beta1()), json.number(PeftFields.BETA2, defaults.beta2()),
                json.number(PeftFields.ORTH_REG_WEIGHT, defaults.orthogonalWeight()),
                json.integer(PeftFields.TOTAL_STEP));
    }

    private interface PatternReader {
        void read(JsonObject patterns, String regex);
    }

    private void patterns(String field, PatternReader reader) {
        if (json.has(field)) {
            JsonObject patterns = json.object(field);
            patterns.fields().keySet().forEach(regex -> reader.read(patterns, regex));
        }
    }

    private @Nullable ModuleSelection selection(String field) {
        Object value = json.fields().get(field);
        if (!(value instanceof String text)) {
            return value == null ? null : new ModuleSelection.Names(strings(field));
        }
        if (text.equalsIgnoreCase("all-linear")) {
            return new ModuleSelection.AllLinear();
        }
        try {
            return new ModuleSelection.Expression(text);
        } catch (InputException e) {
            throw json.error(field, e.getMessage());
        }
    }

    private Initialization initialization() {
        Object value = json.fields().getOrDefault("init_lora_weights", true);
        if (value == null) {
            return Initialization.NONE; // to PEFT, null is as false
        }
        if (value instanceof Boolean flag) {
            return flag ? Initialization.KAIMING : Initialization.NONE;
        }
        String name = json.string("init_lora_weights");
        Matcher fast = FAST_PISSA.matcher(name);
        if (fast.matches()) {
            return new WeightInitialization.FastPissa(Integer.parseInt(fast.group(1)));
        }
        return switch (name) {
            case "gaussian" -> Initialization.GAUSSIAN;
            case "orthogonal" -> Initialization.ORTHOGONAL;
            case "pissa" -> new WeightInitialization.Pissa();
            case "olora" -> new WeightInitialization.Olora();
            case "mica" -> new WeightInitialization.Mica();
            case "eva" -> eva();
            default -> throw json.error("init_lora_weights", "true, false, \"gaussian\", \"orthogonal\", \"pissa\", "
                    + "\"pissa_niter_N\", \"olora\", \"mica\" and \"eva\" are supported so far, not \"" + value + "\"");
        };
    }

    private Initialization eva() {
        if (!json.has("eva_config")) {
            return EvaInitialization.DEFAULT;
        }
        JsonObject eva = json.object("eva_config");
        eva.allowOnly(PeftFields.eva(EvaInitialization.DEFAULT).keySet());
        EvaInitialization usual = EvaInitialization.DEFAULT;
        return new EvaInitialization(eva.number("rho", usual.rho()), eva.number("tau", usual.tau()),
                eva.flag("use_label_mask", usual.useLabelMask()),
                eva.integer("label_mask_value", usual.labelMaskValue()),
                eva.flag("whiten", usual.whiten()), eva.flag("adjust_scaling_factors", usual.adjustScalingFactors()));
    }

    private Bias bias() {
        String name = json.string("bias", "none");
        return Arrays.stream(Bias.values()).filter(bias -> PeftFields.name(bias).equals(name)).findFirst()
                .orElseThrow(() -> json.error("bias", "\"" + name + "\" is not one of none, all, lora_only"));
    }

    /** By the embedding's name; a list alone is that of the input's embedding. */
    private Map<String, List<Integer>> tokens() {
        if (!(json.fields().get(TOKENS) instanceof Map)) {
            List<Integer> indices = integers(json, TOKENS);
            return indices.isEmpty() ? Map.of() : Map.of(LoraConfig.INPUT_EMBEDDING, indices);
        }
        JsonObject names = json.object(TOKENS);
        Map<String, List<Integer>> tokens = new LinkedHashMap<>();
        names.fields().keySet().forEach(name -> tokens.put(name, integers(names, name)));
        return tokens;
    }

    private @Nullable TaskType taskType() {
        if (!json.has("task_type")) {
            return null;
        }
        String name = json.string("task_type");
        return TaskType.named(name).orElseThrow(() -> json.error("task_type", "\"" + name + "\" is not one of "
                + Shown.names(Arrays.stream(TaskType.values()).map(TaskType::name).toList())));
    }

    /** A list of strings, or one string alone; empty where the field is absent. */
    private List<String> strings(String field) {
        List<String> strings = new ArrayList<>();
        for (Object item : items(json, field)) {
            if (!(item instanceof String text)) {
                throw json.error(field, "names are expected, not " + item);
            }
            strings.add(text);
        }
        return strings;
    }

    /** A list of whole numbers, or one alone; empty where the field is absent. */
    private static List<Integer> integers(JsonObject object, String field) {
        List<Integer> integers = new ArrayList<>();
        for (Object item : items(object, field)) {
            if (!(item instanceof Integer number)) {
                throw object.error(field, "whole numbers are expected, not " + item);
            }
            integers.add(number);
        }
        return integers;
    }

    private static List<?> items(JsonObject object, String field) {
        Object value = object.fields().get(field);
        return value == null ? List.of() : value instanceof List<?> list ? list : List.of(value);
    }
}
