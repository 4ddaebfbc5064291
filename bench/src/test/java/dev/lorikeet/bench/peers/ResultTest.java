package dev.lorikeet.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.bench.Unit;
import dev.lorikeet.bench.peers.Work.Encoder;
import dev.lorikeet.bench.peers.Work.Form;
import dev.lorikeet.bench.peers.Work.Pass;
import dev.lorikeet.bench.peers.Work.Product;
import dev.lorikeet.transformer.io.Json;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class ResultTest {
    private static final Product PRODUCT = new Product(Form.NN, 512, 384, 8);

    private final Result product = Result.of(new Row(PRODUCT, 1.5, null, true), 1,
            results("Lorikeet", 150, "PyTorch", 50, "OpenBLAS", 120, "MKL", 60, "FMA peak", 200), 43, 45);
    private final Result packed = Result.of(
            new Row(new Product(Form.PACKED, 512, 384, 384), 0.93, Limits.PEAK, true), 2,
            results("Lorikeet", 180, "OpenBLAS", 190, "FMA peak", 200), 43, 45);
    private final Result step = Result.of(new Row(new Encoder(Pass.STEP, false), 2.5, null, true), 1,
            results("Lorikeet", 200, "PyTorch", 600), 43, 45);

    private static Map<String, Double> results(Object... namesAndValues) {
        Map<String, Double> results = new LinkedHashMap<>();
        IntStream.range(0, namesAndValues.length / 2).forEach(i -> results.put((String) namesAndValues[2 * i],
                ((Integer) namesAndValues[2 * i + 1]).doubleValue()));
        return results;
    }

    @Test
    void theRivalIsTheFastestNativeEngine() {
        assertThat(product.rival()).contains("OpenBLAS");
        assertThat(product.ratio()).isEqualTo(1.25);
        assertThat(product.reached()).isFalse();
        assertThat(product.ofLimit()).contains(0.75);
    }

    @Test
    void ofTimesTheLeastIsTheFastest() {
        assertThat(step.rival()).contains("PyTorch");
        assertThat(step.ratio()).isEqualTo(3);
        assertThat(step.reached()).isTrue();
    }

    @Test
    void aLimitOfTheMachineIsTheRivalWhereTheTargetSaysSo() {
        assertThat(packed.rival()).contains(Limits.PEAK);
        assertThat(packed.ratio()).isEqualTo(0.9);
    }

    @Test
    void withoutARivalThereIsNoRatio() {
        Result alone = Result.of(new Row(PRODUCT, 1, null, true), 1, results("Lorikeet", 1, "FMA peak", 2), 43, 45);
        assertThat(alone.rival()).isEmpty();
        assertThat(alone.ratio()).isNaN();
        assertThat(alone.reached()).isFalse();
        assertThat(alone.toMap()).containsEntry("rival", null).containsEntry("ratio", null);
    }

    @Test
    void theSpeedUpIsAgainstOurselves() {
        Result two = Result.of(new Row(new Encoder(Pass.STEP, false), 2.5, null, true), 2,
                results("Lorikeet", 104, "PyTorch", 500), 43, 45);
        Result speedUp = Result.speedUp(step, two);
        assertThat(speedUp.rival()).contains("Lorikeet, 1 thread");
        assertThat(speedUp.ratio()).isCloseTo(1.923, within(0.001));
        assertThat(speedUp.target()).isEqualTo(1.9);
        assertThat(speedUp.quiet()).isEqualTo(86);
        assertThat(speedUp.samples()).isEqualTo(90);
    }

    @Test
    void unitsTurnTimesIntoValues() {
        assertThat(Unit.GFLOPS.value(PRODUCT.amount(), 10_000)).isCloseTo(2 * 512 * 384 * 8 / 10_000.0, within(1e-9));
        assertThat(Unit.MILLISECONDS.value(4, 2e6)).isEqualTo(0.5);
        assertThat(new Product(Form.NT, 1, 1536, 576).amount()).isEqualTo(4 * 576 * 1536);
    }

    @Test
    void jsonHasItsFields() {
        Map<String, Object> read = Json.readObject(Json.write(product.toMap()), Path.of("memory"));
        assertThat(read.keySet()).containsExactly("work", "shape", "form", "threads", "unit", "results", "quiet",
                "samples", "rival", "ratio", "target");
        assertThat(read).containsEntry("work", "matmul of rank 8").containsEntry("shape", "512 x 8 x 384")
                .containsEntry("form", "NN").containsEntry("threads", 1).containsEntry("unit", "GFLOP/s")
                .containsEntry("rival", "OpenBLAS").containsEntry("ratio", 1.25).containsEntry("target", 1.5)
                .containsEntry("quiet", 43).containsEntry("samples", 45);
        assertThat(read.get("results")).isEqualTo(product.results());
    }

    @Test
    void theTableSaysWhoIsSlowAndWhy() {
        String slow = report(60, 1.5).markdown();
        assertThat(slow.lines()).contains(
                "| work | shape (m x k x n) | form | threads | unit | Lorikeet | PyTorch | OpenBLAS | MKL | FMA peak "
                        + "| rival | ratio | target | of limit | quiet |",
                "| matmul of rank 8 | 512 x 8 x 384 | NN | 1 | GFLOP/s | 150 | 50.0 | 120 | 60.0 | 200 | OpenBLAS "
                        + "| 1.25 | 1.50 | 0.75 | 43 of 45 |",
                "| LoRA step | 16 x 64 | full | 1 | ms | 200 | 600 |  |  |  | PyTorch | **3.00** | 2.50 |  "
                        + "| 43 of 45 |",
                "* OpenBLAS: kernel of OpenBLAS", "* ND4J: its process ended");
        assertThat(slow).contains("reaches 0.50 of OpenBLAS in the median matrix product: it takes its slow path here",
                "(1.50 of 2 cores");
        assertThat(report(114, 0.1).markdown()).contains("reaches 0.95 of OpenBLAS", "it is not held back")
                .doesNotContain("slow path", "Other processes");
    }

    private Report report(int mkl, double busy) {
        Map<String, String> kernels = new LinkedHashMap<>();
        for (String name : List.of("Lorikeet", "PyTorch", "OpenBLAS", "MKL", "FMA peak")) {
            kernels.put(name, "kernel of " + name);
        }
        Result square = Result.of(new Row(new Product(Form.NN, 512, 512, 512), 1, null, true), 1,
                results("Lorikeet", 130, "OpenBLAS", 120, "MKL", mkl), 43, 45);
        return new Report(new Machine("a processor", "its maker", 2, "25", "Linux", busy), kernels,
                List.of(product, packed, step, square), List.of("ND4J: its process ended"));
    }

    @Test
    void theChartIsXmlWithABarForEachRow() throws Exception {
        String svg = Chart.svg(List.of(product, packed, step));
        var document = DocumentBuilderFactory.newInstance().newDocumentBuilder()
                .parse(new InputSource(new StringReader(svg)));
        assertThat(document.getElementsByTagName("title").getLength()).isEqualTo(3);
    }
}
