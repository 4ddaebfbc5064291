package dev.lorikeet.transformer.chat;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.InputFile;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.jinja.Template;
import dev.lorikeet.transformer.tokenizer.SpecialTokensMap;
import dev.lorikeet.transformer.weights.GgufMetadata;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a model reads a talk: one text of all messages, by the template in the model's files. It is immutable and safe
 * for several threads.
 *
 * <p>Source: transformers' {@code apply_chat_template}, of which it gives the same text. What is different: where
 * nobody {@linkplain #at said what time it is}, {@code strftime_now} is not defined, so that a text does not depend on
 * the day; templates that ask for it then take a day of their own, or refuse.
 */
public final class ChatTemplate {
    private static final String FIELD = "chat_template";
    private static final int MAX_BYTES = 1 << 20;

    private final String source;
    private final Template template;
    private final Map<String, Object> values;
    private final @Nullable LocalDateTime now;

    private ChatTemplate(String source, Template template, Map<String, Object> values, @Nullable LocalDateTime now) {
        this.source = source;
        this.template = template;
        this.values = values;
        this.now = now;
    }

    /**
     * A template, which is read.
     *
     * @param file where it stands, for messages
     * @param field its name in that file, for messages
     * @param tokens that it knows by the names of their parts
     * @throws InputException if it is no template, or has what is not supported
     */
    public static ChatTemplate of(String source, Path file, String field, SpecialTokensMap tokens) {
        Map<String, Object> values = new HashMap<>();
        values.put("tools", null); // defined, and none
        values.put("documents", null);
        values.putAll(tokens.names());
        return new ChatTemplate(source, Template.of(source, file, field), values, null);
    }

    /**
     * The template of a Hugging Face directory: {@code chat_template.jinja}, or that of {@code tokenizer_config.json},
     * where of several the one that is called {@code default}.
     *
     * @return null where there is none
     * @throws InputException as {@link #of(String, Path, String, SpecialTokensMap)}, or if a file is not valid
     */
    public static @Nullable ChatTemplate ofDirectory(Path directory) {
        Path whole = directory.resolve("chat_template.jinja");
        if (Files.exists(whole)) {
            return of(text(whole), whole, FIELD, SpecialTokensMap.ofDirectory(directory));
        }
        Path file = directory.resolve("tokenizer_config.json");
        JsonObject config = Files.exists(file) ? JsonObject.read(file) : new JsonObject(file, "", Map.of());
        if (!config.has(FIELD)) {
            return null;
        }
        String source = config.fields().get(FIELD) instanceof List<?>
                ? config.objects(FIELD).stream().filter(one -> one.string("name").equals("default")).findFirst()
                        .orElseThrow(() -> config.error(FIELD, "none of the templates is called \"default\""))
                        .string("template")
                : config.string(FIELD);
        return of(source, file, FIELD, SpecialTokensMap.ofDirectory(directory));
    }

    private static String text(Path file) {
        try {
            return StandardCharsets.UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(InputFile.bytes(file, MAX_BYTES, "templates"))).toString();
        } catch (CharacterCodingException e) {
            throw new InputException(file, FIELD, "the text is not UTF-8");
        }
    }

    /**
     * The template inside of a GGUF file.
     *
     * @param metadata of the file, which is open
     * @return null where there is none
     * @throws InputException as {@link #of(String, Path, String, SpecialTokensMap)}
     */
    public static @Nullable ChatTemplate of(GgufMetadata metadata) {
        String key = "tokenizer.chat_template";
        return metadata.has(key) ? of(metadata.string(key), metadata.file(), key, SpecialTokensMap.of(metadata)) : null;
    }

    /** The template as it is written. */
    public String source() {
        return source;
    }

    /**
     * The same that knows more values, for example {@code enable_thinking} or {@code tools}.
     *
     * @param more values of JSON, by their names
     */
    public ChatTemplate with(Map<String, ?> more) {
        Map<String, Object> all = new HashMap<>(values);
        all.putAll(more);
        return new ChatTemplate(source, template, all, now);
    }

    /** The same that knows what time it is. */
    public ChatTemplate at(LocalDateTime time) {
        return new ChatTemplate(source, template, values, time);
    }

    /**
     * The text of a talk.
     *
     * @param addGenerationPrompt whether the beginning of an answer stands at its end
     * @throws InputException if the template refuses the talk, for example for its order of roles
     */
    public String render(List<ChatMessage> messages, boolean addGenerationPrompt) {
        return rendering(messages, addGenerationPrompt).text();
    }

    private Template.Rendering rendering(List<ChatMessage> messages, boolean addGenerationPrompt) {
        Map<String, Object> all = new HashMap<>(values);
        all.put("messages", messages.stream().map(ChatMessage::known).toList());
        all.put("add_generation_prompt", addGenerationPrompt);
        return template.render(all, now);
    }

    /**
     * The text of a talk, and where the model's own answers stand in it: within {@code {% generation %}} where the
     * template has that, else from behind what stands before an answer up to the end of its turn, as found by changing
     * each answer and looking which part of the text changes.
     *
     * @throws InputException as {@link #render}, or if an answer does not stand in the text once
     */
    public Talk talk(List<ChatMessage> messages) {
        Template.Rendering whole = rendering(messages, false);
        return new Talk(whole.text(), whole.generation().isEmpty()
                ? new AnswerPlaces(messages, whole.text(), this).spans()
                : whole.generation().stream().map(span -> new Talk.Span(span.from(), span.to())).toList());
    }

    /** For messages about this template. */
    InputException error(String rule) {
        return template.error(rule);
    }
}
