package dev.lorikeet.transformer.jinja;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What Jinja makes of small templates, as transformers sets it up: {@code chats/snippets.json}. */
class TemplateFixtureTest {
    private static final Path FILE = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "chats",
            "snippets.json");

    /** What Jinja knows and this does not: refused, never another text. */
    private static final Set<String> UNSUPPORTED = Set.of("{{ s.format(1) }}", "{{ \"%s\" % 1 }}",
            "{{ n is sameas(1) }}");

    @Test
    void everySnippetIsRenderedOrRefused() {
        JsonObject recorded = JsonObject.read(FILE);
        Map<String, Object> values = recorded.object("values").fields();
        LocalDateTime now = LocalDateTime.parse(recorded.string("now"));
        List<String> different = new ArrayList<>();
        for (Object one : recorded.list("snippets")) {
            String source = (String) ((List<?>) one).getFirst();
            Object expected = ((List<?>) one).getLast();
            Object actual;
            String refusal = "";
            try {
                actual = Template.of(source, FILE, "template").render(values, now).text();
            } catch (InputException e) {
                actual = null;
                refusal = e.getMessage();
            }
            boolean fits = UNSUPPORTED.contains(source)
                    ? refusal.contains("not supported")
                    : expected == null ? refusal.startsWith(FILE + ": template, line 1: ")
                            : expected.equals(actual);
            if (!fits) {
                different.add(source + " gives " + actual + refusal + ", not " + expected);
            }
        }
        assertThat(different).isEmpty();
        assertThat(recorded.list("snippets")).hasSizeGreaterThan(380);
    }
}
