package dev.lorikeet.bench.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.io.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergedLatencyTest {
    @TempDir
    Path directory;

    /** One turn says nothing about time; that every state is measured and written, it does. */
    @Test
    void measuresEveryState() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        Terminal terminal = new Terminal(new ByteArrayInputStream(new byte[0]), stream, stream);
        Path json = directory.resolve("latency.json");
        assertThat(Experiments.run(terminal, "merged-latency", "--turns", "1", "--sequences", "1", "--json",
                json.toString())).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("base ", "adapter ", "merged ");
        assertThat(Experiments.run(terminal, "merged-latency", "--turns", "0")).isEqualTo(2);
        assertThat(out.toString(StandardCharsets.UTF_8)).endsWith("lorikeet: --turns: must be at least 1, not 0\n");
        Map<String, Object> result = Json.readObject(json);
        assertThat(result).containsOnlyKeys("base.milliseconds", "base.ratio", "adapter.milliseconds", "adapter.ratio",
                "merged.milliseconds", "merged.ratio");
        assertThat(result.get("base.ratio")).isEqualTo(1.0);
        assertThat(result.values()).allMatch(value -> ((Number) value).doubleValue() > 0);
    }
}
