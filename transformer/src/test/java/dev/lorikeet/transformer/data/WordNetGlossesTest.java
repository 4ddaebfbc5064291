package dev.lorikeet.transformer.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class WordNetGlossesTest {
    private static final WordNetGlosses.Split SPLIT = WordNetGlosses.split(0);

    @Test
    void hasTheSameNumberOfEachKind() {
        assertThat(SPLIT.train().size()).isEqualTo(6000);
        assertThat(SPLIT.test().size()).isEqualTo(1992);
        assertThat(perLabel(SPLIT.train())).hasSize(24).allSatisfy((label, count) -> assertThat(count).isEqualTo(250));
        assertThat(perLabel(SPLIT.test())).hasSize(24).allSatisfy((label, count) -> assertThat(count).isEqualTo(83));
    }

    @Test
    void namesTheKindsAsWordNetDoes() {
        assertThat(SPLIT.train().labels()).isEqualTo(SPLIT.test().labels()).startsWith("act", "animal", "artifact")
                .endsWith("state", "substance", "time").doesNotContain("Tops", "motive").isSorted();
    }

    @Test
    void theSmallestKindHas342Definitions() {
        List<Integer> sizes = WordNetGlosses.definitions().stream().map(List::size).sorted().toList();
        assertThat(sizes).hasSize(24).startsWith(342, 429, 437);
    }

    @Test
    void noDefinitionOccursTwice() {
        Set<String> texts = new HashSet<>();
        SPLIT.train().examples().forEach(example -> assertThat(texts.add(example.input())).isTrue());
        SPLIT.test().examples().forEach(example -> assertThat(texts.add(example.input())).isTrue());
    }

    @Test
    void definitionsAreCutBeforeTheirExamples() {
        assertThat(WordNetGlosses.definitions()).allSatisfy(ofKind -> assertThat(ofKind).noneMatch(
                definition -> definition.isBlank() || definition.contains("; \"") || definition.endsWith(" ")));
    }

    @Test
    void theSeedDecidesTheExamplesAndTheirOrder() {
        assertThat(WordNetGlosses.split(0)).isEqualTo(SPLIT);
        assertThat(WordNetGlosses.split(1).train().examples()).isNotEqualTo(SPLIT.train().examples());
        // The order that recorded runs depend on.
        assertThat(SPLIT.train().first(3).examples()).containsExactly(
                new Example<>("the quality of being very good indeed", 3),
                new Example<>("a person who stares inquisitively", 13),
                new Example<>("a straight line that intersects a curve at two or more points", 20));
    }

    @Test
    void theFirstExamplesAreOfManyKinds() {
        assertThat(perLabel(SPLIT.train().first(320))).hasSize(24);
    }

    private static Map<Integer, Long> perLabel(Dataset<String> dataset) {
        return dataset.examples().stream().map(Example::label)
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }
}
