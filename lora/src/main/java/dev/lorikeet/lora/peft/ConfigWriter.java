package dev.lorikeet.lora.peft;

import dev.lorikeet.autograd.nn.Linear.Layout;
import dev.lorikeet.lora.DrawnInitialization;
import dev.lorikeet.lora.EvaInitialization;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraLinear;
import dev.lorikeet.lora.ModuleSelection;
import dev.lorikeet.lora.PathPatterns;
import dev.lorikeet.lora.Scaling;
import dev.lorikeet.lora.WeightInitialization;
import dev.lorikeet.lora.rank.AdaLora;
import dev.lorikeet.lora.rank.AdaLoraAllocator;
import dev.lorikeet.transformer.io.InputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What {@code adapter_config.json} says of an adapter of the LoRA family: every field that PEFT writes. */
final class ConfigWriter {
    private ConfigWriter() {}

    /** @throws InputException if PEFT has no field for what the adapter does */
    static SortedMap<String, @Nullable Object> fields(LoraAdapter adapter) {
        LoraConfig config = adapter.config();
        if (!config.fused().isEmpty()) {
            throw new InputException(
                    "fused: PEFT has no adapters for parts of a layer; toPlain() makes one for all of it");
        }
        SortedMap<String, @Nullable Object> fields = PeftFields.defaults();
        fields.put(CommonFields.TASK_TYPE, config.taskType() == null ? null : config.taskType().name());
        fields.put("r", config.rank());
        fields.put("lora_alpha", number(config.alpha()));
        fields.put("lora_dropout", config.dropout());
        fields.put("fan_in_fan_out", adapter.layers().values().stream()
                .anyMatch(layer -> layer instanceof LoraLinear linear && linear.linear().layout() == Layout.IN_OUT));
        fields.put("bias", PeftFields.name(config.bias()));
        fields.put("lora_bias", config.loraBias());
        fields.put("use_dora", config.dora());
        fields.put("trainable_token_indices", tokens(config.trainableTokens()));
        fields.put("use_rslora", config.scaling() == Scaling.RSLORA);
        fields.put("init_lora_weights", initialization(config));
        if (config.initialization() instanceof EvaInitialization eva) {
            fields.put("eva_config", PeftFields.eva(eva));
        }
        fields.put("target_modules", selection(config.targets(), adapter));
        fields.put("exclude_modules", config.excludes() == null ? null : selection(config.excludes(), adapter));
        fields.put("layers_to_transform", orNull(config.layersToTransform()));
        fields.put("layers_pattern", orNull(config.layersPattern()));
        fields.put("modules_to_save", orNull(config.modulesToSave()));
        fields.put("rank_pattern", sorted(config.rankPattern(), adapter, config::rankOf, config.rank()));
        Map<String, @Nullable Object> alphas = new LinkedHashMap<>();
        sorted(config.alphaPattern(), adapter, config::alphaOf, config.alpha())
                .forEach((regex, alpha) -> alphas.put(regex, number(alpha)));
        fields.put("alpha_pattern", alphas);
        if (adapter.allocator() != null) {
            putAdaLora(adapter, adapter.allocator(), fields);
        } else if (config.scaling() instanceof Scaling.Custom(double factor)) {
            putAlphasOf(factor, adapter, fields);
        }
        return fields;
    }

    /** What AdaLoRA has instead of a rank, and the α that makes PEFT's factor of it the adapter's. */
    private static void putAdaLora(LoraAdapter adapter, AdaLoraAllocator allocator,
            Map<String, @Nullable Object> fields) {
        AdaLora settings = allocator.settings();
        if (settings.totalSteps() == 0) {
            throw new InputException("totalSteps (total_step): is not known before a run has begun, and PEFT needs it");
        }
        fields.putAll(PeftFields.of(settings));
        Map<String, boolean[]> kept = AdaLoraTensors.kept(adapter, allocator);
        Map<String, Object> masks = new TreeMap<>();
        kept.forEach((path, mask) -> {
            List<Boolean> values = new ArrayList<>();
            for (boolean keep : mask) {
                values.add(keep);
            }
            masks.put(path + ConfigReader.LAMBDAS, values);
        });
        fields.put("rank_pattern", masks.isEmpty() ? null : masks);
        if (adapter.config().scaling() != Scaling.LORA) {
            int rank = settings.initialRank();
            fields.put("lora_alpha", adapter.config().scaling(rank, adapter.config().alpha()) * (rank + 1e-5));
            fields.put("use_rslora", false);
        }
    }

    /** The α of each rank that makes α/r the factor. */
    private static void putAlphasOf(double factor, LoraAdapter adapter, Map<String, @Nullable Object> fields) {
        int rank = adapter.config().rank();
        fields.put("lora_alpha", number(factor * rank));
        Map<String, Object> alphas = new TreeMap<>();
        adapter.layers().forEach((path, layer) -> {
            if (layer.rank() != rank) {
                alphas.put(PathPatterns.patternOf(path), number(factor * layer.rank()));
            }
        });
        fields.put("alpha_pattern", alphas);
    }

    private static @Nullable Object tokens(Map<String, List<Integer>> tokens) {
        List<Integer> inputs = tokens.get(LoraConfig.INPUT_EMBEDDING);
        return tokens.isEmpty() ? null : inputs != null ? inputs : new TreeMap<>(tokens);
    }

    private static Object initialization(LoraConfig config) {
        return switch (config.initialization()) {
            case DrawnInitialization.KAIMING -> true;
            case DrawnInitialization.NONE -> false;
            case DrawnInitialization.GAUSSIAN -> "gaussian";
            case DrawnInitialization.ORTHOGONAL -> "orthogonal";
            case WeightInitialization.Pissa _ -> "pissa";
            case WeightInitialization.FastPissa(int iterations) -> "pissa_niter_" + iterations;
            case WeightInitialization.Olora _ -> "olora";
            case WeightInitialization.Mica _ -> "mica";
            case EvaInitialization _ -> "eva";
        };
    }

    /**
     * PEFT writes {@code all-linear} as the layers it found. Their whole paths are written here, never suffixes: the
     * reader's copy of the base may have a pooler that this one lacks, and {@code dense} would match it.
     */
    private static Object selection(ModuleSelection selection, LoraAdapter adapter) {
        return switch (selection) {
            case ModuleSelection.Names names -> names.names();
            case ModuleSelection.Expression expression -> expression.expression().toString();
            case ModuleSelection.AllLinear _ -> List.copyOf(adapter.layers().keySet());
        };
    }

    /**
     * Patterns in PEFT's order. PEFT sorts them when it writes, so where the order decides which one wins, the file
     * would mean another adapter: then the layers are written one by one.
     */
    private static <T> Map<String, T> sorted(Map<String, T> patterns, LoraAdapter adapter, Function<String, T> resolve,
            T otherwise) {
        Map<String, T> result = new TreeMap<>(patterns);
        boolean same = adapter.layers().keySet().stream()
                .allMatch(path -> PathPatterns.firstMatch(result, path, otherwise).equals(resolve.apply(path)));
        if (!same) {
            result.clear();
            adapter.layers().keySet().forEach(path -> result.put(PathPatterns.patternOf(path), resolve.apply(path)));
        }
        return result;
    }

    /** As Python writes it: 16, not 16.0. */
    private static Object number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9 ? (Object) (int) value : (Object) value;
    }

    private static @Nullable Object orNull(List<?> list) {
        return list.isEmpty() ? null : list;
    }
}
