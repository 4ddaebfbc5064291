package dev.lorikeet.transformer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LargestTest {
    @Test
    void ofEqualNumbersTheFirstComeFirst() {
        float[] numbers = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, Float.NEGATIVE_INFINITY};
        List<Integer> order = IntStream.range(0, numbers.length).boxed()
                .sorted(Comparator.comparing((Integer i) -> -numbers[i])).toList(); // stable
        for (int size = 1; size <= numbers.length + 1; size++) {
            Largest largest = new Largest(size);
            for (int i = 0; i < numbers.length; i++) {
                largest.add(numbers[i], i);
            }
            assertThat(largest.count()).isEqualTo(Math.min(size, numbers.length));
            assertThat(IntStream.range(0, largest.count()).mapToObj(i -> (int) largest.key(i)))
                    .isEqualTo(order.subList(0, largest.count()));
        }
        assertThat(Largest.of(4, numbers)).isEqualTo(5);
    }
}
