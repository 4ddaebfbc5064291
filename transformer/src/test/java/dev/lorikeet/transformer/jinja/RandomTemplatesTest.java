package dev.lorikeet.transformer.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Templates are programs of strangers: whatever they say, they end soon, in a text or in a refusal. */
class RandomTemplatesTest {
    private static final Path TEMPLATES = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "chats",
            "templates");
    private static final Path FILE = Path.of("some.jinja");
    private static final Map<String, Object> VALUES = Map.of("n", 3, "s", "text", "l", List.of(1, 2), "m",
            Map.of("a", 1), "messages", List.of(Map.of("role", "user", "content", "hi"),
                    Map.of("role", "assistant", "content", "ho")));
    private static final List<String> PIECES = List.of("{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "|", "(", ")", "[",
            "]", "{", "}", ",", ":", ".", "=", "==", "~", "*", "**", "//", "%", "<", "'", "\"", "\\", "\n", " ", "if ",
            "else ", "elif ", "endif ", "for ", "in ", "endfor ", "set ", "endset ", "macro f(x) ", "endmacro ", "f(1)",
            "raw ", "endraw ", "is ", "not ", "and ", "or ", "defined ", "n", "s", "l", "m", "loop.index", "messages",
            "'a'", "1", "0", "99999999999", "1.5", "range(9)", "trim", "tojson", "length", "join", "map", "replace",
            "namespace(a=1)", ".split('t')", "generation ", "endgeneration ", "break ", "continue ", "x");

    @Test
    void randomPiecesEndInATextOrInARefusal() {
        Random random = new Random(1);
        int rendered = 0;
        for (int i = 0; i < 5_000; i++) {
            StringBuilder source = new StringBuilder(i % 2 == 0 ? "{{ " : "{% ");
            for (int piece = random.nextInt(12); piece >= 0; piece--) {
                source.append(PIECES.get(random.nextInt(PIECES.size()))).append(random.nextInt(3) == 0 ? " " : "");
            }
            source.append(random.nextInt(4) == 0 ? "" : i % 2 == 0 ? " }}" : " %}");
            rendered += ends(source.toString()) ? 1 : 0;
        }
        assertThat(rendered).isGreaterThan(100);
    }

    /** Real templates with a piece left out, doubled or put elsewhere. */
    @Test
    void changedTemplatesEndInATextOrInARefusal() throws IOException {
        List<String> sources = new ArrayList<>();
        try (Stream<Path> files = Files.list(TEMPLATES)) {
            for (Path file : files.sorted().toList()) {
                sources.add(Files.readString(file));
            }
        }
        Random random = new Random(2);
        int rendered = 0;
        for (int i = 0; i < 600; i++) {
            String source = sources.get(i % sources.size());
            int from = random.nextInt(source.length());
            int to = Math.min(source.length(), from + 1 + random.nextInt(random.nextBoolean() ? 4 : 60));
            int at = random.nextInt(from + 1);
            rendered += ends(switch (random.nextInt(4)) {
                case 0 -> source.substring(0, from) + source.substring(to);
                case 1 -> source.substring(0, to) + source.substring(from);
                case 2 -> source.substring(0, from) + PIECES.get(random.nextInt(PIECES.size())) + source.substring(to);
                default -> source.substring(0, at) + source.substring(from, to) + source.substring(at);
            }) ? 1 : 0;
        }
        assertThat(rendered).isGreaterThan(60);
    }

    private static boolean ends(String source) {
        try {
            return Template.of(source, FILE, "template").render(VALUES, null).text().length() >= 0;
        } catch (InputException e) {
            assertThat(e).hasMessageMatching("some\\.jinja: template, line \\d+: .+");
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f(i) %}{{ f(i + 1) ~ f(i + 1) }}{% endmacro %}{{ f(0) }}",
        "{% for a in range(99999) %}{% if a == b %}{% endif %}{% endfor %}"
                + "{% for a in range(99999) %}{% if a == b %}{% endif %}{% endfor %}",
        "{{ 'a' * 99999999999 }}", "{{ 'a' * 999999999 }}", "{{ [1] * 99999999999 }}", "{{ range(999999999) }}",
        "{{ 10 ** 99999999 }}", "{{ 2 ** 64 }}", "{{ 9223372036854775807 }}", "{{ 999999999999999999 * 99 }}",
        "{% set ns = namespace(a='x') %}{% for i in range(99) %}{% set ns.a = ns.a ~ ns.a %}{% endfor %}",
        "{% set ns = namespace(a=[]) %}{% for i in range(999) %}{% set ns.a = [ns.a] %}{% endfor %}{{ ns.a }}",
        "{% set ns = namespace(a=[]) %}{% for i in range(999) %}{% set ns.a = [ns.a] %}{% endfor %}"
                + "{{ ns.a | tojson }}",
        "{% set ns = namespace(a=[]) %}{% for i in range(999) %}{% set ns.a = [ns.a] %}{% endfor %}"
                + "{{ ns.a == [ns.a] }}",
        "{% set ns = namespace(a=[]) %}{% for i in range(99) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a }}",
        "{% set a = 'a' * 9999999 %}{% for i in range(99999) %}{{ a | length }}{% endfor %}",
        "{% set a = 'a' * 999999 %}{{ ('a' * 499999 ~ 'b') in a }}",
        "{% set a = 'a' * 9999 %}{{ a.replace('a', a).replace('a', a) }}",
        "{% for i in range(99999) %}{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' * 99 }}"
                + "{% endfor %}",
        "{{ 1 | tojson(indent=999999999) }}", "{{ 'a\nb' | indent(999999999) }}"
    })
    void greedyTemplatesAreStopped(String source) {
        assertThatThrownBy(() -> Template.of(source, FILE, "template").render(VALUES, null, Run.MOST_WORK / 20))
                .isInstanceOf(InputException.class);
    }

    private static Stream<String> deep() {
        return Stream.of("(", "[", "{1:", "not ", "-", "l[", "f(", "x if ", "1 is eq ").map(open -> "{{ "
                + open.repeat(5_000));
    }

    @ParameterizedTest
    @MethodSource("deep")
    void deepTemplatesAreRefused(String source) {
        assertThatThrownBy(() -> Template.of(source, FILE, "template")).isInstanceOf(InputException.class);
    }

    @Test
    void chainsAreAsLongAsTheyLike() {
        assertThat(Template.of("{{ 1" + " + 1".repeat(5_000) + " }}", FILE, "template").render(VALUES, null).text())
                .isEqualTo("5001");
        assertThat(Template.of("{{ s" + " | trim".repeat(5_000) + " }}", FILE, "template").render(VALUES, null).text())
                .isEqualTo("text");
        assertThat(Template.of("{% if z %}" + "{% elif z %}".repeat(5_000) + "{% else %}e{% endif %}", FILE, "template")
                .render(VALUES, null).text()).isEqualTo("e");
    }
}
