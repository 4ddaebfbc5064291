package dev.lorikeet.cli;

import dev.lorikeet.cli.report.Environment;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.Devices;
import dev.lorikeet.transformer.weights.BuiltInModels;
import dev.lorikeet.transformer.weights.CacheDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorikeet doctor}. */
@Command(name = "doctor", description = "Shows the JDK, the kernels chosen and why, the machine and the cache.",
        footer = {
            "  lorikeet doctor", "  lorikeet doctor --vector 256"})
final class DoctorCommand implements Runnable {
    private static final long WANTED_HEAP = 1L << 30;

    private final Terminal terminal;

    @Option(names = "--json", description = "One JSON object.")
    private boolean json;

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Mixin
    private CommonOptions common = new CommonOptions();

    DoctorCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        compute.request();
        Environment environment = Environment.current();
        if (json) {
            terminal.json(json(environment, CacheDirectory.path()));
            return;
        }
        terminal.field("JDK", environment.jdk());
        terminal.field("JVM", environment.vm());
        terminal.field("System", environment.os());
        terminal.field("Kernels", environment.kernels() + ": " + environment.reason());
        terminal.field("Threads", environment.threads() + " on " + Format.count(environment.cores(), "core", "cores"));
        Devices.described().forEach(device -> terminal.field("Device", device));
        terminal.field("Memory", "at most " + Format.bytes(environment.heapBytes()) + " for objects");
        terminal.field("Models", String.join(", ", BuiltInModels.names()));
        cache(CacheDirectory.path());
        advice(environment).forEach(terminal::lines);
    }

    private void cache(Path directory) {
        if (!Files.isDirectory(directory)) {
            terminal.field("Cache", directory + ", not there yet");
            return;
        }
        terminal.field("Cache", directory.toString());
        sizes(directory).forEach((name, bytes) -> terminal.field("", name + ", " + Format.bytes(bytes)));
    }

    /** The bytes of each entry by its name. */
    private static Map<String, Long> sizes(Path directory) {
        Map<String, Long> sizes = new LinkedHashMap<>();
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path entry : entries.sorted().toList()) {
                sizes.put(entry.getFileName().toString(), size(entry));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(directory.toString(), e);
        }
        return sizes;
    }

    private static Map<String, Object> json(Environment environment, Path cache) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("lorikeet", environment.version());
        json.put("jdk", environment.jdk());
        json.put("jvm", environment.vm());
        json.put("system", environment.os());
        json.put("processor", environment.processor());
        json.put("kernels", environment.kernels());
        json.put("reason", environment.reason());
        json.put("threads", environment.threads());
        json.put("cores", environment.cores());
        json.put("devices", Devices.described());
        json.put("memory_bytes", environment.memoryBytes());
        json.put("heap_bytes", environment.heapBytes());
        json.put("models", List.copyOf(BuiltInModels.names()));
        json.put("cache", cache.toString());
        json.put("cache_bytes", Files.isDirectory(cache) ? sizes(cache) : Map.of());
        return json;
    }

    private static long size(Path entry) throws IOException {
        try (Stream<Path> tree = Files.walk(entry)) {
            long bytes = 0;
            for (Path path : tree.filter(Files::isRegularFile).toList()) {
                bytes += Files.size(path);
            }
            return bytes;
        }
    }

    /** What would make this faster. */
    private static List<String> advice(Environment environment) {
        String kernels = environment.kernels().startsWith("scalar") ? """

                The scalar kernels are slow. For speed, java needs --add-modules jdk.incubator.vector
                (the launcher passes it) on a HotSpot JVM, and --vector must not be scalar.""" : "";
        String heap = environment.heapBytes() < WANTED_HEAP ? """

                The memory is little for training: LORIKEET_JAVA_OPTS=-Xmx2g gives more.""" : "";
        return Stream.of(kernels, heap).filter(line -> !line.isEmpty()).toList();
    }
}
