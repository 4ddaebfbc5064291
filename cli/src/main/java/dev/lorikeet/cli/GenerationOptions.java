package dev.lorikeet.cli;

import dev.lorikeet.transformer.constraint.TextForm;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.settings.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How a model writes: {@link GenerationSettings} as flags. What is said of drawing draws. */
@Command
final class GenerationOptions {
    private static final List<Setting<?>> OF_DRAWING = List.of(GenerationSettings.TEMPERATURE, GenerationSettings.TOP_K,
            GenerationSettings.TOP_P, GenerationSettings.MIN_P, GenerationSettings.SEED);

    private final RecipeFlags flags = new RecipeFlags();

    @Option(names = "--regex", paramLabel = "TEXT", description = "The text is of this regular expression.")
    @Nullable
    private String regex;

    @Option(names = "--json-schema", paramLabel = "FILE", description = "The text is JSON as this schema allows it.")
    @Nullable
    private Path schema;

    @Option(names = "--json-object", description = "The text is a JSON object.")
    private boolean object;

    /** picocli hands over the command that these options are of. */
    @Spec(Spec.Target.MIXEE)
    void spec(CommandSpec command) {
        flags.addTo(command, GenerationSettings.ALL);
    }

    /**
     * What the flags say, over what the model's files do.
     *
     * @throws InputException if a value breaks the setting's rule
     */
    GenerationSettings over(GenerationSettings usual) {
        Map<String, Object> given = flags.given();
        GenerationSettings settings = usual;
        for (Setting<?> setting : GenerationSettings.ALL) {
            if (given.containsKey(setting.name())) {
                settings = with(settings, setting, given.get(setting.name()));
            }
        }
        TextForm form = form();
        if (form != null) {
            settings = settings.within(form);
        }
        boolean draws = OF_DRAWING.stream().anyMatch(setting -> given.containsKey(setting.name()));
        return draws ? settings.with(GenerationSettings.DO_SAMPLE, true) : settings;
    }

    private @Nullable TextForm form() {
        if ((regex == null ? 0 : 1) + (schema == null ? 0 : 1) + (object ? 1 : 0) > 1) {
            throw new InputException("--regex, --json-schema, --json-object: a text is of one form");
        }
        return regex != null ? TextForm.regex(regex)
                : schema != null ? TextForm.jsonSchema(JsonObject.read(schema)) : object ? TextForm.jsonObject() : null;
    }

    private static <T> GenerationSettings with(GenerationSettings settings, Setting<T> setting, Object value) {
        try {
            return settings.with(setting, setting.readFlag(value));
        } catch (IllegalArgumentException e) {
            throw new InputException("--" + setting.key() + ": " + e.getMessage());
        }
    }
}
