package dev.lorikeet.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.bench.peers.Work.Encoder;
import dev.lorikeet.bench.peers.Work.Map;
import dev.lorikeet.bench.peers.Work.Operation;
import dev.lorikeet.bench.peers.Work.Pass;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An engine in another JVM. */
class RemoteTest {
    @TempDir
    private Path directory;
    private Path log;
    private Engine engine;

    @BeforeEach
    void start() throws IOException {
        log = directory.resolve("log");
        engine = new Remote("far", List.of(System.getProperty("java.home") + "/bin/java",
                FakeEngine.class.getName(), "fake"), log);
    }

    @AfterEach
    void stop() {
        engine.close();
    }

    @Test
    void worksThereAsHere() {
        assertThat(engine.kernel()).isEqualTo("kernel of fake null");
        assertThat(engine.prepare(new Encoder(Pass.STEP, true), 1)).isNull();
        try (Task task = engine.prepare(new Map(Operation.EXP, 2, 3), 1)) {
            assertThat(task.time(6)).isEqualTo(42);
            assertThat(task.digest()).isEqualTo(5);
        }
    }

    @Test
    void saysWhatFailed() {
        assertThatThrownBy(() -> engine.prepare(new Map(Operation.EXP, 0, 3), 1)).isInstanceOf(EngineException.class)
                .hasMessage("far: java.lang.IllegalStateException: no rows");
        assertThat(engine.prepare(new Map(Operation.EXP, 2, 3), 1)).isNotNull();
        assertThatThrownBy(() -> engine.prepare(new Map(Operation.EXP, 2, 0), 1)).isInstanceOf(EngineException.class)
                .hasMessage("far: its process ended; " + log + " may say why");
        assertThatThrownBy(engine::kernel).isInstanceOf(EngineException.class);
    }

    @Test
    void thePeersChooseTheirKernelsThemselves() {
        java.util.Map<String, String> environment = new HashMap<>(java.util.Map.of("OPENBLAS_CORETYPE", "Haswell",
                "OPENBLAS_L2_SIZE", "1", "OMP_NUM_THREADS", "1", "PATH", "kept"));
        Remote.prepare(environment);
        assertThat(environment).containsOnlyKeys("PATH", "KMP_BLOCKTIME", "CLASSPATH");
    }
}
