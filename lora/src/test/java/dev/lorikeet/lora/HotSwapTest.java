package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.model.BertModel;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Adapters are exchanged all the time while eight threads serve, for {@code -Dlorikeet.hotswap.seconds}, 5 by default.
 * Every answer must be that of one adapter, bit for bit.
 */
@Tag("slow")
class HotSwapTest {
    private static final int THREADS = 8;
    private static final long SETTLED = 600_000_000L;

    @TempDir
    Path directory;

    /** The bits of each state; how often each was seen; answers that are none. */
    private final List<float[]> states = new ArrayList<>();
    private final AtomicIntegerArray seen = new AtomicIntegerArray(6);
    private final AtomicInteger wrong = new AtomicInteger();
    private volatile boolean serving = true;

    private static float[] hidden(BertModel model, AdapterSet set, List<String> choice) {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            if (!choice.isEmpty()) {
                set.choose(tape, TinyBert.BATCH, choice);
            }
            return model.forward(tape, TinyBert.BATCH).value().toArray();
        }
    }

    private static LoraWeights weights(BertModel model, long seed) {
        LoraAdapter adapter = Lora.attach(model, LoraConfig.rslora().rank(4).targets("dense", "query",
                "word_embeddings").initialization(Initialization.NONE).build(), seed);
        LoraWeights weights = adapter.weights();
        adapter.detach();
        return weights;
    }

    @Test
    void eightThreadsNeverSeeHalfASwap() throws InterruptedException {
        BertModel model = TinyBert.load(directory, 1);
        List<LoraWeights> weights = List.of(weights(model, 1), weights(model, 2), weights(model, 3));
        AdapterSet set = AdapterSet.on(model);
        set.add("fixed", weights.get(0));
        set.add("other", weights.get(1));
        set.add("changing", weights.get(2));
        List<List<String>> uses = List.of(List.of(), List.of("fixed"), List.of("other"), List.of("changing"),
                List.of("fixed", "other"));
        for (List<String> use : uses) {
            set.use(use.toArray(String[]::new));
            states.add(hidden(model, set, List.of()));
        }
        List<String> mixed = List.of("other", "fixed");
        states.add(hidden(model, set, mixed));

        long end = System.nanoTime() + Integer.getInteger("lorikeet.hotswap.seconds", 5) * 1_000_000_000L;
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            boolean choosing = i == 0;
            threads.add(Thread.ofPlatform().start(() -> serve(model, set, choosing ? mixed : List.of())));
        }
        long begun = System.nanoTime();
        long before = -1;
        long swaps = 0;
        for (; System.nanoTime() < end || before < 0; swaps++) {
            if (before < 0 && swaps % 100 == 0 && warmsUp()) {
                begun = System.nanoTime(); // a kernel that becomes ready is linked where it is called first
            }
            if (before < 0 && System.nanoTime() - begun > SETTLED) {
                before = blocked(threads); // by now, every class is loaded and every call linked
            }
            LockSupport.parkNanos(100_000); // as long as a pass, so that passes begin and end in every state
            switch ((int) (swaps % 7)) {
                case 5 -> { // the same name, now with the weights of another one that is known
                    set.add("changing", weights.get((int) (swaps / 7 % 3)));
                    set.add("again", weights.get(1));
                }
                case 6 -> {
                    if (!set.used().contains("again")) {
                        set.remove("again");
                    }
                }
                default -> set.use(uses.get((int) (swaps % 7)).toArray(String[]::new));
            }
        }
        long after = blocked(threads);
        serving = false;
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(wrong.get()).as("wrong answers").isZero();
        for (int state = 0; state < states.size(); state++) {
            assertThat(seen.get(state)).as("answers of state %d, after %d swaps", state, swaps).isPositive();
        }
        assertThat(swaps).isGreaterThan(1000);
        // a call that is linked late waits once; a lock in the way of answers is waited for as often as there are swaps
        assertThat(after - before).as("times that a serving thread waited for a lock").isLessThan(swaps / 100);
    }

    /** Whether some kernel is not compiled yet, so that its scalar twin computes. */
    private static boolean warmsUp() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("lorikeet-warm-up"));
    }

    /** How often these threads had to wait for a monitor so far. */
    private static long blocked(List<Thread> threads) {
        long sum = 0;
        for (Thread thread : threads) {
            ThreadInfo info = ManagementFactory.getThreadMXBean().getThreadInfo(thread.threadId());
            assertThat(info).as("a serving thread has ended").isNotNull();
            sum += info.getBlockedCount();
        }
        return sum;
    }

    private void serve(BertModel model, AdapterSet set, List<String> choice) {
        while (serving) {
            float[] answer = hidden(model, set, choice);
            int state = 0;
            while (state < states.size() && !Arrays.equals(answer, states.get(state))) {
                state++;
            }
            if (state == states.size()) {
                wrong.incrementAndGet();
            } else {
                seen.incrementAndGet(state);
            }
        }
    }
}
