package dev.lorikeet.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.cli.report.Format;
import org.junit.jupiter.api.Test;

class MemoryExceptionTest {
    @Test
    void saysOverWhatMemoryEndedAndWhatHelps() {
        assertThatThrownBy(() -> MemoryException.during("training", "a smaller x needs less, ", () -> {
            throw new OutOfMemoryError("Java heap space");
        })).isInstanceOf(MemoryException.class).hasCauseInstanceOf(OutOfMemoryError.class)
                .hasMessageMatching("out of memory while training: a smaller x needs less, "
                        + "LORIKEET_JAVA_OPTS=-Xmx\\d+g gives Java more than "
                        + Format.bytes(Runtime.getRuntime().maxMemory()));
    }

    @Test
    void whatFitsIsDone() {
        assertThat(MemoryException.during("adding", "", () -> 2 + 2)).isEqualTo(4);
    }
}
