package dev.lorikeet.transformer.primitive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Beside the JDK's collections of objects. */
class PrimitivesTest {
    /** Keys that come again, as hashes would have them: near each other, far apart, and alike in their lower half. */
    @ParameterizedTest
    @ValueSource(longs = {1, 1L << 32, 0x9E3779B97F4A7C15L, -1})
    void aMapHasWhatWasPutThere(long stride) {
        RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
        Map<Long, Integer> expected = new HashMap<>();
        LongIntMap map = new LongIntMap(0);
        for (int i = 0; i < 5000; i++) {
            long key = stride * random.nextInt(3000);
            Integer before = expected.put(key, i);
            assertThat(map.put(key, i)).isEqualTo(before == null ? LongIntMap.ABSENT : before);
        }
        LongStream.range(0, 3000).map(i -> stride * i).forEach(key -> {
            assertThat(map.get(key)).isEqualTo(expected.getOrDefault(key, LongIntMap.ABSENT));
            assertThat(map.contains(key)).isEqualTo(expected.containsKey(key));
        });
        assertThat(map.size()).isEqualTo(expected.size());
        assertThat(map.keys().boxed()).containsExactlyInAnyOrderElementsOf(expected.keySet());
    }

    @Test
    void anEmptyMapHasNothing() {
        LongIntMap map = new LongIntMap(100);
        assertThat(map.get(0)).isEqualTo(LongIntMap.ABSENT);
        assertThat(map.keys()).isEmpty();
    }

    @Test
    void aListHasWhatWasAdded() {
        IntList list = new IntList();
        List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            list.add(3 * i);
            expected.add(3 * i);
        }
        list.set(7, -1);
        expected.set(7, -1);
        list.removeFirst(5);
        expected.subList(0, 5).clear();
        assertThat(list.stream().boxed()).isEqualTo(expected);
        assertThat(list.toArray()).hasSize(list.size()).containsExactly(expected.stream().mapToInt(i -> i).toArray());
        assertThat(list.last()).isEqualTo(2997);
        assertThat(list).hasToString(expected.toString());
        List<Integer> given = new ArrayList<>();
        list.forEach(given::add);
        assertThat(given).isEqualTo(expected);
    }

    /** Also where there is room left behind the numbers. */
    @Test
    void listsAreEqualByTheirNumbers() {
        IntList grown = new IntList();
        grown.add(4);
        grown.add(5);
        assertThat(grown).isEqualTo(IntList.of(4, 5)).hasSameHashCodeAs(IntList.of(4, 5))
                .isEqualTo(IntList.of(4).with(5)).isNotEqualTo(IntList.of(4)).isNotEqualTo(IntList.of(5, 4));
        assertThatThrownBy(() -> grown.get(2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> grown.set(2, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(new IntList()::last).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aCopyIsNotTheList() {
        int[] numbers = {1, 2};
        IntList list = IntList.of(numbers);
        numbers[0] = 9;
        list.with(3).set(0, 9);
        list.toArray()[0] = 9;
        assertThat(list.get(0)).isOne();
    }

    @Test
    void floatsComeBack() {
        FloatList list = new FloatList();
        for (int i = 0; i < 100; i++) {
            list.add(i / 4f);
        }
        assertThat(list.toArray()).hasSize(100).contains(24.75f).startsWith(0f, 0.25f);
    }
}
