package dev.lorikeet.springai;

import dev.lorikeet.transformer.chat.ChatMessage;
import dev.lorikeet.transformer.constraint.TextForm;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.nio.file.Path;
import java.util.List;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.UserMessage;

/** A prompt in the library's words: its messages, and how it is answered. */
final class Talk {
    private Talk() {}

    /** @throws UnsupportedOperationException if a message has more than text */
    static List<ChatMessage> of(List<Message> messages) {
        return messages.stream().map(Talk::message).toList();
    }

    private static ChatMessage message(Message message) {
        return switch (message) {
            case SystemMessage system -> ChatMessage.system(text(system));
            case UserMessage user -> {
                Refusals.require(user.getMedia().isEmpty(), "a message with media");
                yield ChatMessage.user(text(user));
            }
            case AssistantMessage assistant -> {
                Refusals.require(!assistant.hasToolCalls(), "a message with tool calls");
                Refusals.require(assistant.getMedia().isEmpty(), "a message with media");
                yield ChatMessage.assistant(text(assistant));
            }
            default -> throw Refusals.unsupported("a message of type " + message.getMessageType());
        };
    }

    /** The model's settings with what the options say. */
    static GenerationSettings settings(GenerationSettings own, LorikeetChatOptions wanted) {
        GenerationSettings how = wanted.getSeed() == null ? own : own.with(GenerationSettings.SEED, wanted.getSeed());
        if (wanted.getTemperature() != null) {
            how = wanted.getTemperature() == 0 ? how.with(GenerationSettings.DO_SAMPLE, false)
                    : how.sampling(wanted.getTemperature(), how.seed());
        }
        if (wanted.getTopP() != null) {
            how = how.with(GenerationSettings.TOP_P, wanted.getTopP());
        }
        if (wanted.getTopK() != null) {
            how = how.with(GenerationSettings.TOP_K, wanted.getTopK());
        }
        if (wanted.getMaxTokens() != null) {
            how = how.withMaxNewTokens(wanted.getMaxTokens());
        }
        if (wanted.getStopSequences() != null) {
            how = how.withStopStrings(wanted.getStopSequences().toArray(String[]::new));
        }
        return wanted.getOutputSchema() == null ? how : how.within(form(wanted.getOutputSchema()));
    }

    private static TextForm form(String schema) {
        Path source = Path.of("request");
        return TextForm.jsonSchema(new JsonObject(source, "outputSchema", Json.readObject(schema, source)));
    }

    private static String text(Message message) {
        String text = message.getText();
        if (text == null) {
            throw Refusals.unsupported("a message without text");
        }
        return text;
    }
}
