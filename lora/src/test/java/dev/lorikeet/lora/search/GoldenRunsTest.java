package dev.lorikeet.lora.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The bits of short training runs as they were when this table was written. Whoever changes some on purpose does it
 * alone in a commit, says so in CHANGELOG.md, and takes the new lines from this test's message.
 */
class GoldenRunsTest {
    private static final String GOLDEN = """
            classification lora 1c5c43d1d405251937418544881792f187a122d90e8c0f03ee6dbc0540afef8c
            classification rslora-dropout a4e2a3a95aed211da0ca4937c8903d9ecbf258fb652e415204d82268a2059aa2
            classification adalora dc32fa88aacb029fbb8235362a8d17d8ab8efffc024bcc8b222496d42120f7e8
            classification autolora e2b3a3c971f88c5b8e57d56bce93a17b9fbbc00ee3e1ff97b45151de71ed142d
            classification full d42d2c9160dd459834383b822320c1d180d9bc26f4ae657ad215b5b7e597e98e
            classification lora-accumulation d5ac1435955f41f9f9ad34980eba45b2077bccebc7e54a257fe3fc317021457b
            causal lora 8ca8537ae7b89a4ca4dcef545cac46666e65cfa34036c288c5c21ebaaa93d4ca
            causal rslora-dropout def16739ed2d913ad85ed6b13bc7a9582a1267b46e9ec9dd2eb705d8d3616719
            causal adalora 2bddb9b3e4ad1d11fbdb126382fe9fe95495bc13af330e1fa30eb1ccd56254a1
            causal autolora 1501d89a75c6e1e8beb74168b2b4ea581686d83e2ddcb253809b9690ebbe3673
            causal full 25bb021e285fa7bffdc3ed8c285591bcade33983a07b7b08797aa32e3f689fa1
            """;

    @TempDir
    Path directory;

    /** Beside this JVM, as its kernels and threads are, one with those that are slowest and simplest. */
    @Test
    void haveTheSameBitsAsEverOnAnyKernelsAndThreads() throws Exception {
        Process scalar = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-Dlorikeet.vector=scalar", "-Dlorikeet.threads=1", "-cp",
                System.getProperty("java.class.path"), GoldenRuns.class.getName(), directory.resolve("scalar")
                        .toString())
                .redirectErrorStream(true).start();
        assertThat(text(GoldenRuns.lines(directory))).as("these kernels").isEqualTo(GOLDEN);
        String output = new String(scalar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(scalar.waitFor()).as(output).isZero();
        assertThat(output).as("scalar kernels, 1 thread").isEqualTo(GOLDEN);
    }

    private static String text(List<String> lines) {
        return String.join("\n", lines) + "\n";
    }
}
