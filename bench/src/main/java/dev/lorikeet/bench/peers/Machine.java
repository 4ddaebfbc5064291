package dev.lorikeet.bench.peers;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Where it was measured.
 *
 * @param vendor of the processor, as it calls itself
 * @param busy how many of the cores were at work in the second before
 */
public record Machine(String cpu, String vendor, int cores, String jdk, String os, double busy) {
    private static final double FEW = 0.25;
    private static final int SECOND = 1000;
    private static final Path CPU = Path.of("/proc/cpuinfo");

    /** Takes a second. */
    public static Machine current() {
        return new Machine(cpu("model name"), cpu("vendor_id"), Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.runtime.version") + ", " + System.getProperty("java.vendor"),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                coresAtWork());
    }

    private static double coresAtWork() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        system.getCpuLoad(); // what it says next is of the time from here on
        try {
            Thread.sleep(SECOND);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException("interrupted");
        }
        return system.getCpuLoad() * Runtime.getRuntime().availableProcessors();
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
    public boolean isShared() {
        return busy > FEW;
    }
}
