package dev.lorikeet.cli.recipe;

import dev.lorikeet.cli.recipe.Method.Pattern;
import dev.lorikeet.cli.recipe.Method.Suffixes;
import dev.lorikeet.cli.recipe.Method.Targets;
import dev.lorikeet.lora.PathExpression;
import dev.lorikeet.lora.search.Selection;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.settings.Kind;
import dev.lorikeet.transformer.settings.Section;
import dev.lorikeet.transformer.settings.Setting;
import dev.lorikeet.transformer.settings.Settings;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The section {@code method} of a recipe: the methods, and the settings of each. */
final class MethodSettings {
    private static final Section SECTION = new Section("method");
    private static final Kind<Double> SHARE = Kind.number("a number in [0, 1)", value -> value >= 0 && value < 1);

    static final Setting<Integer> RANK = SECTION.setting("rank", Kind.whole(1), 8,
            "The adapters' rank, the highest that autolora may choose.");
    static final Setting<Integer> INITIAL_RANK = SECTION.setting("rank", Kind.whole(1), 12,
            "With adalora: the rank in the beginning.");
    static final Setting<Integer> TARGET_RANK = SECTION.setting("target-rank", Kind.whole(1), 8,
            "Of adalora: the mean rank in the end.");
    static final Setting<Double> ALPHA = SECTION.setting("alpha",
            Kind.number("a number above 0 and at most 1e6", value -> value > 0 && value <= 1e6), 16.0,
            "The numerator of the adapters' scaling.");
    static final Setting<String> SCALING = SECTION.setting("scaling",
            Kind.oneOf(List.of("lora", "rslora"), Function.identity()), "lora",
            "Of adalora and autolora: alpha/rank as lora, or alpha/√rank as rslora.");
    static final Setting<Double> DROPOUT = SECTION.setting("dropout", SHARE, 0.0,
            "The share of an adapter's input that is zeroed in training.");
    static final Setting<Targets> TARGETS = SECTION.setting("targets",
            new Kind<>("LAYERS", "all-linear, a regular expression, or a list of names of layers",
                    MethodSettings::targets, MethodSettings::written),
            new Pattern(Pattern.ALL_LINEAR),
            "The layers that get adapters: all-linear, the ends of their paths as a list "
                    + "(with commas between), or a regular expression for whole paths.");
    static final Setting<Double> INITIAL_SHARE = SECTION.setting("initial-share", SHARE, 0.1,
            "Of adalora: the share of the steps before ranks begin to fall.");
    static final Setting<Double> FINAL_SHARE = SECTION.setting("final-share", SHARE, 0.3,
            "Of adalora: the share of the steps, at the end, in which ranks no longer change.");
    static final Setting<Integer> MASK_INTERVAL = SECTION.setting("mask-interval", Kind.whole(1), 10,
            "Of adalora: every how many steps the lowest ranks are dropped.");
    static final Setting<Double> ORTHOGONAL_WEIGHT = SECTION.setting("orthogonal-weight", Kind.notNegative(), 0.5,
            "Of adalora: the weight of the penalty that keeps the terms of an adapter apart.");
    static final Setting<Integer> SEARCH_EPOCHS = SECTION.setting("search-epochs", Kind.whole(1), 3,
            "Of autolora: the epochs of the search.");
    static final Setting<Double> TRAINING_SHARE = SECTION.setting("training-share",
            Kind.number("a number in (0, 1)", value -> value > 0 && value < 1), 0.5,
            "Of autolora: the share of the examples that trains the adapters in the search; the rest chooses ranks.");
    static final Setting<Selection> SELECTION = SECTION.setting("selection",
            Kind.oneOf(List.of(Selection.values()), value -> value.name().toLowerCase(Locale.ROOT)), Selection.SOFTMAX,
            "Of autolora: how the selection variables of a layer hang together.");
    static final Setting<Double> SELECTION_RATE = SECTION.setting("selection-rate", Kind.notNegative(), 1e-3,
            "Of autolora: the learning rate of the selection variables.");

    /**
     * A method.
     *
     * @param settings those that it has, in the order in which they are written
     * @param rate the default of training.adapter-rate, or null for the usual: pretrained weights want smaller steps
     *     than adapters, which start at nothing
     */
    record MethodKind(String name, List<Setting<?>> settings, @Nullable Double rate,
            Function<Settings, Method> method) {}

    static final MethodKind RSLORA = new MethodKind("rslora", List.of(RANK, ALPHA, DROPOUT, TARGETS), null,
            settings -> new Method.Lora(true, settings));
    static final MethodKind FULL = new MethodKind("full", List.of(), 1e-4, Method.Full::new);
    static final List<MethodKind> METHODS = List.of(
            new MethodKind("lora", RSLORA.settings(), null, settings -> new Method.Lora(false, settings)), RSLORA,
            new MethodKind("adalora",
                    List.of(INITIAL_RANK, TARGET_RANK, ALPHA, SCALING, DROPOUT, TARGETS, INITIAL_SHARE,
                            FINAL_SHARE, MASK_INTERVAL, ORTHOGONAL_WEIGHT),
                    null, Method.AdaLora::new),
            new MethodKind("autolora", List.of(RANK, ALPHA, SCALING, DROPOUT, TARGETS, SEARCH_EPOCHS, TRAINING_SHARE,
                    SELECTION, SELECTION_RATE), null, Method.AutoLora::new),
            FULL);

    static final Setting<MethodKind> METHOD = new Setting<>("method", "name", Kind.oneOf(METHODS, MethodKind::name),
            RSLORA, "The adapters to train with, or full: every weight of the encoder, without adapters.");

    /** All, the name first. */
    static final List<Setting<?>> ALL = Stream.concat(Stream.of(METHOD), SECTION.settings().stream())
            .toList();

    private MethodSettings() {}

    /** Whether a method has a setting, or it is none of a method. */
    static boolean isOf(MethodKind method, Setting<?> setting) {
        return setting.equals(METHOD) || !ALL.contains(setting) || method.settings().contains(setting);
    }

    private static @Nullable Targets targets(Object given) {
        if (given instanceof List<?> list) {
            return !list.isEmpty() && list.stream().allMatch(item -> item instanceof String name && !name.isBlank())
                    ? new Suffixes(list.stream().map(String.class::cast).toList())
                    : null;
        }
        if (!(given instanceof String regex) || regex.isBlank()) {
            return null;
        }
        try {
            PathExpression.ofPath(regex);
        } catch (InputException e) {
            throw new IllegalArgumentException(e.getMessage().replace('"' + regex + '"', "it"), e);
        }
        return new Pattern(regex);
    }

    private static Object written(Targets targets) {
        return switch (targets) {
            case Pattern pattern -> pattern.regex();
            case Suffixes suffixes -> suffixes.names();
        };
    }
}
