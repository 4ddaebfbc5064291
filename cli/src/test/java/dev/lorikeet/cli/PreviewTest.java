package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.cli.report.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreviewTest {
    @TempDir
    private Path directory;
    private TinyTask task;

    @BeforeEach
    void writeTask() throws IOException {
        task = TinyTask.in(directory);
        Files.writeString(task.train(), "text\tlabel\n" + "a cat sleeps\tanimal\n" + "the oak grows\tplant\n"
                + "the " + "fern ".repeat(20) + "grows\tplant\n");
        Files.writeString(task.test(), "text\tlabel\na cat sleeps\tanimal\nan elm\tplant\n");
    }

    @Test
    void showsClassesLengthsAndTokens() {
        Outcome outcome = Outcome.of("preview", "--recipe", task.recipe().toString(), "--examples", "3");
        assertThat(outcome.err()).isEmpty();
        List<String> lines = outcome.out().lines().map(line -> line.strip().replaceAll(" {2,}", "|")).toList();
        assertThat(lines).containsExactly("Model|" + task.model() + ", reads at most 16 tokens of a text",
                "Data|train.tsv: 3 to train, 2 to test, 2 classes", "Task|classification, from text to label",
                "In both|1 text to test with is among those to train with", "",
                "class|train|test", "animal|1|1", "plant|2|1", "",
                "tokens of a text|shortest|median|95 %|longest|cut", "train|5|5|24|24|1", "test|4|4|5|5|0", "",
                "animal", "[CLS] a cat sleeps [SEP]", "", "plant", "[CLS] the oak grows [SEP]", "", "plant",
                "[CLS] the fern fern fern fern fern fern fern fern fern fern fern fern fern [SEP]",
                "and 8 more, which are cut");
        assertThat(Outcome.of("preview", "--recipe", task.recipe().toString(), "--examples", "0", "--limit", "2").out())
                .contains(" 2 to train").doesNotContain("[CLS]");
        Outcome.of("preview", "--recipe", task.recipe().toString(), "--examples", "-1")
                .requireRefusal("--examples: must be at least 0, not -1");
    }

    @Test
    void onATerminalTokensAreFoldedAndHaveColours() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream printed = new PrintStream(out, true, StandardCharsets.UTF_8);
        Terminal terminal = new Terminal(InputStream.nullInputStream(), printed, printed, true, 20);
        terminal.tokens(List.of("[CLS]", "lori", "##keet", "\u001B[31mred", "flies", "[SEP]"));
        assertThat(out.toString(StandardCharsets.UTF_8).lines()).containsExactly(
                "  \u001B[2m[CLS]\u001B[0m lori \u001B[36m##keet\u001B[0m", "  \\u001b[31mred",
                "  flies \u001B[2m[SEP]\u001B[0m");
    }
}
