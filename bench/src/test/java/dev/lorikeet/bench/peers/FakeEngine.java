package dev.lorikeet.bench.peers;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** An engine whose runs take no time: what they would take is given, one number after the other, the last for ever. */
final class FakeEngine implements Engine {
    /** In place of a time. */
    static final long FAILS = -1;

    private final String name;
    private final double digest;
    private final List<String> calls;
    private final Deque<Long> times;

    /** @param calls gets the name and the number of runs at each measurement */
    FakeEngine(String name, double digest, List<String> calls, Long... times) {
        this.name = name;
        this.digest = digest;
        this.calls = calls;
        this.times = new ArrayDeque<>(List.of(times));
    }

    /** The process that {@link RemoteTest} starts: says what the environment has, works, and dies of wide maps. */
    public static void main(String[] arguments) throws Exception {
        System.out.println("a library says hello");
        Host.serve(new FakeEngine(arguments[0] + " " + System.getenv("OPENBLAS_CORETYPE"), 5, new ArrayList<>(), 7L),
                System.in, System.out);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String kernel() {
        return "kernel of " + name;
    }

    @Override
    public Task prepare(Work work, int threads) {
        if (work instanceof Work.Encoder) {
            return null;
        }
        if (work instanceof Work.Map map && map.rows() == 0) {
            throw new IllegalStateException("no rows");
        }
        if (work instanceof Work.Map map && map.columns() == 0) {
            System.exit(1);
        }
        return new Task() {
            @Override
            public void run() {
                throw new AssertionError("time() is asked");
            }

            @Override
            public long time(int runs) {
                calls.add(name + runs);
                long time = times.size() > 1 ? times.removeFirst() : times.getFirst();
                if (time == FAILS) {
                    throw new EngineException(name + ": out of order");
                }
                return runs * time;
            }

            @Override
            public double digest() {
                return digest;
            }
        };
    }
}
