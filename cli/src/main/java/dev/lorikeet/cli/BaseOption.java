package dev.lorikeet.cli;

import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.transformer.io.FileNames;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.weights.BuiltInModels;
import java.nio.file.Files;
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
     * @throws InputException if there is neither, or it is not there
     */
    String of(Path adapter) {
        String named = Peft.baseModelId(adapter); // also says what is wrong with the adapter's folder
        if (model != null) {
            requireModel(model, rule -> new InputException("--model: " + rule));
            return model;
        }
        Path config = adapter.resolve("adapter_config.json");
        if (named == null) {
            throw new InputException(config, "base_model_name_or_path", "is missing: say which it is by --model");
        }
        requireModel(named, rule -> new InputException(config, "base_model_name_or_path", rule
                + ": say by --model where it is"));
        return named;
    }

    private interface Fault {
        InputException of(String rule);
    }

    private static void requireModel(String name, Fault fault) {
        if (!BuiltInModels.isBuiltIn(name) && !Files.isDirectory(FileNames.resolve(Path.of(""), name, fault::of))) {
            throw fault.of("there is no directory and no built-in model named " + name);
        }
    }
}
