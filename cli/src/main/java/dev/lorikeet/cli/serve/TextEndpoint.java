package dev.lorikeet.cli.serve;

import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.generation.Prompt;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/completions}: goes on from a text, or from each of several. */
final class TextEndpoint extends CompletionsEndpoint {
    TextEndpoint(ServedModels models, Scheduler scheduler, Computing computing, int mostTokens, Gate gate,
            Counters counters) {
        super(models, scheduler, computing, mostTokens, gate, counters, "cmpl-");
    }

    @Override
    Set<String> promptFields() {
        return Set.of("prompt");
    }

    @Override
    List<Prompt> prompts(JsonObject request, Generator generator) {
        Object given = request.fields().get("prompt");
        List<?> texts = given instanceof List<?> list ? list : given == null ? List.of() : List.of(given);
        if (texts.isEmpty() || !texts.stream().allMatch(String.class::isInstance)) {
            throw request.error("prompt", "must be a text or a list of texts");
        }
        return texts.stream().map(text -> generator.prompt((String) text)).toList();
    }

    @Override
    int usualTokens(Generator generator) {
        return generator.settings().maxNewTokens();
    }

    @Override
    String kind(boolean event) {
        return "text_completion";
    }

    @Override
    Map<String, Object> choice(String text) {
        return Map.of("text", text);
    }

    @Override
    Map<String, Object> piece(@Nullable String text, boolean first) {
        return Map.of("text", text == null ? "" : text);
    }
}
