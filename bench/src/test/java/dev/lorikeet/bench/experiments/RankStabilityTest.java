package dev.lorikeet.bench.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.bench.experiments.RankStability.Row;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("slow")
class RankStabilityTest {
    private static final int PARAMETER = 1;
    private static final int INPUT = 3;
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final Map<String, Object> RECORDED = Json.readObject(Path.of(System.getProperty("lorikeet.fixtures",
            "fixtures"), "peft/stability/rank-stability.json"));

    @Test
    void theCommandFindsWhatTheTheoremSays(@TempDir Path directory) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        Terminal terminal = new Terminal(new ByteArrayInputStream(new byte[0]), stream, stream);
        Path json = directory.resolve("slopes.json");
        int status = Experiments.run(terminal, "rank-stability", "--json", json.toString(), "--out",
                directory.toString());
        assertThat(status).as(out.toString(StandardCharsets.UTF_8)).isZero();
        Map<String, Object> slopes = Json.readObject(json);
        for (String side : List.of("forward", "backward", "forward5", "backward5")) {
            assertThat((double) slopes.get("rslora." + side)).isCloseTo(0, within(0.1));
            assertThat((double) slopes.get("lora." + side)).isLessThanOrEqualTo(-0.8);
        }
        assertThat((double) slopes.get("rslora.gradient")).isCloseTo(0, within(0.05));
        assertThat((double) slopes.get("lora.gradient")).isCloseTo(-0.5, within(0.05));
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("rank 2048", "slope", "rsLoRA, s = alpha/√r");
        assertThat(directory.resolve("rank-stability.svg")).content().contains("<polyline ").doesNotContain("NaN");
    }

    @Test
    void namesASlopeThatIsNotAsTheTheoremSays() {
        List<Row> flat = List.of(new Row(4, 1, 1, 1, 1, 1), new Row(8, 1, 1, 1, 1, 1));
        assertThat(new StabilityResult(flat, flat).problems()).containsExactly(
                "the slope lora.forward is +0.000, which is not in [-Infinity, -0.8]",
                "the slope lora.backward is +0.000, which is not in [-Infinity, -0.8]",
                "the slope lora.gradient is +0.000, which is not in [-0.55, -0.45]",
                "the slope lora.forward5 is +0.000, which is not in [-Infinity, -0.8]",
                "the slope lora.backward5 is +0.000, which is not in [-Infinity, -0.8]");
    }

    /** The same numbers in double precision, by NumPy and PyTorch; ours are float32's. */
    @ParameterizedTest
    @CsvSource({"alpha/r, false", "alpha/sqrt(r), true"})
    void theQuantitiesAreThoseRecordedInDoublePrecision(String scaling, boolean stabilized) {
        assertThat(RECORDED).containsEntry("initialisations", RankStability.INITIALIZATIONS);
        RankStability probe = new RankStability(units(1, INPUT, 1000, 0, 1), units(1, INPUT, 1000, 1, 1),
                RankStabilityTest::attach);
        Map<?, ?> table = (Map<?, ?>) ((Map<?, ?>) RECORDED.get("scalings")).get(scaling);
        List<?> expected = (List<?>) table.get("rows");
        List<Integer> ranks = expected.stream().map(row -> (Integer) ((Map<?, ?>) row).get("rank")).toList();
        List<Row> rows = probe.rows((stabilized ? LoraConfig.rslora() : LoraConfig.lora())
                .alpha((int) RECORDED.get("alpha")), ranks);
        assertThat(rows).hasSameSizeAs(expected).isNotEmpty();
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            Map<?, ?> there = (Map<?, ?>) expected.get(i);
            assertClose(row.gradient(), there, "grad_B_at_init");
            assertClose(row.forward(), there, "forward_1");
            assertClose(row.backward(), there, "backward_1");
            assertClose(row.forward5(), there, "forward_5");
            assertClose(row.backward5(), there, "backward_5");
        }
        Map<?, ?> slopes = (Map<?, ?>) table.get("slopes");
        assertThat(RankStability.slope(rows, Row::gradient)).isCloseTo((double) slopes.get("grad_B_at_init"),
                within(1e-6));
        assertThat(RankStability.slope(rows, Row::forward)).isCloseTo((double) slopes.get("forward_1"), within(1e-6));
    }

    private static void assertClose(double actual, Map<?, ?> row, String name) {
        double expected = (double) row.get(name);
        assertThat(actual).as("%s at rank %s", name, row.get("rank")).isCloseTo(expected, within(3e-6 * expected));
    }

    private static LoraAdapter attach(dev.lorikeet.autograd.nn.Module model, LoraConfig config, int initialization) {
        LoraAdapter adapter = Lora.attach(model, config, 1);
        Tensor a = adapter.layers().get("layer").a().value();
        a.set(units(1 / Math.sqrt((int) RECORDED.get("d")), PARAMETER, 1000 + initialization, config.rank(),
                config.rank()));
        return adapter;
    }

    /** The generator of the fixtures' README. */
    private static Tensor units(double factor, int kind, int step, int tensor, int rows) {
        long key = (int) RECORDED.get("seed");
        for (int part : new int[] {kind, step, tensor}) {
            key = mix(key + GOLDEN * (part + 1));
        }
        Tensor x = Tensor.zeros(rows, (int) RECORDED.get("d"));
        for (int i = 0; i < x.size(); i++) {
            x.data()[i] = (float) (((mix(key + GOLDEN * (i + 1)) >>> 40) - (1 << 23)) * 0x1p-23 * factor);
        }
        return x;
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
