package dev.lorikeet.cli.recipe;

import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.ModuleSelection;
import dev.lorikeet.lora.Scaling;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.lora.rank.AdaLora;
import dev.lorikeet.transformer.io.FileNames;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.ModelName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a training goes on from, or a model writes by: a folder that {@code finetune} wrote, or an adapter by itself.
 *
 * @param adapter the adapter's folder; null where the model was trained whole
 * @param isRun whether a task and a head may be there beside the adapter
 */
public record Origin(Path folder, @Nullable Path adapter, boolean isRun) {
    private static final String CONFIG = "adapter_config.json";

    /**
     * What is in a folder.
     *
     * @param setting that names it, for messages
     * @throws InputException if it is neither
     */
    public static Origin of(Path folder, String setting) {
        if (!Files.isDirectory(folder)) {
            throw new InputException(folder, setting, "there is no such folder");
        }
        Path own = folder.resolve("adapter");
        if (Files.exists(own.resolve(CONFIG))) {
            return new Origin(folder, own, true);
        }
        if (Files.exists(folder.resolve(CONFIG))) {
            return new Origin(folder, folder, false);
        }
        if (Files.exists(folder.resolve("model")) && Files.exists(folder.resolve("task.json"))) {
            return new Origin(folder, null, true);
        }
        throw new InputException(folder, setting, Files.exists(folder.resolve("config.json"))
                ? "is a whole model, which is given by --model"
                : "holds no adapter/ or model/ of a run, and no " + CONFIG + " of PEFT's");
    }

    /**
     * The adapter that is in a folder, of a run or by itself.
     *
     * @param setting that names it, for messages
     * @throws InputException if there is none
     */
    public static Path adapter(Path folder, String setting) {
        Path adapter = of(folder, setting).adapter();
        if (adapter == null) {
            throw new InputException(folder, setting, "holds a model that was trained whole: take it as --model "
                    + folder.resolve("model"));
        }
        return adapter;
    }

    /**
     * The name of a model: what the user says, else what the adapter says.
     *
     * @param adapter its directory
     * @param said by the user, or null
     * @throws InputException if there is neither, or it is not there
     */
    public static String base(Path adapter, @Nullable String said) {
        String named = Peft.baseModelId(adapter); // also says what is wrong with the adapter's folder
        if (said != null) {
            if (ModelName.ofHub(said).isEmpty()) { // else it is fetched before it is read
                requireModel(said, rule -> new InputException("--model: " + rule));
            }
            return said;
        }
        Path config = adapter.resolve(CONFIG);
        if (named == null) {
            throw new InputException(config, "base_model_name_or_path", "is missing: say which it is by --model");
        }
        requireModel(named, rule -> new InputException(config, "base_model_name_or_path", rule
                + ": say by --model where it is"));
        return named;
    }

    /** The model that was trained whole; whoever says the one that it came of, or itself, means it, too. */
    private String whole(@Nullable String said) {
        String whole = weights().toString();
        Path recipe = folder.resolve("recipe.yaml");
        if (said != null && !isSame(said, whole)
                && !(Files.exists(recipe) && isSame(said, RecipeFile.read(recipe).model()))) {
            throw new InputException(folder, "from", "holds a model that was trained whole, and not of " + said);
        }
        return whole;
    }

    private static boolean isSame(String model, String other) {
        return Path.of(model).toAbsolutePath().equals(Path.of(other).toAbsolutePath());
    }

    /** The folder of what goes on being trained. */
    public Path weights() {
        return adapter == null ? folder.resolve("model") : adapter;
    }

    /** A selection as a recipe has it. */
    public static Method.Targets targets(ModuleSelection selection) {
        return switch (selection) {
            case ModuleSelection.Names names -> new Method.Suffixes(names.names());
            case ModuleSelection.Expression expression -> new Method.Pattern(expression.expression().toString());
            case ModuleSelection.AllLinear _ -> new Method.Pattern(Method.Pattern.ALL_LINEAR);
        };
    }

    private static void requireModel(String name, Function<String, InputException> fault) {
        if (ModelName.ofHub(name).isEmpty()) {
            FileNames.resolve(Path.of(""), name, fault::apply); // which says where the name stands
        }
        if (!ModelName.isKnown(name)) {
            throw fault.apply(ModelName.rule(name));
        }
    }

    /**
     * The settings that are its own, by their full names.
     *
     * @param model that the user says, or null
     */
    Map<String, Object> settings(@Nullable String model) {
        Map<String, Object> settings = new LinkedHashMap<>();
        if (adapter == null) {
            settings.put(RecipeSettings.MODEL.name(), whole(model));
            settings.put(MethodSettings.METHOD.name(), MethodSettings.FULL.name());
            return settings;
        }
        settings.put(RecipeSettings.MODEL.name(), base(adapter, model));
        LoraConfig config = Peft.config(adapter);
        AdaLora adaLora = config.adaLora();
        String scaling = config.scaling() == Scaling.RSLORA ? "rslora" : "lora";
        settings.put(MethodSettings.METHOD.name(), adaLora == null ? scaling : "adalora");
        settings.put(MethodSettings.RANK.name(), adaLora == null ? config.rank() : adaLora.initialRank());
        if (adaLora != null) {
            settings.put(MethodSettings.TARGET_RANK.name(), adaLora.targetRank());
            settings.put(MethodSettings.SCALING.name(), scaling);
        }
        settings.put(MethodSettings.ALPHA.name(),
                adaLora != null && config.alpha() <= 0 ? adaLora.initialRank() : config.alpha());
        settings.put(MethodSettings.DROPOUT.name(), config.dropout());
        settings.put(MethodSettings.TARGETS.name(), switch (targets(config.targets())) {
            case Method.Suffixes suffixes -> suffixes.names();
            case Method.Pattern pattern -> pattern.regex();
        });
        return settings;
    }
}
