package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.transformer.io.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Flight Recorder sees of a run. */
class FlightRecorderTest {
    @TempDir
    private Path directory;

    @Test
    void aRunTellsItsStepsEvaluationsCheckpointsAndMasks() throws Exception {
        TinyTask task = TinyTask.in(directory);
        Path out = directory.resolve("out");
        Path file = directory.resolve("run.jfr");
        try (Recording recording = new Recording()) {
            for (String name : List.of("Step", "Evaluation", "Checkpoint", "Allocation")) {
                recording.enable("dev.lorikeet." + name).withoutThreshold();
            }
            recording.start();
            assertThat(Outcome.of(task.finetune(out, "--method", "adalora", "--rank", "4", "--target-rank", "2",
                    "--epochs", "10", "--checkpoint-steps", "7", "--no-probe")).err()).isEmpty();
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file).stream() // others train beside this test
                .filter(event -> event.getEventType().getName().startsWith("dev.lorikeet.") // the JDK's have no thread
                        && event.getThread().getJavaThreadId() == Thread.currentThread().threadId())
                .toList();
        List<Map<String, Object>> lines = Files.readAllLines(out.resolve("metrics.jsonl")).stream()
                .map(line -> (Map<String, Object>) Json.readLine(line, out, 1)).toList();
        List<RecordedEvent> steps = of(events, "Step").toList();
        List<Map<String, Object>> told = lines.stream().filter(line -> line.get("type").equals("step")).toList();
        assertThat(steps).hasSameSizeAs(told).hasSize(40);
        for (int i = 0; i < 40; i++) {
            RecordedEvent step = steps.get(i);
            assertThat(step.getInt("step")).isEqualTo(told.get(i).get("step"));
            assertThat(step.getInt("epoch")).isEqualTo(told.get(i).get("epoch"));
            assertThat(step.getDouble("loss")).isEqualTo(told.get(i).get("loss"));
            assertThat(step.getDouble("gradientNorm")).isPositive();
            assertThat(step.getInt("tokens")).isEqualTo(told.get(i).get("tokens"));
            assertThat(step.getDuration()).isPositive();
            assertThat(step.getEventType().getCategoryNames()).containsExactly("Lorikeet");
        }
        assertThat(of(events, "Evaluation").map(event -> event.getString("metric")).toList()).hasSize(10)
                .containsOnly("accuracy");
        assertThat(of(events, "Evaluation").map(event -> event.getInt("step"))).endsWith(36, 40);
        assertThat(of(events, "Checkpoint").map(event -> event.getInt("step"))).contains(4, 7, 8, 12, 14);
        assertThat(of(events, "Checkpoint")).allMatch(event -> event.getLong("size") > 1000
                && event.getString("file").contains("out.checkpoint"));
        List<RecordedEvent> masks = of(events, "Allocation").toList();
        assertThat(masks).isNotEmpty();
        assertThat(masks.getLast().getInt("budget")).isEqualTo(2 * 12);
        assertThat(masks.getLast().getInt("kept")).isEqualTo(2 * 12);
    }

    private static Stream<RecordedEvent> of(List<RecordedEvent> events, String name) {
        return events.stream().filter(event -> event.getEventType().getName().equals("dev.lorikeet." + name));
    }
}
