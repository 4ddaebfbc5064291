package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.Origin;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.io.InputException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The base model of an adapter, which may have moved since. */
final class BaseOption {
    @Option(names = "--model", paramLabel = "MODEL", description = "The base model, if it is not where the "
            + "adapter says: a Hugging Face directory, the name of a built-in model, or ORG/NAME of a hub.")
    @Nullable
    private String model;

    @Mixin
    private HubOption hub = new HubOption();

    /** Whether the user says where it is. */
    boolean given() {
        return model != null;
    }

    /**
     * The name of the model that the user says, which is fetched where that is needed.
     *
     * @throws InputException if nobody says one
     */
    String alone(Terminal terminal) {
        if (model == null) {
            throw new InputException("--model: is missing, or an adapter that names its base");
        }
        hub.fetch(model, terminal);
        return model;
    }

    /**
     * The name of a model: what the user says, which is fetched where that is needed, else what the adapter says.
     *
     * @param adapter its directory
     * @throws InputException if there is neither, or it is not there
     */
    String of(Path adapter, Terminal terminal) {
        if (model != null) {
            hub.fetch(model, terminal);
        }
        return Origin.base(adapter, model);
    }
}
