package dev.lorikeet.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.tensor.ComputeProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Detection says in one line what is missing, in JVMs that lack one thing or another, and never throws. */
class DetectionTest {
    @TempDir
    private Path directory = Path.of("");

    /** What a JVM of its own prints. */
    public static void main(String[] arguments) {
        ComputeProvider.Found found = ComputeProvider.all().getFirst().find();
        System.out.println(found.devices().size() + " devices|" + found.reason());
    }

    @Test
    void noTornadoVm() throws Exception {
        assertThat(verdict(List.of())).isEqualTo("0 devices|no TornadoVM in this JVM: start it with java "
                + "@$TORNADOVM_HOME/tornado-argfile -Dtornado.recover.bailout=False");
    }

    @Test
    void theApiWithoutItsRuntime() throws Exception {
        assertThat(verdict(List.of("-Dtornado.load.runtime.implementation=some.Class")))
                .startsWith("0 devices|TornadoVM's API without its runtime: the module tornado.runtime is missing");
    }

    /** The JVM ends by itself, and says which file it is. */
    @Test
    void anArgfileThatIsNotThere() throws Exception {
        assertThat(run(List.of("@" + directory.resolve("tornado-argfile")))).contains("tornado-argfile");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            -XX:-EnableJVMCI             | TornadoVM does not start
            -Dtornado.recover.bailout=True | TornadoVM would run what it cannot compile as sequential Java""")
    void anSdkThatCannotBeUsed(String option, String reason) throws Exception {
        assertThat(verdict(List.of(sdk(), option))).startsWith("0 devices|" + reason);
    }

    @Test
    void anSdkWithoutADevice() throws Exception {
        assertThat(verdict(List.of(sdk()), "OCL_ICD_VENDORS", directory.toString())).startsWith("0 devices|TornadoVM");
    }

    @Test
    void aVirtualDevice() throws Exception {
        Path description = Files.writeString(directory.resolve("virtual.json"), """
                {
                	"deviceName" : "virtual",
                	"doubleFPSupport" : true,
                	"maxWorkItemSizes" : [1024, 1024, 64],
                	"deviceAddressBits" : 64,
                	"deviceType" : "CL_DEVICE_TYPE_GPU",
                	"deviceExtensions" : "cl_khr_int64_base_atomics",
                	"availableProcessors" : 12
                }
                """);
        assertThat(verdict(List.of(sdk(), "-Dtornado.virtual.device=True",
                "-Dtornado.device.desc=" + description)))
                .startsWith("0 devices|TornadoVM");
    }

    @Test
    void anSdkWithADevice() throws Exception {
        assertThat(verdict(List.of(sdk()))).startsWith("1 devices|TornadoVM: ");
    }

    private static String sdk() {
        String home = System.getenv("TORNADOVM_HOME");
        assumeTrue(home != null, "TORNADOVM_HOME is not set");
        return "@" + home + "/tornado-argfile";
    }

    private String verdict(List<String> options, String... environment) throws IOException, InterruptedException {
        return run(options, environment).lines().filter(line -> line.contains(" devices|")).findFirst().orElse("none");
    }

    private String run(List<String> options, String... environment) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        String classes = String.join(System.getProperty("path.separator"), List.of(
                location(DetectionTest.class), location(Detection.class), location(ComputeProvider.class)));
        command.addAll(List.of("-cp", classes, DetectionTest.class.getName()));
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        for (int i = 0; i < environment.length; i += 2) {
            builder.environment().put(environment[i], environment[i + 1]);
        }
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    private static String location(Class<?> of) {
        return Path.of(java.net.URI.create(of.getProtectionDomain().getCodeSource().getLocation().toString()))
                .toString();
    }
}
