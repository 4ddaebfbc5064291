package dev.lorikeet.cli.recipe;

import dev.lorikeet.cli.recipe.MethodSettings.MethodKind;
import dev.lorikeet.transformer.data.TableFormat;
import dev.lorikeet.transformer.io.FileNames;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.model.ModelName;
import dev.lorikeet.transformer.settings.Setting;
import dev.lorikeet.transformer.settings.Settings;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes a recipe of a file's tree of keys and of flags, which go before it. Everything is checked when both are
 * together, and what is wrong is named as it was given: {@code --epochs}, or {@code recipe.yaml: training.epochs}.
 */
final class RecipeReader {
    private static final List<String> SECTIONS = List.of("data", "method", "training", "generation",
            "compute", "tracking");

    private static final String PAIR_ALONE = "goes with a text-column, which is the first of a pair";

    private final @Nullable Path file;
    private final Path folder;
    private final Map<String, ?> tree;
    private final Map<String, ?> flags;
    /** The method of the tree, whatever the flags say. */
    private final MethodKind old;

    /**
     * @param file for messages, or null where there is none but the flags
     * @param folder what relative paths in the tree start from
     * @param tree keys and values, those of a section in a map of their own
     * @param flags values by the full names of settings; paths start from the working directory
     */
    RecipeReader(@Nullable Path file, Path folder, Map<String, ?> tree, Map<String, ?> flags) {
        this.file = file;
        this.folder = folder;
        this.tree = tree;
        this.flags = flags;
        Object name = section("method").get("name");
        MethodKind named = name == null ? null : MethodSettings.METHOD.kind().reader().apply(name);
        this.old = named == null ? MethodSettings.RSLORA : named;
    }

    /** @throws InputException if a key is unknown or missing, or a value wrong */
    Recipe read() {
        boolean files = isGiven(RecipeSettings.TRAIN) || isGiven(RecipeSettings.TEST);
        boolean cron = !files && with(Settings.of(List.of(RecipeSettings.SOURCE)), RecipeSettings.SOURCE)
                .get(RecipeSettings.SOURCE).equals("cron");
        MethodKind method = with(Settings.of(List.of(MethodSettings.METHOD)), MethodSettings.METHOD)
                .get(MethodSettings.METHOD);
        List<Setting<?>> known = RecipeSettings.ALL.stream()
                .filter(setting -> RecipeSettings.isOf(files, cron, setting) && MethodSettings.isOf(method, setting))
                .toList();
        requireKnown(known, method);
        Settings values = Settings.of(known);
        if (method.rate() != null) {
            values = values.with(TrainingSettings.ADAPTER_RATE, method.rate());
        }
        if (!files && !isGiven(RecipeSettings.SOURCE)) {
            values = values.with(TrainingSettings.CLIP_NORM, 0.0); // its figures are of before clipping was the default
        }
        if (isGiven(RecipeSettings.VALIDATION)) {
            values = values.with(TrainingSettings.KEEP_BEST, true);
        }
        for (Setting<?> setting : known) {
            if (isGiven(setting) && !isOfOtherMethod(setting, method)) {
                values = with(values, setting);
            }
        }
        requireTogether(values);
        return new Recipe(values);
    }

    /**
     * As {@link #read}, of a run that begins: what it goes on from says what is of model and method.
     *
     * @throws InputException also if a key or a flag says otherwise
     */
    Recipe begin() {
        Path from = with(Settings.of(List.of(RecipeSettings.FROM)), RecipeSettings.FROM).find(RecipeSettings.FROM);
        if (from == null) {
            return read();
        }
        String model = isGiven(RecipeSettings.MODEL) ? with(Settings.of(List.of(RecipeSettings.MODEL)),
                RecipeSettings.MODEL).get(RecipeSettings.MODEL) : null;
        Map<String, Object> all = new LinkedHashMap<>(flags);
        Map<String, Object> own = Origin.of(from, "from").settings(model);
        for (Setting<?> setting : RecipeSettings.ALL) {
            if (setting.equals(RecipeSettings.MODEL) || own.containsKey(setting.name()) && !isGiven(setting)) {
                all.put(setting.name(), Objects.requireNonNull(own.get(setting.name())));
            } else if (own.containsKey(setting.name())) {
                requireSame(setting, own.get(setting.name()), from);
            }
        }
        return new RecipeReader(file, folder, tree, all).read();
    }

    /** What adapters are is in their weights; what is dropped of them while they are trained is not. */
    private <T> void requireSame(Setting<T> setting, @Nullable Object own, Path from) {
        if (setting.equals(MethodSettings.DROPOUT) || setting.equals(MethodSettings.TARGETS)) {
            return; // other names may mean the same layers, which the model tells
        }
        T said = with(Settings.of(List.of(setting)), setting).get(setting);
        if (!said.equals(setting.read(own))) {
            throw error(setting, "is " + Shown.value(setting.kind().writer().apply(said)) + ", and " + Shown.value(own)
                    + " in " + from + ", from whose weights the training goes on");
        }
    }

    /** @throws InputException if a value is wrong, or a pair has no first text */
    Recipe.Table table() {
        Settings values = Settings.of(RecipeSettings.TABLE);
        for (Setting<?> setting : RecipeSettings.TABLE) {
            values = with(values, setting);
        }
        String text = values.find(RecipeSettings.TEXT_COLUMN);
        String pair = values.find(RecipeSettings.PAIR_COLUMN);
        if (pair != null && text == null) {
            throw error(RecipeSettings.PAIR_COLUMN, PAIR_ALONE);
        }
        String delimiter = values.find(RecipeSettings.DELIMITER);
        return new Recipe.Table(new TableFormat(values.get(RecipeSettings.HEADER),
                delimiter == null ? null : delimiter.charAt(0)),
                text == null ? List.of() : pair == null ? List.of(text) : List.of(text, pair));
    }

    private boolean isGiven(Setting<?> setting) {
        return flags.containsKey(setting.name()) || section(setting.section()).containsKey(setting.key());
    }

    /** Whether the tree has the setting for its own method, and the flags say another, which has one of its own. */
    private boolean isOfOtherMethod(Setting<?> setting, MethodKind method) {
        boolean same = setting.equals(TrainingSettings.ADAPTER_RATE) ? Objects.equals(old.rate(), method.rate())
                : old.settings().contains(setting)
                        || old.settings().stream().noneMatch(s -> s.name().equals(setting.name()));
        return !same && old != method && !flags.containsKey(setting.name());
    }

    private <T> Settings with(Settings values, Setting<T> setting) {
        if (!isGiven(setting)) {
            return values;
        }
        try {
            if (!flags.containsKey(setting.name())) {
                return values.with(setting, setting.read(placed(setting, section(setting.section()).get(setting.key()),
                        folder)));
            }
            return values.with(setting, setting.readFlag(placed(setting, flags.get(setting.name()), Path.of(""))));
        } catch (IllegalArgumentException e) {
            throw error(setting, String.valueOf(e.getMessage()));
        }
    }

    /** A value as it is, a path as it is from the folder. */
    private @Nullable Object placed(Setting<?> setting, @Nullable Object given, Path from) {
        if (RecipeSettings.FILES.contains(setting) || setting.equals(RecipeSettings.VALIDATION) && !isNumber(given)) {
            return DataPaths.placed(given, from, rule -> error(setting, rule));
        }
        boolean path = setting.equals(RecipeSettings.FROM) || setting.equals(RecipeSettings.MODEL)
                && given instanceof String name && isPath(name, from);
        return path && given instanceof String text && !text.isBlank()
                ? FileNames.resolve(from, text, rule -> error(setting, rule)).normalize().toString()
                : given;
    }

    private static boolean isPath(String model, Path from) {
        return ModelName.isPath(model)
                || ModelName.ofHub(model).filter(name -> name.file() == null && Files.exists(from.resolve(model)))
                        .isPresent();
    }

    /** On the command line, a number is a text. */
    private static boolean isNumber(@Nullable Object given) {
        return given instanceof Number || given instanceof String text && Held.NUMBER.matcher(text).matches();
    }

    private Map<?, ?> section(String name) {
        if (name.isEmpty() || !tree.containsKey(name)) {
            return name.isEmpty() ? tree : Map.of();
        }
        if (tree.get(name) instanceof Map<?, ?> section) {
            return section;
        }
        throw new InputException(Objects.requireNonNull(file), name, "must be a section of keys, not "
                + Shown.value(tree.get(name)));
    }

    private void requireKnown(List<Setting<?>> known, MethodKind method) {
        String others = "does not go with the method " + method.name() + ", whose keys are "
                + Shown.names(known.stream().filter(MethodSettings.ALL::contains).map(Setting::key).toList());
        for (Setting<?> setting : RecipeSettings.ALL) {
            if (flags.containsKey(setting.name()) && known.stream().noneMatch(k -> k.name().equals(setting.name()))) {
                throw error(setting, setting.section().equals("method") ? others
                        : "goes with files of one's own: --train and --test");
            }
        }
        for (String section : Stream.concat(Stream.of(""), SECTIONS.stream()).toList()) {
            List<String> keys = known.stream().filter(setting -> setting.section().equals(section)).map(Setting::key)
                    .toList();
            for (Object key : section(section).keySet()) {
                String place = section.isEmpty() ? key.toString() : section + "." + key;
                boolean isSection = section.isEmpty()
                        && RecipeSettings.ALL.stream().anyMatch(s -> s.section().equals(key));
                if (keys.contains(key) || isSection || isOfBefore(place)) {
                    continue;
                }
                boolean ofOther = RecipeSettings.ALL.stream().anyMatch(s -> s.name().equals(place));
                throw new InputException(Objects.requireNonNull(file), place,
                        ofOther && section.equals("method") ? others
                                : "unknown key, known here are " + String.join(", ", section.isEmpty()
                                        ? Stream.concat(keys.stream(), SECTIONS.stream()).toList()
                                        : keys));
            }
        }
    }

    /** Whether the flags have replaced what the tree had the key for. */
    private boolean isOfBefore(String name) {
        return flags.containsKey("method.name") && old.settings().stream().anyMatch(s -> s.name().equals(name))
                || RecipeSettings.SOURCE.name().equals(name)
                        && RecipeSettings.FILES.stream().anyMatch(setting -> flags.containsKey(setting.name()));
    }

    /** The rules between settings. */
    private void requireTogether(Settings values) {
        Held held = values.find(RecipeSettings.VALIDATION);
        for (Setting<?> setting : RecipeSettings.OF_VALIDATION) {
            if (held == null && !Objects.equals(values.find(setting), setting.byDefault())) {
                throw error(setting, "needs examples to validate with (validation): those to test with choose nothing");
            }
        }
        if (held instanceof Held.Files && !values.has(RecipeSettings.TRAIN)) {
            throw error(RecipeSettings.VALIDATION, "must be a share where the examples are built in");
        }
        if (values.has(RecipeSettings.TRAIN)) {
            for (Setting<List<Path>> part : RecipeSettings.FILES) {
                if (values.find(part) == null) {
                    throw error(part, "is missing: files to train and to test with are needed, both");
                }
            }
            requireColumns(values);
        }
        if (values.has(MethodSettings.INITIAL_RANK)) {
            int rank = values.get(MethodSettings.INITIAL_RANK);
            if (values.get(MethodSettings.TARGET_RANK) > rank) {
                throw error(MethodSettings.TARGET_RANK, "must be at most rank, " + rank + ", not "
                        + values.get(MethodSettings.TARGET_RANK));
            }
            double last = values.get(MethodSettings.FINAL_SHARE);
            if (values.get(MethodSettings.INITIAL_SHARE) + last >= 1) {
                throw error(MethodSettings.FINAL_SHARE, "must be below 1 - initial-share, not " + last);
            }
        }
    }

    /** The settings that do not go with every task; those of tasks of which no column tells any need it to be said. */
    private void requireOfTask(Settings values, @Nullable TaskKind task) {
        for (Setting<?> setting : TaskKind.ownSettings()) {
            List<TaskKind> kinds = TaskKind.with(setting);
            boolean fits = task == null ? kinds.stream().anyMatch(TaskKind::isTold) : kinds.contains(task);
            if (!fits && !Objects.equals(values.find(setting), setting.byDefault())) {
                throw error(setting, TaskKind.goesWith(setting));
            }
        }
    }

    private void requireColumns(Settings values) {
        TaskKind task = values.find(RecipeSettings.TASK);
        requireOfTask(values, task);
        TaskColumns columns = task == null ? TaskColumns.LABELLED : task.columns();
        String text = values.find(RecipeSettings.TEXT_COLUMN);
        String pair = values.find(RecipeSettings.PAIR_COLUMN);
        List<String> labels = Objects.requireNonNullElse(values.find(RecipeSettings.LABEL_COLUMN), List.of());
        if (task != null && (pair != null && !columns.pair() || !labels.isEmpty() && columns.most() == 0)) {
            throw error(pair != null && !columns.pair() ? RecipeSettings.PAIR_COLUMN : RecipeSettings.LABEL_COLUMN,
                    "does not go with the task " + task.fileName() + ", which learns from texts alone");
        }
        if (!values.get(RecipeSettings.HEADER) && columns.numbered()) {
            requireNumbers(RecipeSettings.TEXT_COLUMN, texts(text), true);
            requireNumbers(RecipeSettings.PAIR_COLUMN, texts(pair), false);
            requireNumbers(RecipeSettings.LABEL_COLUMN, labels, columns.fewest() > 0);
        }
        if (pair != null && text == null) {
            throw error(RecipeSettings.PAIR_COLUMN, PAIR_ALONE);
        }
        Set<String> texts = new HashSet<>();
        for (Setting<String> column : List.of(RecipeSettings.TEXT_COLUMN, RecipeSettings.PAIR_COLUMN,
                RecipeSettings.NEGATIVE_COLUMN)) {
            String name = values.find(column);
            if (name != null && !texts.add(name)) {
                throw error(column, Shown.value(name) + " is a column of the texts already");
            }
        }
        if (task != null && labels.size() > columns.most()) {
            throw error(RecipeSettings.LABEL_COLUMN, "several columns are several numbers, which the task "
                    + task.fileName() + " has not");
        }
        if (labels.stream().distinct().count() < labels.size()) {
            throw error(RecipeSettings.LABEL_COLUMN, "a column is there twice: " + Shown.names(labels));
        }
    }

    private static List<String> texts(@Nullable String column) {
        return column == null ? List.of() : List.of(column);
    }

    private void requireNumbers(Setting<?> setting, List<String> columns, boolean needed) {
        if (needed && columns.isEmpty() || !columns.stream().allMatch(TableFormat::isNumber)) {
            throw error(setting, columns.isEmpty() ? "is missing: without a header, columns are numbers from 1 on"
                    : "must be a number from 1 on where there is no header, not " + Shown.names(columns));
        }
    }

    private InputException error(Setting<?> setting, String rule) {
        return file == null || flags.containsKey(setting.name())
                ? new InputException(RecipeSettings.flag(setting) + ": " + rule)
                : new InputException(file, setting.name(), rule);
    }
}
