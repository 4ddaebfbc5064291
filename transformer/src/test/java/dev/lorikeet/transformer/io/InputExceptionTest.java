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
}
