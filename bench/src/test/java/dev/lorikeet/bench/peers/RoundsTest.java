package dev.lorikeet.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.lorikeet.bench.peers.Work.Map;
import dev.lorikeet.bench.peers.Work.Operation;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class RoundsTest {
    private static final Work WORK = new Map(Operation.EXP, 2, 3);
    private static final long FAR = System.nanoTime() + (1L << 60);
    private static final IntToDoubleFunction QUIET = threads -> 1;

    private final List<String> calls = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    @Test
    void enginesTakeTurnsAndTheMedianCounts() {
        Rounds rounds = new Rounds(3, 1, 0, 0, FAR, QUIET); // a call to warm up, then two in each round
        java.util.Map<String, Double> medians = rounds.measure(List.of(
                new FakeEngine("a", 1, calls, 0L, 0L, 9L, 0L, 100L, 0L, 10L), new FakeEngine("b", 1, calls, 5L)), WORK,
                1, problems::add).nanos();
        assertThat(medians).containsExactly(entry("a", 10.0), entry("b", 5.0));
        assertThat(calls).containsExactly("a1", "b1", "a1", "a1", "b1", "b1", "a1", "a1", "b1", "b1", "a1", "a1", "b1",
                "b1");
        assertThat(problems).isEmpty();
    }

    @Test
    void aMeasurementLastsAsLongAsAskedFor() {
        Rounds rounds = new Rounds(2, 1000, 10_000_000, 0, FAR, QUIET);
        rounds.measure(List.of(new FakeEngine("a", 1, calls, 100L), new FakeEngine("b", 1, calls, 2000L)), WORK, 1,
                problems::add);
        assertThat(calls).endsWith("a1", "a10", "b1", "b1", "a1", "a10", "b1", "b1");
    }

    @Test
    void aMeasurementWaitsUntilNoEngineIsAtWork() {
        Engine spinning = new Engine() {
            private final FakeEngine fake = new FakeEngine("a", 1, calls, 1L);
            private long time;

            @Override
            public String name() {
                return fake.name();
            }

            @Override
            public String kernel() {
                return fake.kernel();
            }

            @Override
            public Task prepare(Work work, int threads) {
                return fake.prepare(work, threads);
            }

            @Override
            public long processorTime() {
                calls.add("looked");
                time += time < 100 ? 25 : 0;
                return time;
            }
        };
        new Rounds(1, 1, 0, 0, FAR, QUIET).measure(List.of(spinning), WORK, 1, problems::add);
        assertThat(calls).containsExactly("a1", "looked", "looked", "looked", "looked", "looked", "a1", "a1");
    }

    @Test
    void anEngineWithAnotherResultIsLeftOut() {
        java.util.Map<String, Double> medians = new Rounds(1, 1000, 0, 0, FAR, QUIET).measure(List.of(
                new FakeEngine("a", 1, calls, 1L), new FakeEngine("wrong", 1.002, calls, 1L),
                new FakeEngine("limit", Double.NaN, calls, 1L), new FakeEngine("b", 1.0005, calls, 1L)), WORK, 1,
                problems::add).nanos();
        assertThat(medians).containsOnlyKeys("a", "limit", "b");
        assertThat(problems).containsExactly("exp 2 x 3: wrong: another result, 1.002 instead of 1.0");
    }

    @Test
    void anEngineThatFailsOnTheWayIsLeftOut() {
        java.util.Map<String, Double> medians = new Rounds(2, 1, 0, 0, FAR, QUIET).measure(List.of(
                new FakeEngine("a", 1, calls, 4L), new FakeEngine("broken", 1, calls, 1L, 1L, 1L, FakeEngine.FAILS)),
                WORK, 1, problems::add).nanos();
        assertThat(medians).containsExactly(entry("a", 4.0));
        assertThat(problems).containsExactly("exp 2 x 3: broken: out of order");
    }

    @Test
    void afterTheEndThereIsOneRound() {
        Rounds rounds = new Rounds(9, 1, 0, 0, System.nanoTime() - 1, QUIET);
        assertThat(rounds.isOver()).isTrue();
        assertThat(rounds.measure(List.of(new FakeEngine("a", 1, calls, 3L)), WORK, 1, problems::add).nanos())
                .containsEntry("a", 3.0);
    }

    /** Rounds 2 and 4 are busy: what they measured does not count. */
    @Test
    void samplesWhileOthersAreAtWorkAreLeftOut() {
        Iterator<Double> probe = List.of(1.0, 1.05, 1.0, 1.4, 1.0, 1.0, 1.2, 1.0, 1.0, 1.1).iterator();
        Rounds.Measured measured = new Rounds(5, 1, 0, 0, FAR, threads -> probe.next()).measure(
                List.of(new FakeEngine("a", 1, calls, 0L, 0L, 10L, 0L, 99L, 0L, 12L, 0L, 98L, 0L, 14L)), WORK, 1,
                problems::add);
        assertThat(measured.nanos()).containsExactly(entry("a", 12.0));
        assertThat(measured.quiet()).isEqualTo(3);
        assertThat(measured.samples()).isEqualTo(5);
        assertThat(probe).isExhausted();
    }

    @Test
    void whereItIsNeverQuietTwiceTheRoundsCount() {
        Rounds.Measured measured = new Rounds(2, 1, 0, 0, FAR, threads -> 2).measure(
                List.of(new FakeEngine("a", 1, calls, 0L, 0L, 1L, 0L, 2L, 0L, 3L, 0L, 6L)), WORK, 1, problems::add);
        assertThat(measured.nanos()).containsExactly(entry("a", 2.5));
        assertThat(measured.quiet()).isZero();
        assertThat(measured.samples()).isEqualTo(4);
    }

    @Test
    void theProbeSaysHowMuchLongerThanAtBestALoopTakes() {
        Probe probe = new Probe();
        for (int i = 0; i < 20; i++) {
            assertThat(probe.applyAsDouble(2)).isGreaterThanOrEqualTo(1);
        }
        assertThat(probe.applyAsDouble(1)).as("the first on one thread").isEqualTo(1);
    }
}
