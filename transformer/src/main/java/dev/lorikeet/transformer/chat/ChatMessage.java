package dev.lorikeet.transformer.chat;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What somebody says in a talk.
 *
 * @param fields {@code role} and {@code content}, as Hugging Face's and OpenAI's messages have them, and what a
 *     template reads besides, such as {@code tool_calls}; values are those of JSON
 */
public record ChatMessage(Map<String, Object> fields) {
    private static final String ROLE = "role";
    private static final String CONTENT = "content";
    private static final String REASONING = "reasoning_content";
    private static final String THINKING = "thinking";

    /** @throws IllegalArgumentException if there is no role, or the content is neither a text nor a list of parts */
    public ChatMessage {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields)); // null is a value of JSON
        if (!(fields.get(ROLE) instanceof String role) || role.isBlank()) {
            throw new IllegalArgumentException("a message has a \"role\", such as user or assistant");
        }
        Object content = fields.get(CONTENT);
        if (content == null && !fields.containsKey("tool_calls")) {
            throw new IllegalArgumentException("a message of role \"" + role + "\" has no \"content\"");
        }
        if (content != null && !(content instanceof String) && !(content instanceof List<?>)) {
            throw new IllegalArgumentException("the \"content\" of a message is a text");
        }
    }

    /** A message of a role, such as {@code system}, {@code user} or {@code assistant}. */
    public static ChatMessage of(String role, String content) {
        return new ChatMessage(Map.of(ROLE, role, CONTENT, content));
    }

    public static ChatMessage system(String content) {
        return of("system", content);
    }

    public static ChatMessage user(String content) {
        return of("user", content);
    }

    public static ChatMessage assistant(String content) {
        return of("assistant", content);
    }

    public String role() {
        return String.valueOf(fields.get(ROLE));
    }

    /** The text; null where there is none, or one in parts. */
    public @Nullable String content() {
        return fields.get(CONTENT) instanceof String content ? content : null;
    }

    /** Whether the model says this, rather than reads it. */
    public boolean isAnswer() {
        return role().equals("assistant");
    }

    /**
     * What a template is told. What the model thought before it said this has several names in files, and templates
     * read two of them: transformers gives it under both.
     */
    Map<String, Object> known() {
        for (String name : List.of(REASONING, THINKING, "reasoning")) {
            if (fields.get(name) != null) {
                Map<String, Object> all = new LinkedHashMap<>(fields);
                all.putIfAbsent(THINKING, fields.get(name));
                all.put(REASONING, fields.get(name));
                return all;
            }
        }
        return fields;
    }

    /** This with another text. */
    ChatMessage content(String other) {
        Map<String, Object> changed = new LinkedHashMap<>(fields);
        changed.put(CONTENT, other);
        return new ChatMessage(changed);
    }
}
