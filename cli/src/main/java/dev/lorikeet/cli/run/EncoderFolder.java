package dev.lorikeet.cli.run;

import dev.lorikeet.cli.recipe.Method;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.weights.BuiltInModels;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Which folder of a run holds its encoder, {@code adapter} or {@code model}, and what becomes of an earlier run's. */
final class EncoderFolder {
    private static final Path RECIPE = Path.of("recipe.yaml");

    private EncoderFolder() {}

    private static String name(Method method) {
        return switch (method) {
            case Method.Full _ -> "model";
            case Method.Adapted _ -> "adapter";
        };
    }

    /**
     * The folder of an earlier run in {@code directory} that must go once the new run writes there, or null.
     *
     * @throws InputException if the new run would lose what no run wrote, or the very model that it starts from
     */
    static @Nullable Path replaced(Path directory, Recipe recipe) {
        Path model = directory.resolve("model");
        Path adapter = directory.resolve("adapter");
        Method before = before(directory);
        if (!BuiltInModels.isBuiltIn(recipe.model()) && before instanceof Method.Full
                && isWithin(Path.of(recipe.model()), model)) {
            throw new InputException(directory, "--out", "has the model to start from, which the run would replace");
        }
        boolean full = recipe.method() instanceof Method.Full;
        requireOurs(model, full && !(before instanceof Method.Full));
        requireOurs(adapter, full && !(before instanceof Method.Adapted));
        Path other = full ? adapter : model;
        return before != null && !name(before).equals(name(recipe.method())) && Files.exists(other) ? other : null;
    }

    private static void requireOurs(Path folder, boolean unknown) {
        if (unknown && Files.exists(folder)) {
            throw new InputException(folder, "--out", "is there already, and not from a run that may be replaced");
        }
    }

    private static boolean isWithin(Path path, Path folder) {
        return path.toAbsolutePath().normalize().startsWith(folder.toAbsolutePath().normalize());
    }

    /** The method of the run in {@code directory}; null where there is none, or nobody can tell. */
    private static @Nullable Method before(Path directory) {
        Path recipe = directory.resolve(RECIPE);
        if (!Files.exists(recipe)) {
            return null;
        }
        try {
            return RecipeFile.read(recipe).method();
        } catch (InputException e) {
            System.getLogger(EncoderFolder.class.getName()).log(System.Logger.Level.DEBUG,
                    () -> "not a run's: " + e.getMessage());
            return null;
        }
    }
}
