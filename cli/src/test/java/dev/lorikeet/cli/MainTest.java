package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.lorikeet.cli.report.Terminal;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

    @Test
    void withoutArgumentsItShowsTheVerbs() {
        Outcome outcome = Outcome.of();
        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).startsWith("Usage: lorikeet [-hV] VERB\n");
        assertThat(outcome.out().lines().filter(line -> line.matches("  [a-z]+  +[A-Z].*"))
                .map(line -> line.strip().split(" ")[0]))
                .containsExactly("finetune", "preview", "predict", "generate", "chat", "embed", "serve", "evaluate",
                        "compare", "watch", "merge", "export", "inspect", "pull", "doctor");
        assertThat(Outcome.of("--help")).isEqualTo(outcome);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "finetune", "preview", "predict", "generate", "chat", "embed", "serve", "evaluate",
        "compare", "watch", "merge", "export", "inspect", "pull", "doctor"})
    void helpFitsATerminalAndItsExamplesAreRight(String verb) {
        Outcome outcome = Outcome.of((verb + " --help").strip().split(" "));
        assertThat(outcome.status()).isZero();
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out()).startsWith(("Usage: lorikeet " + verb).strip());
        assertThat(outcome.out().lines()).allMatch(line -> line.length() <= 80);
        List<String> examples = outcome.out().lines().dropWhile(line -> !line.equals("Examples:")).skip(1).toList();
        assertThat(examples).isNotEmpty();
        for (String example : examples) {
            assertThat(example).startsWith("  lorikeet ");
            assertThatNoException().as(example).isThrownBy(() -> Main.command(Terminal.system())
                    .parseArgs(words(example.replaceFirst(" < .*", ""))));
        }
    }

    @Test
    void versionIsOneLine() {
        Outcome outcome = Outcome.of("--version");
        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).matches("lorikeet \\S.*\n");
    }

    @Test
    void doctorKnowsThisMachine() {
        Outcome outcome = Outcome.of("doctor");
        assertThat(outcome.status()).isZero();
        assertThat(outcome.out().lines().map(line -> line.substring(0, 12).strip()))
                .startsWith("JDK", "JVM", "System", "Kernels", "Threads", "Device", "Memory", "Models", "Cache");
        assertThat(outcome.out()).contains(System.getProperty("java.version"), System.getProperty("os.arch"),
                " on " + Runtime.getRuntime().availableProcessors() + " core",
                "all-MiniLM-L6-v2, bge-small-en-v1.5, e5-small-v2\n");
        assertThat(outcome.out()).containsPattern("Kernels +(vector (128|256|512)|scalar): \\S");
    }

    /** What a shell would make of an example, less the command's own name. */
    private static String[] words(String line) {
        return WORD.matcher(line).results().skip(1).map(word -> word.group().replace("\"", "")).toArray(String[]::new);
    }
}
