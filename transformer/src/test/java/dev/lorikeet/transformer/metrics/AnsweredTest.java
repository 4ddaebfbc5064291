package dev.lorikeet.transformer.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The threshold above which there is no answer. */
class AnsweredTest {
    private static double f1(Answered all, double threshold) {
        return IntStream.range(0, all.said().size()).mapToDouble(i -> AnswerScores.f1(
                all.nullScores().get(i) > threshold ? "" : all.found().get(i), all.actual().get(i))).sum();
    }

    /** Beside every threshold that tells the questions otherwise. */
    @Test
    void noThresholdIsBetterThanTheBest() {
        Random random = new Random(5);
        for (int round = 0; round < 200; round++) {
            List<List<String>> actual = new ArrayList<>();
            List<String> found = new ArrayList<>();
            List<Float> scores = new ArrayList<>();
            int count = 1 + random.nextInt(12);
            for (int i = 0; i < count; i++) {
                actual.add(random.nextBoolean() ? List.of() : List.of("red stone"));
                found.add(List.of("red stone", "red", "mill").get(random.nextInt(3)));
                scores.add((random.nextInt(9) - 4) / 2f);
            }
            Answered all = new Answered(actual, found, found, scores);
            double best = all.bestThreshold();
            double most = DoubleStream.concat(DoubleStream.of(-10, 0), scores.stream().mapToDouble(Float::doubleValue))
                    .map(threshold -> f1(all, threshold)).max().orElseThrow();
            assertThat(f1(all, best)).as("%s", all).isCloseTo(most, within(1e-9));
            Evaluation tuned = Evaluation.of(all, 0.5).atBestThreshold();
            assertThat(tuned.main()).as("%s", all).isCloseTo(most / count, within(1e-9));
            assertThat(tuned.loss()).isEqualTo(0.5);
            assertThat(((Answered) Objects.requireNonNull(tuned.details())).bestThreshold()).isEqualTo(best);
            if (Math.abs(f1(all, 0) - most) < 1e-9) {
                assertThat(best).as("%s", all).isZero();
            }
        }
    }

    @Test
    void whatHasToBeAnsweredHasNone() {
        Evaluation answered = Evaluation.of(new Answered(List.of(List.of("a")), List.of("a")), 1);
        assertThat(answered.atBestThreshold()).isSameAs(answered);
        assertThatThrownBy(() -> new Answered(List.of(List.of("a")), List.of("a")).bestThreshold())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("threshold: a question has to have an answer");
    }
}
