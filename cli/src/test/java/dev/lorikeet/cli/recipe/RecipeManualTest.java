package dev.lorikeet.cli.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.transformer.settings.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/recipe.md} is made from the declarations; what it should be lies in {@code cli/target/recipe.md}. */
class RecipeManualTest {
    private static final Path ROOT = Path.of(System.getProperty("lorikeet.basedir"));

    @Test
    void theManualIsAsTheSettingsAre() throws IOException {
        StringBuilder manual = new StringBuilder("""
                # Recipes

                What `./lorikeet finetune` does is a recipe: a tree of keys in YAML 1.2, passed by `--recipe FILE`. What
                a recipe leaves out has its default; without one, all have. Each key is a flag, too, which goes before
                the file. Paths in a file start from its folder. A run leaves its recipe in `recipe.yaml`, every value
                said.

                The defaults, of the method rslora:

                ```yaml
                """).append(RecipeFile.yaml(RecipeFile.builtIn())).append("```\n");
        for (String section : List.of("", "data", "method", "training", "generation", "compute", "tracking")) {
            manual.append("\n## ").append(section.isEmpty() ? "The top" : "`" + section + "`").append("\n\n");
            settings(section).forEach(setting -> manual.append(wrapped(entry(setting))));
        }
        Files.createDirectories(ROOT.resolve("cli/target"));
        Files.writeString(ROOT.resolve("cli/target/recipe.md"), manual);
        assertThat(ROOT.resolve("docs/recipe.md")).hasContent(manual.toString());
    }

    @Test
    void everyKeyAndEveryFlagMeansOneThing() {
        assertThat(RecipeSettings.ALL).doesNotHaveDuplicates();
        Stream<String> pairs = RecipeSettings.ALL.stream().map(s -> s.name() + RecipeSettings.flag(s)).distinct();
        assertThat(pairs.toList())
                .hasSameSizeAs(RecipeSettings.ALL.stream().map(RecipeSettings::flag).distinct().toList());
        for (MethodSettings.MethodKind method : MethodSettings.METHODS) {
            assertThat(method.settings()).extracting(Setting::key).doesNotHaveDuplicates();
            assertThat(MethodSettings.ALL).containsAll(method.settings());
        }
        assertThat(RecipeSettings.ALL).allMatch(setting -> setting.doc().matches("[A-Z].*\\."));
    }

    private static Stream<Setting<?>> settings(String section) {
        return RecipeSettings.ALL.stream().filter(setting -> setting.section().equals(section));
    }

    private static String entry(Setting<?> setting) {
        String flag = RecipeSettings.flag(setting)
                + (setting.byDefault() instanceof Boolean ? ""
                        : " " + setting.kind().label().replaceFirst(".*\\|.*", "NAME"));
        return "* `" + setting.key() + "` (`" + flag + "`" + (setting.byDefault() == null ? ""
                : ", default `" + setting.defaultText() + "`") + "; " + setting.kind().rule() + "): " + setting.doc();
    }

    private static String wrapped(String entry) {
        return entry.replaceAll("(.{1,116})(?: |$)", "$1\n  ").stripTrailing() + "\n";
    }
}
