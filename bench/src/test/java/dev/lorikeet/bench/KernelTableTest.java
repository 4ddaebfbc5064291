package dev.lorikeet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.bench.KernelTable.Measurement;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelTableTest {
    @Test
    void scalarAndVectorCodeStandSideBySide() {
        String table = KernelTable.markdown(List.of(new Measurement("Math.exp", "vector", "us/op", 2.5, 0.01),
                new Measurement("Decode.read, threads 2", "vector", "GB/s", 40, 1.25),
                new Measurement("Math.exp", "scalar", "us/op", 31, 0.2)));
        assertThat(table).endsWith("""
                |---|---|---:|---:|---:|
                | Decode.read, threads 2 | GB/s |  | 40.0 ± 1.25 |  |
                | Math.exp | us/op | 31.0 ± 0.20 | 2.50 ± 0.01 | 12.4 |
                """);
    }
}
