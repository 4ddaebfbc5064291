package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.RecipeSettings;
import dev.lorikeet.transformer.settings.Setting;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;

/** The flags that stand for settings of a recipe, made from their declarations. */
final class RecipeFlags {
    private final Map<String, Object> given = new LinkedHashMap<>();

    /** What was said on the command line, by the settings' full names. */
    Map<String, Object> given() {
        return given;
    }

    /** Adds a flag for each setting to a command, those of a section together under its name. */
    void addTo(CommandSpec command, List<Setting<?>> settings) {
        Map<String, List<Setting<?>>> byFlag = new LinkedHashMap<>();
        settings.forEach(setting -> byFlag.computeIfAbsent(RecipeSettings.flag(setting), _ -> new ArrayList<>())
                .add(setting));
        Map<String, ArgGroupSpec.Builder> groups = new LinkedHashMap<>();
        byFlag.forEach((flag, meanings) -> {
            String section = meanings.getFirst().section();
            groups.computeIfAbsent(section, _ -> ArgGroupSpec.builder().exclusive(false).validate(false)
                    .heading("%n" + heading(section) + ":%n")).addArg(option(flag, meanings));
        });
        groups.values().forEach(group -> command.addArgGroup(group.build()));
    }

    private static String heading(String section) {
        return section.isEmpty() ? "Recipe" : section.substring(0, 1).toUpperCase(Locale.ROOT) + section.substring(1);
    }

    /** @param meanings one for each kind of recipe that has the key */
    private OptionSpec option(String flag, List<Setting<?>> meanings) {
        Setting<?> setting = meanings.getFirst();
        OptionSpec.Builder option = OptionSpec.builder(flag)
                .description(meanings.stream().map(RecipeFlags::description).toArray(String[]::new));
        if (setting.byDefault() instanceof Boolean usual) {
            return option.type(boolean.class).setter(setter(setting, !usual)).build();
        }
        if (setting.byDefault() instanceof List<?>) { // may be given again
            return option.type(List.class).auxiliaryTypes(String.class).arity("1").paramLabel(setting.kind().label())
                    .setter(listSetter(setting)).build();
        }
        return option.type(String.class).paramLabel(setting.kind().label()).setter(setter(setting, null)).build();
    }

    private static String description(Setting<?> setting) {
        String doc = setting.doc().replaceFirst("\\.$", "");
        String whole = switch (setting.byDefault()) {
            case Boolean on when on -> "Turn off " + setting.key() + ": " + doc.substring(0, 1).toLowerCase(Locale.ROOT)
                    + doc.substring(1);
            case Boolean _ -> doc;
            case null -> doc;
            case List<?> none when none.isEmpty() -> doc;
            default -> doc + " (default: " + setting.defaultText() + ")";
        };
        return (whole + ".").replace("%", "%%");
    }

    private ISetter listSetter(Setting<?> setting) {
        return new ISetter() {
            @Override
            @SuppressWarnings({"TypeParameterUnusedInFormals", "NullAway"}) // picocli's interface
            public <T> T set(T value) {
                if (value == null) {
                    given.remove(setting.name());
                } else {
                    given.put(setting.name(), value);
                }
                return value;
            }
        };
    }

    /** @param said the value that the flag stands for, or null for its parameter */
    private ISetter setter(Setting<?> setting, @Nullable Object said) {
        return new ISetter() {
            @Override
            @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals", "NullAway"}) // picocli's interface
            public <T> T set(T value) {
                if (value == null || Boolean.FALSE.equals(value)) {
                    given.remove(setting.name());
                } else {
                    given.put(setting.name(),
                            said == null ? RecipeSettings.fromCommandLine(setting, value.toString()) : said);
                }
                return value;
            }
        };
    }
}
