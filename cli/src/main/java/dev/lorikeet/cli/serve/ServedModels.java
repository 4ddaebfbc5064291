package dev.lorikeet.cli.serve;

import dev.lorikeet.transformer.generation.Prompt;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The names that clients know: that of the model, and those of its adapters.
 *
 * @param adapters for each name the adapter that it means
 * @param mostTokens the most tokens of a text that anybody may ask for
 */
record ServedModels(Writer writer, Map<String, String> adapters, int mostTokens) {
    ServedModels {
        adapters = new LinkedHashMap<>(adapters); // in the order in which they were given
    }

    List<String> names() {
        return List.copyOf(adapters.keySet());
    }

    /**
     * A prompt for the model of a name.
     *
     * @throws Refusal if there is none
     */
    Prompt named(String name, Prompt prompt) {
        String adapter = adapters.get(name);
        if (adapter == null) {
            throw Refusal.noModel(name, adapters.keySet());
        }
        return adapters.size() == 1 ? prompt : prompt.with(adapter);
    }
}
