package dev.lorikeet.bench.peers;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Where it was measured.
 *
 * @param vendor of the processor, as it calls itself
 * @param load processes that wanted to run in the minute before, negative if unknown
 */
record Machine(String cpu, String vendor, int cores, String jdk, String os, double load) {
    private static final double BUSY = 0.5;
    private static final Path CPU = Path.of("/proc/cpuinfo");

    static Machine current() {
        return new Machine(cpu("model name"), cpu("vendor_id"), Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.runtime.version") + ", " + System.getProperty("java.vendor"),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    private static String cpu(String field) {
        try (Stream<String> lines = Files.lines(CPU)) {
            return lines.filter(line -> line.startsWith(field)).findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip()).orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** Whether others were at work, so that no figure is worth much. */
    boolean isShared() {
        return load > BUSY;
    }

    /** MKL keeps its best code for Intel's processors, whatever instructions the others have. */
    boolean holdsMklBack() {
        return !vendor.equals("GenuineIntel");
    }
}
