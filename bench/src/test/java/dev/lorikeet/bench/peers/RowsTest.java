package dev.lorikeet.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowsTest {

    @Test
    void everyWorkIsReadFromItsLineAndHasANameOfItsOwn() {
        assertThat(Rows.all()).allSatisfy(row -> assertThat(Work.parse(row.work().line())).isEqualTo(row.work()))
                .extracting(row -> row.work().name()).doesNotHaveDuplicates();
        assertThatThrownBy(() -> Work.parse("tea 1")).hasMessage("no such work: tea 1");
    }

    @ParameterizedTest
    @CsvSource({"matmul 512 x 384 x 384 NN, 1.02", "matmul 2048 x 576 x 1536 NT, 1.02", "matmul 512 x 384 x 1536 TN, 1",
        "'matmul, weight packed once 512 x 1536 x 384 packed', 0.93", "matmul 1024 x 1024 x 1024 NT, 1",
        "matmul 2048 x 2048 x 2048 NN, 1", "matmul of rank 8 512 x 384 x 8 NN, 1.5",
        "matmul of rank 8 512 x 8 x 384 NT, 1",
        "adapter's gradient 8 x 512 x 384 TN, 1.5", "decode 1 x 576 x 1536 packed, 0.95", "exp 1024 x 1024, 1",
        "softmax 12288 x 64, 1", "layer norm 1024 x 384, 1", "encoder forward 16 x 64 full, 1.4",
        "LoRA step 16 x 64 full, 2.5", "LoRA step 32 definitions ragged, 4"})
    void targetsAreAsPromised(String name, double target) {
        assertThat(Rows.all()).filteredOn(row -> row.work().name().equals(name)).singleElement()
                .extracting(Row::target).isEqualTo(target);
    }

    @Test
    void tokenizersReadEachText() {
        List<Row> rows = Rows.tokens(List.of(Path.of("/a b/tokenizer.json")), List.of(Path.of("/c/x.txt"),
                Path.of("/c/%20+y.txt")));
        assertThat(rows).extracting(row -> row.work().name()).containsExactly("tokenizer a b x.txt",
                "tokenizer a b %20+y.txt");
        assertThat(rows).allSatisfy(row -> assertThat(Work.parse(row.work().line())).isEqualTo(row.work()));
    }

    @Test
    void aShortRunHasOfEverythingABit() {
        assertThat(Rows.choose(true, null)).hasSizeBetween(15, 30).extracting(row -> row.work().title()).contains(
                "matmul", "matmul, weight packed once", "matmul of rank 8", "adapter's gradient", "decode", "exp",
                "tanh",
                "GELU (erf)", "softmax", "layer norm", "encoder forward", "LoRA step");
    }

    @ParameterizedTest
    @CsvSource({"lora STEP, 3", "RAGGED, 2", "2048 x 2048 x 2048, 3", "gradient, 1", "^exp|^tanh, 2", "nonsense, 0"})
    void aPatternTakesSomeRows(String only, int rows) {
        assertThat(Rows.choose(false, Pattern.compile(only))).hasSize(rows);
    }
}
