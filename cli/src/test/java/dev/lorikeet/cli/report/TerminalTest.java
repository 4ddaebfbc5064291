package dev.lorikeet.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TerminalTest {
    private static String printed(int width, Consumer<Terminal> action) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        action.accept(new Terminal(new ByteArrayInputStream(new byte[0]), stream, stream, width > 0, width));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aTableThatIsTooWideIsAListOfItsRows() {
        List<List<String>> rows = List.of(List.of("", "accuracy", "time"), List.of("out/a run", "80.1 %", "12 s"),
                List.of("majority class", "5.0 %", ""));
        for (int width : new int[] {0, 32, 31}) {
            assertThat(printed(width, terminal -> terminal.table(rows)).lines()).containsExactlyElementsOf(width == 31
                    ? List.of("  out/a run", "    accuracy  80.1 %", "    time      12 s", "  majority class",
                            "    accuracy  5.0 %")
                    : List.of("                  accuracy  time", "  out/a run         80.1 %  12 s",
                            "  majority class     5.0 %"));
        }
    }

    @Test
    void aLineThatIsTooWideGoesOnFurtherIn() {
        String line = "  epoch 1 of 3   test accuracy 74.3 %   loss 1.375 train, 0.862 test   saved";
        assertThat(printed(60, terminal -> terminal.line(line))).isEqualTo(
                "  epoch 1 of 3   test accuracy 74.3 %   loss 1.375 train,\n"
                        + "                 0.862 test   saved\n");
        assertThat(printed(40, terminal -> terminal.line("  and 21 classes with 85.3 % of it together")))
                .isEqualTo("  and 21 classes with 85.3 % of it\n    together\n");
        assertThat(printed(80, terminal -> terminal.line(line))).isEqualTo(line + "\n");
        assertThat(printed(0, terminal -> terminal.line(line.repeat(9)))).hasLineCount(1);
    }

    @Test
    void aFieldGoesOnBelowItsValue() {
        assertThat(printed(30, terminal -> terminal.field("Data", "one two three four five six")))
                .isEqualTo("Data        one two three four\n            five six\n");
    }

    @Test
    void whatATerminalWouldObeyIsShown() {
        assertThat(printed(0, terminal -> {
            terminal.line("\u001b[2J\n");
            terminal.field("Run", "a\u0007b");
            terminal.fault("no \u009b31m");
            terminal.command("predict", "\u001bc");
        })).isEqualTo("\\u001b[2J\\n\nRun         a\\u0007b\nlorikeet: no \\u009b31m\n  lorikeet predict '\\u001bc'\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            out/rün   | out/rün
            my run    | "my run"
            it's      | "it's"
            a$b       | 'a$b'
            say "hi"  | 'say "hi"'
            '$        | ''\\''$'
            """)
    void wordsAreQuotedAsAShellReadsThem(String word, String quoted) {
        assertThat(CommandLines.quoted(word)).isEqualTo(quoted);
    }

    @Test
    void aCommandThatIsTooWideIsStillOne() {
        assertThat(printed(40, terminal -> terminal.command("predict", "--run", "out/run", "a small animal that runs")))
                .isEqualTo("  lorikeet predict --run out/run \\\n      \"a small animal that runs\"\n");
    }
}
