package dev.lorikeet.bench;

import com.sun.management.ThreadMXBean;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.transformer.generation.Generation;
import dev.lorikeet.transformer.generation.GenerationListener;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.generation.Prompt;
import dev.lorikeet.transformer.model.Model;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * How fast a model writes, beside what the machine reads: in turns, tokens by one text and by eight at once, a prompt
 * that is read, and a sum over as many bytes as the weights have, which is what one token takes at least.
 */
public final class DecodeSpeed {
    private static final VectorSpecies<Integer> S = IntVector.SPECIES_PREFERRED;
    private static final int PARTS = 64;
    private static final int TOGETHER = 8;

    private DecodeSpeed() {}

    /** @param arguments a model, rounds (10), new tokens in each (64), tokens of the prompt (32) */
    public static void main(String[] arguments) {
        Model model = Model.load(Path.of(arguments[0]));
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10;
        int tokens = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 64;
        int prompt = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 32;
        Generator generator = Generator.ofTokens(model);
        GenerationSettings settings = generator.settings().withMaxNewTokens(tokens)
                .with(GenerationSettings.EOS_TOKEN_ID, List.of());
        List<Prompt> prompts = IntStream.range(0, TOGETHER).mapToObj(s -> Prompt.of(IntStream.range(0, prompt)
                .map(i -> 100 + 31 * i + s).toArray())).toList();
        long bytes = bytes(model);
        int[] array = new int[(int) (bytes / Integer.BYTES)];
        double[][] seconds = new double[4][rounds];
        long[] allocated = new long[rounds];
        for (int round = 0; round < rounds; round++) {
            int number = round;
            seconds[0][round] = timed(() -> read(model.compute(), array));
            Decoded one = decoded(generator, prompts.subList(0, 1), settings);
            seconds[1][round] = one.perStep;
            allocated[round] = one.allocated;
            seconds[2][round] = decoded(generator, prompts, settings).perStep;
            seconds[3][round] = timed(() -> generator.generate(List.of(Prompt.of(IntStream.range(0, 512)
                    .map(i -> 100 + 17 * i + number).toArray())), settings.withMaxNewTokens(1),
                    GenerationListener.NONE));
        }
        double[] best = Arrays.stream(seconds).mapToDouble(DecodeSpeed::median).toArray();
        System.out.printf("%s: %.1f MB are read for a token%n", model.id(), bytes / 1e6);
        System.out.printf("read            %8.1f GB/s%n", bytes / best[0] / 1e9);
        System.out.printf("one text        %8.1f tokens/s, %.2f of what reading takes, %d bytes of garbage a token%n",
                1 / best[1], best[0] / best[1], median(allocated));
        System.out.printf("%d texts         %8.1f tokens/s%n", TOGETHER, TOGETHER / best[2]);
        System.out.printf("512 of a prompt %8.1f tokens/s%n", 512 / best[3]);
    }

    /** Seconds and bytes of each token behind the first half. */
    private record Decoded(double perStep, long allocated) {}

    private static Decoded decoded(Generator generator, List<Prompt> prompts, GenerationSettings settings) {
        List<Long> times = new ArrayList<>();
        List<Long> bytes = new ArrayList<>();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        List<Generation> texts = generator.generate(prompts, settings, (number, _, _) -> {
            if (number == 0) {
                times.add(System.nanoTime());
                bytes.add(threads.getCurrentThreadAllocatedBytes());
            }
            return true;
        });
        int from = texts.getFirst().ids().length / 2;
        int count = times.size() - 1 - from;
        return new Decoded((times.getLast() - times.get(from)) * 1e-9 / count,
                (bytes.getLast() - bytes.get(from)) / count);
    }

    /** The bytes of all frozen matrices that a token is multiplied by. */
    private static long bytes(Model model) {
        long bytes = 0;
        for (Module module : model.backbone().namedModules().values()) {
            if (module instanceof Linear linear) {
                bytes += linear.weight().frozen(model.compute()).bytes();
            } else if (module instanceof Embedding words && words == model.backbone().words()) {
                bytes += words.weight().frozen(model.compute()).bytes(); // the head's, or as large as that
            }
        }
        return bytes;
    }

    private static void read(Compute compute, int[] array) {
        int[] sums = new int[PARTS];
        int length = array.length / PARTS;
        compute.workers().run(PARTS, part -> sums[part] = sum(array, part * length, length));
        if (Arrays.stream(sums).sum() != 0) {
            throw new IllegalStateException("zeros");
        }
    }

    private static int sum(int[] array, int from, int length) {
        IntVector s0 = IntVector.zero(S);
        IntVector s1 = IntVector.zero(S);
        int step = S.length();
        for (int i = from; i <= from + length - 2 * step; i += 2 * step) {
            s0 = s0.add(IntVector.fromArray(S, array, i));
            s1 = s1.add(IntVector.fromArray(S, array, i + step));
        }
        return s0.add(s1).reduceLanes(VectorOperators.ADD);
    }

    private static double timed(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) * 1e-9;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static long median(long[] values) {
        List<Long> sorted = new ArrayList<>(Arrays.stream(values).boxed().toList());
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }
}
