package dev.lorikeet.cli.serve;

import dev.lorikeet.transformer.chat.ChatMessage;
import dev.lorikeet.transformer.chat.ChatTemplate;
import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.generation.Prompt;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/chat/completions}: answers a talk, as the model's template writes it. */
final class ChatEndpoint extends CompletionsEndpoint {
    private final ChatTemplate template;

    ChatEndpoint(ServedModels models, Scheduler scheduler, Computing computing, int mostTokens, ChatTemplate template,
            Gate gate,
            Counters counters) {
        super(models, scheduler, computing, mostTokens, gate, counters, "chatcmpl-");
        this.template = template;
    }

    @Override
    Set<String> promptFields() {
        return Set.of("messages");
    }

    @Override
    List<Prompt> prompts(JsonObject request, Generator generator) {
        List<ChatMessage> messages = new ArrayList<>();
        for (JsonObject message : request.objects("messages")) {
            try {
                messages.add(new ChatMessage(inOneText(message)));
            } catch (IllegalArgumentException e) {
                throw message.error("content", String.valueOf(e.getMessage()));
            }
        }
        if (messages.isEmpty()) {
            throw request.error("messages", "is empty");
        }
        return List.of(generator.promptWithSpecialTokens(template.render(messages, true)));
    }

    /** Contents may come in parts, of which this server knows texts. */
    private static Map<String, Object> inOneText(JsonObject message) {
        if (!(message.fields().get("content") instanceof List<?>)) {
            return message.fields();
        }
        StringBuilder text = new StringBuilder();
        for (JsonObject part : message.objects("content")) {
            if (!part.string("type").equals("text")) {
                throw part.error("type", "must be text, not " + part.string("type"));
            }
            text.append(part.string("text"));
        }
        Map<String, Object> fields = new HashMap<>(message.fields());
        fields.put("content", text.toString());
        return fields;
    }

    /** An answer ends by itself as a rule. */
    @Override
    int usualTokens(Generator generator) {
        return Integer.MAX_VALUE;
    }

    @Override
    String kind(boolean event) {
        return event ? "chat.completion.chunk" : "chat.completion";
    }

    @Override
    Map<String, Object> choice(String text) {
        return Map.of("message", Map.of("role", "assistant", "content", text));
    }

    @Override
    Map<String, Object> piece(@Nullable String text, boolean first) {
        return Map.of("delta", text == null ? Map.of()
                : first ? Map.of("role", "assistant", "content", text) : Map.of("content", text));
    }
}
