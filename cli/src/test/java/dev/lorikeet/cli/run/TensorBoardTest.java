package dev.lorikeet.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TensorBoardTest {
    private static final Path RECORDED = Path.of(System.getProperty("lorikeet.basedir", ""),
            "fixtures/metrics/events.tfevents");

    /** {@code fixtures/make_events.py} has the same numbers. */
    @Test
    void theBytesAreThoseOfTensorBoardsOwnWriter() {
        TensorBoard board = new TensorBoard(1790000000.0);
        board.scalar(1790000000.25, 1, "train/loss", 3.125);
        board.scalar(1790000001.5, 127, "train/loss", 0.1);
        board.scalar(1790000002.0, 128, "test/f1_macro", -1e-30);
        board.scalar(1790000003.0, Integer.MAX_VALUE, "test/" + "ä".repeat(100), 0.0);
        assertThat(RECORDED).hasBinaryContent(board.bytes());
    }
}
