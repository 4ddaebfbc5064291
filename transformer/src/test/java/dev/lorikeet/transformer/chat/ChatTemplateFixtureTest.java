package dev.lorikeet.transformer.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.tokenizer.SpecialTokensMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What transformers makes of talks by templates of real models: {@code chats/chats.json}. */
class ChatTemplateFixtureTest {
    private static final Path CHATS = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "chats");
    private static final JsonObject RECORDED = JsonObject.read(CHATS.resolve("chats.json"));

    @TestFactory
    Stream<DynamicTest> templates() {
        JsonObject templates = RECORDED.object("templates");
        assertThat(templates.fields()).hasSizeGreaterThan(20);
        return templates.fields().keySet().stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> check(name, templates.object(name))));
    }

    private static ChatTemplate template(String name) throws IOException {
        Path file = CHATS.resolve("templates").resolve(name + ".jinja");
        return ChatTemplate.of(Files.readString(file), file, "chat_template",
                tokens(RECORDED.object("templates").object(name)))
                .at(LocalDateTime.parse(RECORDED.string("now")));
    }

    private static List<ChatMessage> messages(String talk) {
        return RECORDED.object("talks").object(talk).objects("messages").stream()
                .map(message -> new ChatMessage(message.fields())).toList();
    }

    private static void check(String name, JsonObject expected) throws IOException {
        ChatTemplate template = template(name);
        JsonObject cases = expected.object("cases");
        for (String talk : cases.fields().keySet()) {
            List<ChatMessage> messages = messages(talk);
            ChatTemplate knowing = template.with(RECORDED.object("talks").object(talk).object("values").fields());
            JsonObject result = cases.object(talk);
            check(name + ", " + talk, knowing, messages, false, result.fields().get("text"));
            check(name + ", " + talk, knowing, messages, true, result.fields().get("prompted"));
            if (result.has("answers")) {
                String text = result.string("text");
                Talk told = knowing.talk(messages);
                assertThat(told.text()).isEqualTo(text);
                assertThat(told.answers().stream().map(span -> text.substring(span.from(), span.to())))
                        .as("%s, %s", name, talk)
                        .isEqualTo(result.list("answers").stream().map(range -> piece(text, (List<?>) range)).toList());
            }
        }
    }

    /**
     * TRL's own templates mark the answers; those they were made of do not, so that they are found by changing them.
     * Where both give the same text, the ranges are the same; that for Qwen2.5 begins one line break before an answer,
     * which the prompt for an answer has.
     */
    @Test
    void answersAreFoundWhereTheyAreNotMarked() throws IOException {
        int compared = 0;
        for (String name : List.of("gemma", "llama3", "phi3", "qwen3")) {
            ChatTemplate plain = template(name);
            ChatTemplate marked = template(name + "_training");
            for (String talk : RECORDED.object("talks").fields().keySet()) {
                List<ChatMessage> messages = messages(talk);
                String text = render(plain, messages, false);
                if (text != null && text.equals(render(marked, messages, false))
                        && !marked.talk(messages).answers().isEmpty()) {
                    assertThat(tokens(plain.talk(messages))).as("%s, %s", name, talk)
                            .isEqualTo(tokens(marked.talk(messages)));
                    compared++;
                }
            }
        }
        assertThat(compared).isGreaterThan(50);
    }

    /** The chars of answers, but for those of tokens {@code <|…|>} that end elsewhere. */
    private static BitSet tokens(Talk talk) {
        BitSet chars = new BitSet();
        talk.answers().forEach(span -> chars.set(span.from(), span.to()));
        Pattern.compile("<\\|[a-z_]+\\|>").matcher(talk.text()).results()
                .filter(token -> chars.nextClearBit(token.start()) < token.end())
                .forEach(token -> chars.clear(token.start(), token.end()));
        return chars;
    }

    private static String piece(String text, List<?> range) {
        return text.substring(text.offsetByCodePoints(0, (int) range.getFirst()),
                text.offsetByCodePoints(0, (int) range.getLast()));
    }

    private static SpecialTokensMap tokens(JsonObject expected) {
        JsonObject tokens = expected.object("tokens");
        Map<String, String> names = new HashMap<>();
        tokens.fields().keySet().forEach(part -> names.put(part, tokens.string(part)));
        return new SpecialTokensMap(names);
    }

    private static void check(String name, ChatTemplate template, List<ChatMessage> messages, boolean prompt,
            Object expected) {
        assertThat(render(template, messages, prompt)).as("%s, prompt %s", name, prompt).isEqualTo(expected);
    }

    private static String render(ChatTemplate template, List<ChatMessage> messages, boolean prompt) {
        try {
            return template.render(messages, prompt);
        } catch (InputException e) {
            assertThat(e).hasMessageMatching(".*\\.jinja: chat_template, line [0-9]+: .*");
            return null;
        }
    }
}
