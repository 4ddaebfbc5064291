package dev.lorikeet.bench.fuzz;

import dev.lorikeet.transformer.chat.ChatMessage;
import dev.lorikeet.transformer.chat.ChatTemplate;
import dev.lorikeet.transformer.constraint.TextForm;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.data.TableFormat;
import dev.lorikeet.transformer.data.TaggedText;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.task.LanguageForm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The readers of what language models are told and asked for: templates, forms, prompts and talks; and of tags. */
final class TextReaders {
    private static final List<String> TEMPLATES = List.of("smollm2", "qwen3", "gemma3", "llama2", "mistral");
    private static final List<ChatMessage> TALK = List.of(ChatMessage.system("Be brief."), ChatMessage.user("Hi"),
            ChatMessage.assistant("Hello."), ChatMessage.user("2 + 2?"));
    private static final List<String> SNIPPETS = List.of("""
            {% macro line(role, text='-') %}{{ role | upper }}: {{ text }}{% endmacro %}
            {% for m in messages if m.role != 'system' %}{{ line(m['role'], m.content[:3] ~ loop.index) }}
            {%- else %}nobody{% endfor %}
            """, """
            {%- set ns = namespace(n=0) -%}
            {%- for i in range(3) %}{% set ns.n = ns.n * 2 + i %}{% endfor -%}
            {{ ns.n }} {{ messages | map(attribute='role') | join(', ') }} {{ {'a': [1, 2.5, none]} | tojson }}
            {% if messages | length > 2 and not tools %}{{ raise_exception('too ' + 'many') }}{% endif %}
            """);
    private static final List<String> PATTERNS = List.of("^[A-Z][a-z]{1,12}( [a-z]+)*[.!?]$", "^(a|b|(?:c|d){2,5})+$",
            "^\\d{4}-\\d{2}-\\d{2}$", "^[^\\\"\\\\\\n]{0,20}\\u00e9?$", "^((((a{0,9}){0,9}){0,9})*x?)+$");
    private static final List<String> COMPLETIONS = List.of("""
            {"prompt": "2 + 2 =", "completion": " 4"}
            {"prompt": "", "completion": "a \\u00e9", "more": [1]}

            {"completion": "b", "prompt": "a\\nb"}
            """, "{\"prompt\":\"a\",\"completion\":\"b\"}");
    private static final List<String> TALKS = List.of("""
            {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}
            {"messages": [{"role": "system", "content": ""}, {"role": "user", "content": [{"type": "text"}]}]}
            """, "{\"messages\": [{\"role\": \"user\", \"content\": \"a\", \"thinking\": null, \"n\": 1}]}");
    private static final List<String> SENTENCES = List.of("""
            -DOCSTART- -X- O O

            EU NNP B-NP B-ORG
            rejects VBZ B-VP O

            Peter NNP B-NP B-PER
            """, "1\tThe\tthe\tDET\t_\n2-3\tdon't\t_\t_\t_\n2\tdo\tdo\tAUX\t_\n\n# a comment\n1\ta\ta\tX\t_\n");

    private TextReaders() {}

    /** {@code chat_template.jinja}, which tells a talk. */
    static Reader template(Path directory, Path recorded) throws IOException {
        Path file = Files.createDirectories(directory).resolve("chat_template.jinja");
        Files.writeString(directory.resolve("tokenizer_config.json"),
                "{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\"}");
        List<String> seeds = new ArrayList<>(SNIPPETS);
        for (String name : TEMPLATES) {
            seeds.add(Files.readString(recorded.resolve(name + ".jinja")));
        }
        return Reader.ofText("chat template", directory, seeds, input -> {
            Files.write(file, input);
            Objects.requireNonNull(ChatTemplate.ofDirectory(directory)).render(TALK, true);
        });
    }

    /** A schema that texts are kept to. */
    static Reader schema(Path directory, Path recorded) {
        Path file = directory.resolve("schema.json");
        List<JsonTree> seeds = JsonObject.read(recorded).objects("cases").stream()
                .map(each -> JsonTree.of(each.object("schema").fields())).toList();
        return Reader.ofJson("JSON schema", directory, seeds, List.of("oneOf", "minimum", "$ref", "enum"), input -> {
            Files.write(file, input);
            TextForm.jsonSchema(JsonObject.read(file)).matches("{\"a\":[1,\"b\"],\"name\":\"\u00e9\"}");
        });
    }

    /** A regular expression, as a schema's pattern, so that it has a file. */
    static Reader pattern(Path directory) {
        Path file = directory.resolve("pattern.json");
        return Reader.ofText("regular expression", directory, PATTERNS, input -> {
            Files.writeString(file, Json.write(Map.of("type", "string", "pattern",
                    new String(input, StandardCharsets.UTF_8))));
            TextForm form = TextForm.jsonSchema(JsonObject.read(file));
            form.matches("\"Abc def\"");
            form.matches("\"" + "a".repeat(200) + "\"");
        });
    }

    /** Prompts and what is to be written. */
    static Reader completions(Path file) {
        return language(file, COMPLETIONS, LanguageForm.COMPLETION, List.of("prompt", "completion"));
    }

    /** Talks. */
    static Reader talks(Path file) {
        return language(file, TALKS, LanguageForm.MESSAGES, List.of("messages"));
    }

    private static Reader language(Path file, List<String> seeds, LanguageForm<?> form, List<String> columns) {
        return Reader.ofText(form + " data", file.toAbsolutePath().resolveSibling(""), seeds, input -> {
            Files.write(file, input);
            new Table(file, TableFormat.STANDARD).samples(form.columns(columns), List.of(), _ -> "");
        });
    }

    /** Words with tags, in columns. */
    static Reader tags(Path file) {
        return Reader.ofText("words with tags", file.toAbsolutePath().resolveSibling(""), SENTENCES, input -> {
            Files.write(file, input);
            new TaggedText(file).read();
        });
    }
}
