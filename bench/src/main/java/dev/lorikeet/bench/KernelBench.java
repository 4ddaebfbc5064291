package dev.lorikeet.bench;

import dev.lorikeet.bench.KernelTable.Measurement;
import dev.lorikeet.transformer.io.AtomicFile;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code lorikeet bench kernels}: all benchmarks of this package, as one table. What {@code --help} says is in the
 * launcher.
 */
@Command(name = "lorikeet bench kernels", description = "Measures each kernel, scalar and vector.")
public final class KernelBench implements Callable<Integer> {
    private final PrintStream terminal = System.out;

    @Option(names = "--quick", description = "One JVM for each benchmark instead of three: figures to look at, not to "
            + "keep.")
    private boolean quick;

    @Option(names = "--only", paramLabel = "PATTERN", description = "Benchmarks with this regular expression in class "
            + "and method, for example Matmul or softmax.", defaultValue = ".*")
    private String only = "";

    @Option(names = "--out", paramLabel = "DIR", description = "Where kernels.md and kernels.json go (default: "
            + "${DEFAULT-VALUE}).", defaultValue = "out/bench")
    private Path directory = Path.of("");

    private KernelBench() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new KernelBench()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, RunnerException {
        Files.createDirectories(directory);
        Path json = directory.resolve("kernels.json");
        ChainedOptionsBuilder options = new OptionsBuilder().include(only).shouldFailOnError(true)
                .verbosity(VerboseMode.NORMAL).resultFormat(ResultFormatType.JSON).result(json.toString());
        if (quick) {
            options.forks(1);
        }
        Collection<RunResult> results = new Runner(options.build()).run();
        if (results.isEmpty()) {
            terminal.println("lorikeet: no benchmark has '" + only + "' in class and method");
            return 2;
        }
        Path table = directory.resolve("kernels.md");
        AtomicFile.write(table, KernelTable.markdown(results.stream().map(Measurement::of).toList()));
        terminal.println("Written: " + table + ", " + json);
        return 0;
    }
}
