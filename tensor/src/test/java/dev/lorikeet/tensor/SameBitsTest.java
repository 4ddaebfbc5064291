package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The promise that the same inputs give the same bits at every vector width and with every number of threads. */
@Tag("slow")
class SameBitsTest {
    private static final String[] THREADS = {"1", "2", "3", "8"};

    /** UseAVX is x86's. */
    private static final String ANYWHERE = "-XX:+IgnoreUnrecognizedVMOptions";

    private record Run(String kernels, Jvm jvm) {
        static Run start(String kernels, String... options) {
            return new Run(kernels, Jvm.start(List.of(options), Digests.class, THREADS));
        }

        List<String> digests() {
            List<String> lines = jvm.output();
            assertThat(lines.getFirst()).isEqualTo(kernels);
            return lines.subList(1, lines.size());
        }
    }

    private static List<Run> runs;
    private static List<Jvm> compilers;
    private static Jvm none;

    /** All at once, those of the other test too. */
    @BeforeAll
    static void start() {
        runs = List.of(Run.start("scalar", Jvm.VECTORS, "-Dlorikeet.vector=scalar"),
                Run.start("vector 128", Jvm.VECTORS, "-Dlorikeet.vector=128"),
                Run.start("vector 256", Jvm.VECTORS, "-Dlorikeet.vector=256"),
                Run.start("vector 512", Jvm.VECTORS, "-Dlorikeet.vector=512"),
                Run.start("scalar")); // without the module, whatever the machine has
        compilers = Stream.of("-XX:UseAVX=2", "-XX:UseAVX=0", "-XX:TieredStopAtLevel=1", "-Xint")
                .map(option -> Jvm.start(List.of(Jvm.VECTORS, ANYWHERE, option), Digests.class)).toList();
        none = Jvm.start(List.of(), Digests.class);
    }

    @Test
    void everyWidthAndEveryNumberOfThreadsGiveTheSameBits() {
        List<String> specification = runs.getFirst().digests();
        requireSameForAllThreads(specification);
        for (Run run : runs.subList(1, runs.size())) {
            assertThat(run.digests()).as(run.kernels).isEqualTo(specification);
        }
    }

    /** Compiled by C1, by C2 for an older processor, or not at all. */
    @Test
    void everyCompilerGivesTheSameBits() {
        List<List<String>> outputs = compilers.stream().map(Jvm::output).toList();
        assertThat(outputs.stream().map(List::getFirst)).endsWith("scalar", "scalar");
        List<String> specification = none.output();
        for (List<String> output : outputs) {
            assertThat(output.subList(1, output.size())).isEqualTo(specification.subList(1, specification.size()));
        }
    }

    private static void requireSameForAllThreads(List<String> lines) {
        for (Operation operation : Operation.values()) {
            List<String> ofOperation = lines.stream().filter(line -> line.startsWith(operation + " with ")).toList();
            assertThat(ofOperation).as("%s", operation).hasSameSizeAs(THREADS);
            assertThat(ofOperation.stream().map(line -> line.substring(line.indexOf(':'))).distinct()).as("%s",
                    operation).hasSize(1);
        }
    }
}
