package dev.lorikeet.transformer.model;

import dev.lorikeet.transformer.hub.Hub;
import dev.lorikeet.transformer.hub.HubName;
import dev.lorikeet.transformer.io.FileNames;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.weights.BuiltInModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What a model may be called, in the order in which it is looked for: one of {@link BuiltInModels}, a directory or a
 * GGUF file, {@code ORG/NAME[@REVISION][:FILE.gguf]} of a {@link Hub}, which is read from the cache. Nothing here
 * fetches it: {@link Hub#pull} and {@code lorikeet pull} do.
 */
public final class ModelName {
    /** Whose models had names without an ORG at first, which others still print: by what these names begin with. */
    private static final Map<String, String> OLD = Map.of("bert-", "google-bert", "roberta-", "FacebookAI", "gpt2",
            "openai-community", "t5-", "google-t5", "distilbert-", "distilbert", "albert-", "albert");

    private ModelName() {}

    /** Whether it is neither the name of a built-in model nor, where no such file is, one of a hub. */
    public static boolean isPath(String name) {
        return !BuiltInModels.isBuiltIn(name) && ofHub(name).isEmpty();
    }

    /** The model of a hub that is meant, whether it is in the cache or not. */
    public static Optional<HubName> ofHub(String name) {
        return HubName.of(name).filter(model -> !BuiltInModels.isBuiltIn(name)
                && (model.file() != null || !Files.exists(FileNames.of(name, "model"))));
    }

    /** Whether {@link #find} finds it. */
    public static boolean isKnown(String name) {
        return BuiltInModels.isBuiltIn(name) || path(name, Hub.standard()).isPresent();
    }

    /**
     * Its directory, or its GGUF file. A built-in model is unpacked where it has not been before.
     *
     * @throws InputException if there is none
     */
    public static Path find(String name) {
        return BuiltInModels.isBuiltIn(name) ? BuiltInModels.directory(name)
                : path(name, Hub.standard()).orElseThrow(() -> missing(name));
    }

    /** That of a model that is not built in. */
    static Optional<Path> path(String name, Hub hub) {
        return ofHub(name).map(hub::find)
                .orElseGet(() -> Optional.of(FileNames.of(name, "model")).filter(Files::exists));
    }

    /** Why there is no model of this name. */
    public static String rule(String name) {
        return ofHub(name).map(model -> "there is no directory " + name + ", and the cache "
                + Hub.standard().settings().cache() + " has no such model, which lorikeet pull " + model + " fetches")
                .orElse("there is no directory and no built-in model named " + name + ofOrganization(name));
    }

    /** Under which name a hub has it, where that is known. */
    private static String ofOrganization(String name) {
        return OLD.entrySet().stream().filter(entry -> name.startsWith(entry.getKey()))
                .map(entry -> entry.getValue() + "/" + name).filter(whole -> HubName.of(whole).isPresent()).findFirst()
                .map(whole -> "; a hub may have it as " + whole).orElse("");
    }

    private static InputException missing(String name) {
        return ofHub(name).isPresent() ? new InputException("model: " + rule(name))
                : new InputException(FileNames.of(name, "model"), "model",
                        "there is no such directory or GGUF file, and "
                                + "no built-in model of this name, there are "
                                + String.join(", ", BuiltInModels.names()) + ofOrganization(name));
    }
}
