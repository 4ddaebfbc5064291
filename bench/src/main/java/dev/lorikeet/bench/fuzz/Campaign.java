package dev.lorikeet.bench.fuzz;

import com.sun.management.ThreadMXBean;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Feeds readers with inputs, and says of the first one that is dealt with wrongly what it was and what happened. */
public final class Campaign {
    private static final int MAX_MESSAGE = 500;
    private static final long MAX_NANOS = 1_000_000_000;
    private static final long MAX_BYTES = 64L << 20;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Campaign() {}

    /**
     * Feeds a reader with the inputs of {@code seed} from number {@code first} on.
     *
     * @param patience how long all of it may take, after which the input at work does not end
     * @throws AssertionError at the first fault
     */
    static void run(Reader reader, long seed, long first, long count, Duration patience) throws InterruptedException {
        AtomicLong number = new AtomicLong(first);
        AtomicReference<@Nullable String> fault = new AtomicReference<>();
        Thread worker = Thread.ofPlatform().daemon().name("fuzz " + reader).start(() -> {
            for (; number.get() < first + count && fault.get() == null; number.incrementAndGet()) {
                fault.set(fault(reader, input(reader, seed, number.get())));
            }
        });
        worker.join(patience);
        String found = worker.isAlive() ? "does not end" : fault.get();
        if (found != null) {
            long at = worker.isAlive() ? number.get() : number.get() - 1;
            throw new AssertionError("%s, seed %d, number %d: %s%n%s".formatted(reader, seed, at, found,
                    shown(input(reader, seed, at))));
        }
    }

    /**
     * Feeds a reader with all inputs that are {@linkplain Reader#broken broken} in one place.
     *
     * @return how many those are
     * @throws AssertionError at the first fault
     */
    static long runBroken(Reader reader) {
        AtomicLong number = new AtomicLong();
        reader.broken().all().forEach(input -> {
            String found = fault(reader, input);
            if (found != null) {
                throw new AssertionError("%s, broken, number %d: %s%n%s".formatted(reader, number.get(), found,
                        shown(input)));
            }
            number.incrementAndGet();
        });
        return number.get();
    }

    /**
     * {@code Campaign SECONDS [SEED]}: feeds all readers in turns, each with 2,000 inputs of the seed, then of the next
     * one, and prints every fault. The fixtures are those in {@code -Dlorikeet.fixtures}, by default {@code fixtures}.
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Instant end = Instant.now().plusSeconds(Long.parseLong(arguments[0]));
        Path directory = Files.createTempDirectory("fuzz");
        List<Reader> readers = Readers.all(directory, Path.of(System.getProperty("lorikeet.fixtures", "fixtures")));
        long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : System.nanoTime();
        for (; Instant.now().isBefore(end); seed++) {
            for (Reader reader : readers) {
                try {
                    run(reader, seed, 0, 2000, Duration.ofMinutes(5));
                } catch (AssertionError fault) {
                    System.out.println(fault.getMessage());
                }
            }
        }
    }

    /** One input: it depends on the two numbers alone. */
    static byte[] input(Reader reader, long seed, long number) {
        return reader.inputs().next(new SplittableRandom(seed * 1_000_003 + number));
    }

    /** What a reader does wrongly with an input, or null. */
    static @Nullable String fault(Reader reader, byte[] input) {
        long nanos = THREADS.getCurrentThreadCpuTime();
        long bytes = THREADS.getCurrentThreadAllocatedBytes();
        String fault;
        try {
            reader.check().read(input);
            fault = null;
        } catch (InputException e) {
            fault = wrong(e, reader);
        } catch (Exception | AssertionError | StackOverflowError | OutOfMemoryError e) {
            fault = trace(e);
        }
        nanos = THREADS.getCurrentThreadCpuTime() - nanos;
        bytes = THREADS.getCurrentThreadAllocatedBytes() - bytes;
        if (fault == null && nanos > MAX_NANOS) {
            return "takes " + nanos / 1_000_000 + " ms";
        }
        return fault == null && bytes > MAX_BYTES ? "allocates " + (bytes >> 20) + " MiB" : fault;
    }

    private static @Nullable String wrong(InputException refusal, Reader reader) {
        String message = refusal.getMessage();
        String file = reader.directory().toString();
        if (!message.contains(file) || message.indexOf(file) != message.lastIndexOf(file)) {
            return "the refusal does not name one file once: " + trace(refusal);
        }
        if (message.length() > MAX_MESSAGE) {
            return "the refusal has " + message.length() + " characters: " + trace(refusal);
        }
        return message.codePoints().allMatch(Campaign::isPrintable) ? null
                : "the refusal has characters that a terminal obeys: " + trace(refusal);
    }

    private static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                false;
            case Character.FORMAT -> c == 0x200C || c == 0x200D; // joiners, which words and emoji are made with
            default -> true;
        };
    }

    private static String trace(Throwable fault) {
        StringWriter text = new StringWriter();
        fault.printStackTrace(new PrintWriter(text));
        return text.toString().lines().limit(25).reduce("", (a, b) -> a + b + "\n");
    }

    /** Text as it stands, anything else in Base64. */
    private static String shown(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8);
        return text.codePoints().allMatch(c -> c == '\n' || c != 0xFFFD && isPrintable(c)) ? text
                : "base64: " + Base64.getEncoder().encodeToString(input);
    }
}
