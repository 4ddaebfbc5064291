package dev.lorikeet.cli.report;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.kernel.KernelChoice;
import dev.lorikeet.tensor.packed.Cpu;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The machine and the JVM.
 *
 * @param version of Lorikeet
 * @param processor as it calls itself
 * @param kernels the chosen kernels' name
 * @param reason why they were chosen
 * @param threads that compute
 * @param exact whether the results do not depend on what computes, which on a device they do
 * @param memoryBytes of the machine; 0 where it does not say
 * @param heapBytes the most memory that the JVM will take for objects
 * @param options of the JVM that change how it runs
 */
public record Environment(String version, String jdk, String vm, String os, String processor, int cores,
        String kernels, String reason, int threads, boolean exact, long memoryBytes, long heapBytes, String options) {
    private static final Path PROCESSOR = Path.of("/proc/cpuinfo");

    /** This JVM's; the kernels are chosen and the threads started now if they were not yet. */
    public static Environment current() {
        return of(Cpu.shared());
    }

    /** This JVM's with what computes in it. */
    public static Environment of(Compute compute) {
        String kernels = compute.kernels().name();
        return new Environment(lorikeet(), System.getProperty("java.version") + ", " + System.getProperty(
                "java.vendor"),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                        + System.getProperty("os.arch"),
                processorName(), Runtime.getRuntime().availableProcessors(),
                compute.exact() ? kernels : compute.name() + ", and " + kernels,
                KernelChoice.made().reason(),
                compute.workers().threads(), compute.exact(), machineMemory(), Runtime.getRuntime().maxMemory(),
                ownOptions());
    }

    private static String lorikeet() {
        String version = Environment.class.getPackage().getImplementationVersion();
        return "Lorikeet" + (version == null ? ", not from a jar" : " " + version);
    }

    /** Linux says it in a file. */
    private static String processorName() {
        try (Stream<String> lines = Files.lines(PROCESSOR)) {
            return lines.filter(line -> line.startsWith("model name")).findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip()).orElse(unnamed());
        } catch (IOException e) {
            return unnamed();
        }
    }

    private static String unnamed() {
        return System.getProperty("os.arch") + ", which does not say its name";
    }

    private static long machineMemory() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : 0;
    }

    /** Those for the heap, the compiler and the like; paths are nobody's business. */
    private static String ownOptions() {
        return String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("-X") || option.startsWith("-Dlorikeet.vector")
                        || option.startsWith("-Dlorikeet.threads"))
                .toList());
    }
}
