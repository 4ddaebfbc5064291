package dev.lorikeet.cli.serve;

import dev.lorikeet.lora.LoraWeights;
import dev.lorikeet.transformer.io.FileNames;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * {@code POST /v1/load_lora_adapter} and {@code POST /v1/unload_lora_adapter}, as vLLM has them: adapters of one folder
 * come and go while the server runs. What is outside of that folder is not read, whatever a request says.
 */
final class AdaptersEndpoint {
    private final ServedModels models;
    private final Path folder;
    private final Function<Path, LoraWeights> reader;

    /** @param reader reads the adapter that is in a folder */
    AdaptersEndpoint(ServedModels models, Path folder, Function<Path, LoraWeights> reader) {
        this.models = models;
        this.folder = folder;
        this.reader = reader;
    }

    void load(Exchange exchange) throws IOException {
        JsonObject request = exchange.json();
        request.allowOnly(Set.of("lora_name", "lora_path"));
        String name = request.string("lora_name");
        Path given = FileNames.resolve(folder, request.string("lora_path"), rule -> request.error("lora_path", rule));
        if (!Files.isDirectory(given) || !isWithin(given.toRealPath())) {
            throw request.error("lora_path", "there is no such folder in the one that adapters are in");
        }
        models.load(name, reader.apply(given));
        exchange.answer(200, Map.of("loaded", name));
    }

    private boolean isWithin(Path real) throws IOException {
        Path whole = folder.toRealPath();
        return real.startsWith(whole) && !real.equals(whole);
    }

    void unload(Exchange exchange) throws IOException {
        JsonObject request = exchange.json();
        request.allowOnly(Set.of("lora_name"));
        models.unload(request.string("lora_name"));
        exchange.answer(200, Map.of("unloaded", request.string("lora_name")));
    }
}
