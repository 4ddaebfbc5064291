package dev.lorikeet.transformer.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClassSampleTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            30 30          | 20  | 10 10
            990 10         | 20  | 19 1
            97 1 1 1       | 10  | 7 1 1 1
            5 9 7          | 2   | 0 1 1
            5 5 5          | 1   | 1 0 0
            0 4 4          | 5   | 0 3 2
            100 2          | 101 | 99 2
            3 4            | 99  | 3 4
            600 300 100    | 10  | 6 3 1
            """)
    void shares(String sizes, int limit, String expected) {
        assertThat(ClassSample.shares(numbers(sizes), limit)).containsExactly(numbers(expected));
    }

    @Test
    void sharesAreInProportion() {
        int[] sizes = IntStream.rangeClosed(1, 40).map(i -> i * i).toArray();
        int total = Arrays.stream(sizes).sum();
        for (int limit = 401; limit <= total; limit += 61) {
            int[] shares = ClassSample.shares(sizes, limit);
            assertThat(Arrays.stream(shares).sum()).isEqualTo(limit);
            for (int c = 0; c < sizes.length; c++) {
                assertThat(shares[c]).isBetween(1, sizes[c]);
                double quota = (double) limit * sizes[c] / total;
                assertThat((double) shares[c]).as("%d of %d", limit, total).isBetween(quota - 2, quota + 1);
            }
        }
    }

    /** 200 draws of 10 out of 20: an example is drawn 100 times, give or take 7 (one standard deviation). */
    @Test
    void everyExampleOfAClassIsAsLikely() {
        int[] classes = IntStream.range(0, 40).map(i -> i % 2).toArray();
        int[] counts = new int[40];
        for (int seed = 0; seed < 200; seed++) {
            BitSet drawn = ClassSample.of(classes, List.of("a", "b"), 20, seed);
            assertThat(drawn.cardinality()).isEqualTo(20);
            drawn.stream().forEach(i -> counts[i]++);
        }
        assertThat(Arrays.stream(counts).boxed()).allMatch(count -> count > 70 && count < 130);
    }

    private static int[] numbers(String text) {
        return Arrays.stream(text.split(" ")).mapToInt(Integer::parseInt).toArray();
    }
}
