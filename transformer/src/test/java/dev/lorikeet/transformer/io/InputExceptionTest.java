package dev.lorikeet.transformer.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class InputExceptionTest {
    @Test
    void isOneLineWhateverItQuotes() {
        assertThat(new InputException(Path.of("a\nb.tsv"), "line 3", "unknown label \"x\r\ny\""))
                .hasMessage("a\\nb.tsv: line 3: unknown label \"x\\r\\ny\"");
        assertThat(new InputException("epochs: -1\nis too few")).hasMessage("epochs: -1\\nis too few");
    }

    @Test
    void showsWhatATerminalWouldObey() {
        assertThat(new InputException(Path.of("x.json"), "label \u001b[2J\u0000\u009b",
                "\u2028\u202e\ud800 très 語 \ud83d\ude00"))
                .hasMessage("x.json: label \\u001b[2J\\u0000\\u009b: \\u2028\\u202e\\ud800 très 語 \ud83d\ude00");
    }

    @Test
    void showsWhatCannotBeSeen() {
        assertThat(new InputException("limit: not 1\uFEFF00, but \u00AD\u200E\uDB40\uDC41\u2066; a\u200Db\u200C"))
                .hasMessage("limit: not 1\\ufeff00, but \\u00ad\\u200e\\udb40\\udc41\\u2066; a\u200Db\u200C");
    }

    @Test
    void isCutWhereItIsLongAndKeepsPlaceAndRule() {
        String message = new InputException(Path.of("x.tsv"), "line 1 " + "\ud83d\ude00".repeat(2000), "is too long")
                .getMessage();
        assertThat(message).startsWith("x.tsv: line 1 \ud83d\ude00").endsWith("\ud83d\ude00: is too long")
                .contains("\ud83d\ude00…\ud83d\ude00")
                .hasSizeBetween(497, 500);
        assertThat(new InputException("x".repeat(500))).hasMessage("x".repeat(500));
    }
}
