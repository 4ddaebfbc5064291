package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.tensor.kernel.Values;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RandomTest {
    private static final int N = 100_000;

    @Test
    void bitsAreThoseOfSplitMix64() {
        assertThat(Random.bits(1234567, 0)).isEqualTo(6457827717110365317L); // as printed on Rosetta Code
        assertThat(Random.bits(1234567, 1)).isEqualTo(3203168211198807973L);
        for (long key : new long[] {0, 1, -1, Long.MIN_VALUE, 0x9E3779B97F4A7C15L}) {
            SplittableRandom oracle = new SplittableRandom(key);
            for (int i = 0; i < 100; i++) {
                assertThat(Random.bits(key, i)).isEqualTo(oracle.nextLong());
            }
        }
    }

    @Test
    void uniformNumbersFillTheirRangeEvenly() {
        int[] bins = new int[250];
        for (int i = 0; i < N; i++) {
            float u = Random.uniform(3, i);
            assertThat(u >= 0 && u < 1 && u * 0x1p24f == Math.rint(u * 0x1p24f)).isTrue();
            bins[(int) (u * bins.length)]++;
        }
        requireEven(bins);
    }

    @Test
    void fillUniformGoesFromMinusBoundToBound() {
        Tensor x = Values.unset(N);
        Random.fillUniform(x, 0.3f, 4);
        int[] bins = new int[250];
        for (float value : x.toArray()) {
            assertThat(value >= -0.3f && value < 0.3f).isTrue();
            bins[(int) ((value + 0.3) / 0.6 * bins.length)]++;
        }
        requireEven(bins);
        Random.fillUniform(x, 0f, 4);
        assertThat(x.toArray()).doesNotContain(Float.NaN).containsOnly(0f, -0f);
    }

    @Test
    void fillNormalHasTheNormalDistribution() {
        Tensor x = Values.unset(N);
        Random.fillNormal(x, 2f, 5);
        float[] sorted = x.toArray();
        Arrays.sort(sorted);
        double largest = 0;
        for (int i = 0; i < N; i++) {
            largest = Math.max(largest, Math.abs(DoubleMath.normal(sorted[i] / 2.0) - (i + 0.5) / N));
        }
        assertThat(largest).isLessThan(1.63 / Math.sqrt(N)); // Kolmogorov and Smirnov at 1 %
        assertThat(correlation(x.toArray(), 1)).isCloseTo(0, within(4 / Math.sqrt(N)));
        Random.fillNormal(x, 0f, 5);
        assertThat(x.toArray()).containsOnly(0f, -0f);
    }

    /** Of each element with the one {@code lag} places on, for numbers around 0. */
    private static double correlation(float[] x, int lag) {
        double products = 0;
        double squares = 0;
        for (int i = 0; i + lag < x.length; i++) {
            products += (double) x[i] * x[i + lag];
            squares += (double) x[i] * x[i];
        }
        return products / squares;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 17, 1000})
    void aPermutationHasEveryNumberOnce(int n) {
        int[] order = Random.permutation(n, 6);
        assertThat(order).isEqualTo(Random.permutation(n, 6));
        assertThat(Arrays.stream(order).sorted().toArray()).isEqualTo(IntStream.range(0, n).toArray());
        if (n > 2) {
            assertThat(order).isNotEqualTo(Random.permutation(n, 7));
        }
    }

    @Test
    void everyPermutationIsAsLikely() {
        int[] counts = new int[256];
        for (int key = 0; key < N; key++) {
            int[] order = Random.permutation(4, Random.key(8, key));
            counts[order[0] * 64 + order[1] * 16 + order[2] * 4 + order[3]]++;
        }
        int[] permutations = Arrays.stream(counts).filter(count -> count > 0).toArray();
        assertThat(permutations).hasSize(24);
        requireEven(permutations);
    }

    /** Requires χ² to be within four deviations of its mean. */
    private static void requireEven(int[] counts) {
        double expected = Arrays.stream(counts).average().orElseThrow();
        double square = 0;
        for (int count : counts) {
            square += (count - expected) * (count - expected) / expected;
        }
        int freedom = counts.length - 1;
        assertThat(square).isCloseTo(freedom, within(4 * Math.sqrt(2.0 * freedom)));
    }

    @Test
    void everyPartOfAKeyCountsAndSoDoesTheirOrder() {
        Set<Long> keys = new HashSet<>();
        for (int seed = -10; seed < 20; seed++) {
            keys.add(Random.key(seed));
            for (int step = -10; step < 20; step++) {
                keys.add(Random.key(seed, step));
                for (int operation = 0; operation < 5; operation++) {
                    keys.add(Random.key(seed, step, operation));
                }
            }
        }
        assertThat(keys).hasSize(30 + 30 * 30 * 6);
    }

    @Test
    void namesGiveKeysOfTheirOwn() {
        Set<Long> keys = new HashSet<>();
        String[] names = {"", "a", "b", "ab", "ba", "layer.1", "layer.2", "layer.11", "läyer", "層"};
        for (String name : names) {
            keys.add(Random.key(1, name));
            keys.add(Random.key(2, name));
            assertThat(Random.key(1, name)).isEqualTo(Random.key(1, name));
        }
        assertThat(keys).hasSize(2 * names.length);
    }

    @Test
    void streamsOfNeighbouringKeysAreUnrelated() {
        float[] mixed = new float[2 * N];
        for (int i = 0; i < N; i++) {
            mixed[2 * i] = Random.uniform(Random.key(1, 1), i) - 0.5f;
            mixed[2 * i + 1] = Random.uniform(Random.key(1, 2), i) - 0.5f;
        }
        assertThat(correlation(mixed, 1)).isCloseTo(0, within(4 / Math.sqrt(2.0 * N)));
    }
}
