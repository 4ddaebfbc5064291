package dev.lorikeet.transformer.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.tokenizer.SpecialTokensMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatTemplateTest {
    private static final List<ChatMessage> QUESTION = List.of(ChatMessage.user("hi"));

    @TempDir
    private Path directory;

    private void write(String name, String content) throws IOException {
        Files.writeString(directory.resolve(name), content);
    }

    private static ChatTemplate of(String source) {
        return ChatTemplate.of(source, Path.of("some.json"), "chat_template", new SpecialTokensMap(Map.of()));
    }

    @Test
    void aDirectorySaysItInOneOfThreeWays() throws IOException {
        assertThat(ChatTemplate.ofDirectory(directory)).isNull();
        write("tokenizer_config.json", "{\"eos_token\": \"</s>\"}");
        assertThat(ChatTemplate.ofDirectory(directory)).isNull();
        write("tokenizer_config.json", """
                {"chat_template": "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}{{ pad_token }}",
                 "bos_token": {"content": "<s>", "lstrip": false}, "eos_token": "</s>", "pad_token": null}""");
        assertThat(ChatTemplate.ofDirectory(directory).render(QUESTION, false)).isEqualTo("<s>hi</s>");
        write("tokenizer_config.json", """
                {"chat_template": [{"name": "tool_use", "template": "tools"},
                                   {"name": "default", "template": "{{ messages | length }}"}]}""");
        assertThat(ChatTemplate.ofDirectory(directory).render(QUESTION, false)).isEqualTo("1");
        write("chat_template.jinja", "a file of its own {{ bos_token }}");
        write("special_tokens_map.json", "{\"bos_token\": \"<b>\"}");
        assertThat(ChatTemplate.ofDirectory(directory).render(QUESTION, false)).isEqualTo("a file of its own <b>");
    }

    @Test
    void refusesFilesThatSayNothing() throws IOException {
        write("tokenizer_config.json", "{\"chat_template\": [{\"name\": \"rag\", \"template\": \"x\"}]}");
        assertThatThrownBy(() -> ChatTemplate.ofDirectory(directory)).isInstanceOf(InputException.class)
                .hasMessageEndingWith(
                        "tokenizer_config.json: chat_template: none of the templates is called \"default\"");
        write("tokenizer_config.json", "{\"chat_template\": \"\\n\\n{% include 'x' %}\"}");
        assertThatThrownBy(() -> ChatTemplate.ofDirectory(directory)).isInstanceOf(InputException.class)
                .hasMessageEndingWith("tokenizer_config.json: chat_template, line 3: \"include\" is not supported");
        write("tokenizer_config.json", "{\"chat_template\": 3}");
        assertThatThrownBy(() -> ChatTemplate.ofDirectory(directory)).isInstanceOf(InputException.class)
                .hasMessageContaining("chat_template: a string is expected");
        Files.write(directory.resolve("chat_template.jinja"), new byte[] {(byte) 0xff});
        assertThatThrownBy(() -> ChatTemplate.ofDirectory(directory)).isInstanceOf(InputException.class)
                .hasMessageEndingWith("the text is not UTF-8");
    }

    @Test
    void theTimeIsKnownWhereItIsSaid() {
        ChatTemplate template = of("{{ strftime_now('%d %b %Y') if strftime_now is defined else 'no day' }}");
        assertThat(template.render(QUESTION, false)).isEqualTo("no day");
        assertThat(template.at(LocalDateTime.of(2026, 3, 1, 0, 0)).render(QUESTION, false)).isEqualTo("01 Mar 2026");
        assertThatThrownBy(() -> of("{{ strftime_now('%Y') }}").render(QUESTION, false))
                .isInstanceOf(InputException.class)
                .hasMessage("some.json: chat_template, line 1: strftime_now, which is undefined cannot be called");
    }

    @Test
    void refusesTalksAsTheTemplateDoes() {
        assertThatThrownBy(() -> of("{% if messages[0].role != 'system' %}\n{{ raise_exception('no system') }}"
                + "{% endif %}").render(QUESTION, false)).isInstanceOf(InputException.class)
                .hasMessage("some.json: chat_template, line 2: the template refuses: no system");
    }

    @Test
    void anAnswerStandsInTheTextOnce() {
        List<ChatMessage> talk = List.of(ChatMessage.user("q"), ChatMessage.assistant("a"));
        String lines = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}";
        assertThat(of("{% for m in messages %}{{ m.content }}{% endfor %}").talk(List.of(ChatMessage.user("Hi"),
                ChatMessage.assistant(""))).answers()).as("of nothing").containsExactly(new Talk.Span(2, 2));
        assertThat(of(lines).talk(talk).answers()).as("all that the model has to write")
                .containsExactly(new Talk.Span(8, 21));
        assertThat(of(lines + "{% if add_generation_prompt %}assistant: {% endif %}").talk(talk).answers())
                .containsExactly(new Talk.Span(19, 21));
        for (String other : List.of("{{ messages[0].content }}", "{{ messages[1].content ~ messages[1].content }}")) {
            assertThatThrownBy(() -> of(other).talk(talk)).isInstanceOf(InputException.class)
                    .hasMessageContaining("message 2, an answer, does not stand in the text once");
        }
    }

    @Test
    void messagesHaveARoleAndAText() {
        assertThatIllegalArgumentException().isThrownBy(() -> new ChatMessage(Map.of("content", "a")))
                .withMessage("a message has a \"role\", such as user or assistant");
        assertThatIllegalArgumentException().isThrownBy(() -> new ChatMessage(Map.of("role", "user")))
                .withMessage("a message of role \"user\" has no \"content\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ChatMessage(Map.of("role", "user", "content", 3)));
        Map<String, Object> call = new HashMap<>(Map.of("role", "assistant", "tool_calls", List.of()));
        call.put("content", null);
        assertThat(new ChatMessage(call).content()).isNull();
        assertThat(ChatMessage.system("x").content()).isEqualTo("x");
    }
}
