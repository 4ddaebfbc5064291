package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.Origin;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The base model of an adapter, which may have moved since. */
final class BaseOption {
    @Option(names = "--model", paramLabel = "MODEL", description = "The base model, if it is not where the "
            + "adapter says: a Hugging Face directory, or the name of a built-in model.")
    @Nullable
    private String model;

    /** Whether the user says where it is. */
    boolean given() {
        return model != null;
    }

    /**
     * The name of a built-in model or a directory: what the user says, else what the adapter says.
     *
     * @param adapter its directory
     * @throws dev.lorikeet.transformer.io.InputException if there is neither, or it is not there
     */
    String of(Path adapter) {
        return Origin.base(adapter, model);
    }
}
