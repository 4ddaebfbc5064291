package dev.lorikeet.bench.peers;

import dev.lorikeet.tensor.Workers;
import dev.lorikeet.tensor.kernel.KernelChoice;
import java.util.HashMap;
import java.util.Map;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * What the machine can do at most: as many fused multiply-adds as a product has, on registers alone, and for one row
 * the reading of as many bytes. Measured with the vectors of our kernels, in turn with the engines.
 */
public final class Limits implements Engine {
    public static final String PEAK = "FMA peak";
    public static final String READ = "read bandwidth";

    private static final VectorSpecies<Float> S = species();
    /**
     * What 16 registers hold beside a factor; and the method is then too large for C2 to inline it, which halved it.
     */
    private static final int CHAINS = 15;
    private static final int PARTS = 64;

    private final String name;
    private final Map<Integer, Workers> teams = new HashMap<>();

    public Limits(String name) {
        this.name = name;
    }

    private static VectorSpecies<Float> species() {
        String kernels = KernelChoice.made().kernels().name();
        String bits = kernels.replaceFirst("vector ", "");
        return bits.equals(kernels) ? FloatVector.SPECIES_PREFERRED
                : VectorSpecies.of(float.class, VectorShape.forBitSize(Integer.parseInt(bits)));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String kernel() {
        return "a loop of the Vector API, " + S.vectorBitSize() + " bits wide";
    }

    @Override
    public @Nullable Task prepare(Work work, int threads) {
        if (!(work instanceof Work.Product product) || (product.m() == 1) != name.equals(READ)) {
            return null;
        }
        Workers team = teams.computeIfAbsent(threads, Workers::new);
        return product.m() == 1 ? new Read(team, product.n() * product.k()) : new Multiply(team, product.amount());
    }

    /** Fused multiply-adds in {@value #CHAINS} chains of each thread, which hides their latency. */
    private static final class Multiply implements Task {
        private final Workers team;
        private final int steps;
        private final float[] sums = new float[PARTS];

        Multiply(Workers team, double operations) {
            this.team = team;
            this.steps = Math.max(1, (int) Math.round(operations / (2.0 * PARTS * CHAINS * S.length())));
        }

        @Override
        public void run() {
            team.run(PARTS, part -> sums[part] = chains(steps));
        }

        private static float chains(int steps) {
            FloatVector x = FloatVector.broadcast(S, 0.5f);
            FloatVector s0 = x.add(x);
            FloatVector s1 = s0.add(x);
            FloatVector s2 = s1.add(x);
            FloatVector s3 = s2.add(x);
            FloatVector s4 = s3.add(x);
            FloatVector s5 = s4.add(x);
            FloatVector s6 = s5.add(x);
            FloatVector s7 = s6.add(x);
            FloatVector s8 = s7.add(x);
            FloatVector s9 = s8.add(x);
            FloatVector s10 = s9.add(x);
            FloatVector s11 = s10.add(x);
            FloatVector s12 = s11.add(x);
            FloatVector s13 = s12.add(x);
            FloatVector s14 = s13.add(x);
            for (int i = 0; i < steps; i++) {
                s0 = x.fma(x, s0);
                s1 = x.fma(x, s1);
                s2 = x.fma(x, s2);
                s3 = x.fma(x, s3);
                s4 = x.fma(x, s4);
                s5 = x.fma(x, s5);
                s6 = x.fma(x, s6);
                s7 = x.fma(x, s7);
                s8 = x.fma(x, s8);
                s9 = x.fma(x, s9);
                s10 = x.fma(x, s10);
                s11 = x.fma(x, s11);
                s12 = x.fma(x, s12);
                s13 = x.fma(x, s13);
                s14 = x.fma(x, s14);
            }
            return s0.add(s1).add(s2).add(s3).add(s4).add(s5).add(s6).add(s7).add(s8).add(s9).add(s10).add(s11)
                    .add(s12).add(s13).add(s14).reduceLanes(VectorOperators.ADD);
        }

        @Override
        public double digest() {
            return Double.NaN;
        }
    }

    /** The sum of an array, in twelve chains of each thread: a smaller method would be inlined, as above. */
    private static final class Read implements Task {
        private final Workers team;
        private final float[] x;
        private final float[] sums = new float[PARTS];

        Read(Workers team, int elements) {
            this.team = team;
            this.x = Inputs.uniform(1, elements);
        }

        @Override
        public void run() {
            int size = Math.ceilDiv(x.length, PARTS);
            team.run(PARTS, part -> sums[part] = sum(x, part * size, Math.min(x.length, (part + 1) * size)));
        }

        private static float sum(float[] x, int from, int to) {
            int width = S.length();
            FloatVector s0 = FloatVector.zero(S);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            FloatVector s4 = s0;
            FloatVector s5 = s0;
            FloatVector s6 = s0;
            FloatVector s7 = s0;
            FloatVector s8 = s0;
            FloatVector s9 = s0;
            FloatVector s10 = s0;
            FloatVector s11 = s0;
            for (int i = from; i <= to - 12 * width; i += 12 * width) {
                s0 = s0.add(FloatVector.fromArray(S, x, i));
                s1 = s1.add(FloatVector.fromArray(S, x, i + width));
                s2 = s2.add(FloatVector.fromArray(S, x, i + 2 * width));
                s3 = s3.add(FloatVector.fromArray(S, x, i + 3 * width));
                s4 = s4.add(FloatVector.fromArray(S, x, i + 4 * width));
                s5 = s5.add(FloatVector.fromArray(S, x, i + 5 * width));
                s6 = s6.add(FloatVector.fromArray(S, x, i + 6 * width));
                s7 = s7.add(FloatVector.fromArray(S, x, i + 7 * width));
                s8 = s8.add(FloatVector.fromArray(S, x, i + 8 * width));
                s9 = s9.add(FloatVector.fromArray(S, x, i + 9 * width));
                s10 = s10.add(FloatVector.fromArray(S, x, i + 10 * width));
                s11 = s11.add(FloatVector.fromArray(S, x, i + 11 * width));
            }
            return s0.add(s1).add(s2).add(s3).add(s4).add(s5).add(s6).add(s7).add(s8).add(s9).add(s10).add(s11)
                    .reduceLanes(VectorOperators.ADD);
        }

        @Override
        public double digest() {
            return Double.NaN;
        }
    }
}
