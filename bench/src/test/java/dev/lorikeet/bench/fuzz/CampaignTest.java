package dev.lorikeet.bench.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A short campaign, always the same; and what a campaign calls a fault. */
@Tag("slow")
class CampaignTest {
    private static final int INPUTS = 1000;
    private static final Path PLACE = Path.of("/place");

    @TempDir
    private static Path directory;
    private static List<Reader> readers;

    @BeforeAll
    static void open() throws IOException {
        readers = Readers.all(directory, Path.of(System.getProperty("lorikeet.fixtures")));
    }

    static List<Reader> readers() {
        return readers;
    }

    @ParameterizedTest
    @MethodSource("readers")
    void readsOrRefusesWhateverAReaderIsFedWith(Reader reader) throws InterruptedException {
        Campaign.run(reader, 1, 0, INPUTS, Duration.ofMinutes(2));
    }

    /** Each within a second and 64 MiB, {@link Campaign} counts what is allocated, so that no heap needs more. */
    @ParameterizedTest
    @MethodSource("readers")
    void readsOrRefusesWhatIsBrokenInOnePlace(Reader reader) {
        assertThat(Campaign.runBroken(reader)).isGreaterThanOrEqualTo(25);
    }

    @ParameterizedTest
    @MethodSource("readers")
    void readsSomeInputsAndRefusesOthers(Reader reader) throws Exception {
        int read = 0;
        for (int number = 0; number < 200; number++) {
            try {
                reader.check().read(Campaign.input(reader, 2, number));
                read++;
            } catch (InputException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
        assertThat(read).isBetween(2, 198);
    }

    @Test
    void theSameNumbersGiveTheSameInput() {
        for (Reader reader : readers) {
            assertThat(Campaign.input(reader, 3, 4)).isEqualTo(Campaign.input(reader, 3, 4))
                    .isNotEqualTo(Campaign.input(reader, 4, 4));
        }
    }

    private static Reader reader(Reader.Check check) {
        return new Reader("test", PLACE, random -> new byte[] {(byte) random.nextInt(256)},
                () -> Breaks.cuts("test"), check);
    }

    private static String fault(Reader.Check check) {
        return Campaign.fault(reader(check), new byte[0]);
    }

    @Test
    void knowsAFaultOfAReader() {
        assertThat(fault(input -> {})).isNull();
        assertThat(fault(input -> {
            throw new InputException(PLACE.resolve("a"), "line 1", "is wrong");
        })).isNull();
        assertThat(fault(input -> {
            throw new IllegalStateException("x");
        })).startsWith("java.lang.IllegalStateException: x");
        assertThat(fault(CampaignTest::deep)).startsWith("java.lang.StackOverflowError");
        assertThat(fault(input -> {
            throw new InputException("a: is wrong");
        })).startsWith("the refusal does not name one file once");
        assertThat(fault(input -> {
            throw new InputException(PLACE.resolve("a"), PLACE.resolve("a").toString(), "is wrong");
        })).startsWith("the refusal does not name one file once");
        assertThat(fault(input -> {
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            for (long end = threads.getCurrentThreadCpuTime() + 1_100_000_000; threads
                    .getCurrentThreadCpuTime() < end;) {
                Thread.onSpinWait();
            }
        })).matches("takes \\d+ ms");
        assertThat(fault(input -> {
            int sum = 0;
            for (int i = 0; i < 300; i++) {
                sum += new byte[1 << 20].length;
            }
            assertThat(sum).isEqualTo(300 << 20);
        })).matches("allocates \\d+ MiB");
    }

    private static void deep(byte[] input) {
        deep(new byte[input.length + 1]);
    }

    @Test
    void saysWhichInputItWas() {
        Reader third = reader(input -> {
            if (input[0] == Campaign.input(reader(other -> {}), 5, 2)[0]) {
                throw new IllegalStateException("third");
            }
        });
        assertThatThrownBy(() -> Campaign.run(third, 5, 0, 10, Duration.ofMinutes(1)))
                .isInstanceOf(AssertionError.class).hasMessageStartingWith("test, seed 5, number 2: ")
                .hasMessageContaining("IllegalStateException: third");
        Reader endless = reader(input -> Thread.sleep(Duration.ofDays(1)));
        assertThatThrownBy(() -> Campaign.run(endless, 5, 7, 10, Duration.ofMillis(300)))
                .isInstanceOf(AssertionError.class).hasMessageStartingWith("test, seed 5, number 7: does not end");
    }

    @Test
    void changesStayWithinTheFormat() {
        JsonTree tree = JsonTree.of(Map.of("a", List.of(1, "x")));
        assertThat(tree).hasToString("{\"a\": [1, \"x\"]}");
        Wire wire = new Wire().number(1, 300).message(2, new Wire().text(3, "é"));
        assertThat(wire.toBytes()).containsExactly(8, 0xAC, 2, 18, 4, 26, 2, 0xC3, 0xA9);
        assertThat(tree.broken()).extracting(JsonTree::toString).hasSize(24).contains("0", "{\"a\": -1}",
                "{\"a\": [1, \"\"]}", "{\"a\": [2147483647, \"x\"]}");
        assertThat(wire.broken()).hasSize(15).contains(new byte[] {8, 0, 18, 4, 26, 2, (byte) 0xC3, (byte) 0xA9},
                new byte[] {8, (byte) 0xAC, 2, 16, 0});
        assertThat(Breaks.cuts("abc")).containsExactly(new byte[0], new byte[] {'a'}, new byte[] {'a', 'b'});
        byte[] text = "a\nb\n".getBytes(StandardCharsets.UTF_8);
        assertThat(Mutants.bytes(text, new SplittableRandom(1))).isNotEqualTo(text);
    }
}
