package dev.lorikeet.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelEventTest {
    @TempDir
    private Path directory;

    @Test
    void flightRecorderHearsOfAChoice() throws Exception {
        KernelChoice choice = new KernelChoice(new ScalarKernels(), "asked for by a test");
        try (Recording recording = new Recording()) {
            recording.enable("dev.lorikeet.Kernels").withoutThreshold();
            recording.start();
            assertThat(KernelChoice.recorded(choice)).isSameAs(choice);
            recording.stop();
            recording.dump(directory.resolve("choice.jfr"));
        }
        // the JDK's own, of data that were lost for example, are there without being asked for
        List<RecordedEvent> events = RecordingFile.readAllEvents(directory.resolve("choice.jfr")).stream()
                .filter(event -> event.getEventType().getName().equals("dev.lorikeet.Kernels")).toList();
        assertThat(events).anyMatch(event -> event.getString("kernels").equals("scalar")
                && event.getString("reason").equals("asked for by a test")
                && event.getEventType().getCategoryNames().equals(List.of("Lorikeet")));
    }
}
