package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WorkersTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void everyTaskRunsOnce(int threads) {
        Workers workers = new Workers(threads);
        assertThat(workers.threads()).isEqualTo(threads);
        for (int count : new int[] {0, 1, 2, 3, 7, 100, 1000}) {
            for (int repeat = 0; repeat < 20; repeat++) {
                AtomicIntegerArray runs = new AtomicIntegerArray(count);
                workers.run(count, runs::incrementAndGet);
                requireOnce(runs);
            }
        }
    }

    @Test
    void threadsWorkAtTheSameTime() {
        CountDownLatch met = new CountDownLatch(3);
        new Workers(3).run(3, task -> {
            met.countDown();
            assertThat(await(met)).isTrue();
        });
    }

    @Test
    void aThreadBeginsWithItsOwnPart() {
        Workers workers = new Workers(2);
        Thread caller = Thread.currentThread();
        for (int repeat = 0; repeat < 100; repeat++) {
            CountDownLatch met = new CountDownLatch(2);
            boolean[] called = new boolean[2];
            workers.run(2, task -> {
                called[task] = Thread.currentThread() == caller;
                met.countDown();
                assertThat(await(met)).isTrue();
            });
            assertThat(called).containsExactly(true, false);
        }
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }

    @Test
    void runReturnsWhenTheSlowestTaskIsDone() {
        Workers workers = new Workers(3);
        Thread caller = Thread.currentThread();
        for (int repeat = 0; repeat < 10; repeat++) {
            AtomicIntegerArray runs = new AtomicIntegerArray(8);
            workers.run(8, task -> {
                LockSupport.parkNanos(Thread.currentThread() == caller ? 1_000_000 : 5_000_000);
                runs.incrementAndGet(task);
            });
            requireOnce(runs);
        }
    }

    @Test
    void theTeamDoesNotKeepTheJvmAlive() {
        Thread caller = Thread.currentThread();
        new Workers(3).run(1000, task -> {
            Thread thread = Thread.currentThread();
            assertThat(thread == caller || thread.isDaemon()).isTrue();
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void aRunWithinATaskRunsInPlace(int threads) {
        Workers workers = new Workers(threads);
        AtomicIntegerArray runs = new AtomicIntegerArray(20 * 30);
        workers.run(20, outer -> {
            Thread own = Thread.currentThread();
            workers.run(30, inner -> {
                assertThat(Thread.currentThread()).isSameAs(own);
                runs.incrementAndGet(outer * 30 + inner);
            });
        });
        requireOnce(runs);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void whatATaskThrowsReachesTheCallerAndTheTeamGoesOn(int threads) {
        Workers workers = new Workers(threads);
        for (int failing : new int[] {0, 17, 99}) {
            for (Throwable failure : new Throwable[] {new IllegalStateException("no"), new StackOverflowError("no")}) {
                assertThatThrownBy(() -> workers.run(100, task -> {
                    if (task == failing) {
                        throwUnchecked(failure);
                    }
                })).isSameAs(failure);
                AtomicIntegerArray runs = new AtomicIntegerArray(100);
                workers.run(100, runs::incrementAndGet);
                requireOnce(runs);
            }
        }
    }

    private static void throwUnchecked(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) failure;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void severalCallersGetEachTheirOwnResults(int threads) throws Exception {
        Workers workers = new Workers(threads);
        Callable<Void> caller = () -> {
            for (int repeat = 0; repeat < 300; repeat++) {
                AtomicIntegerArray runs = new AtomicIntegerArray(50);
                workers.run(50, runs::incrementAndGet);
                requireOnce(runs);
            }
            return null;
        };
        try (ExecutorService callers = Executors.newFixedThreadPool(3)) {
            for (Future<Void> done : callers.invokeAll(List.of(caller, caller, caller))) {
                done.get();
            }
        }
    }

    @Test
    void thereIsAtLeastOneThread() {
        assertThatThrownBy(() -> new Workers(0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("threads: at least 1 expected, not 0");
    }

    private static void requireOnce(AtomicIntegerArray runs) {
        for (int i = 0; i < runs.length(); i++) {
            assertThat(runs.get(i)).as("runs of task %d", i).isEqualTo(1);
        }
    }
}
