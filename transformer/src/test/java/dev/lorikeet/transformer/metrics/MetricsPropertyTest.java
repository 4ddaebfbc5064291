package dev.lorikeet.transformer.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.transformer.metrics.ClassScores.Score;
import dev.lorikeet.transformer.metrics.Entities.Entity;
import dev.lorikeet.transformer.metrics.PrecisionRecall.Point;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.api.ThrowingConsumer;

/** What holds of the metrics whatever the answers are. Apart from the others, since another test engine runs it. */
class MetricsPropertyTest {
    private static final double ROUNDING = 1e-12;

    @Property(tries = 200)
    void ranksDoNotChangeWithAGrowingFunction(@ForAll long seed, @ForAll @IntRange(min = 2, max = 40) int size) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] x = coarse(random, size);
        float[] y = coarse(random, size);
        float[] cubed = mapped(x, v -> v * v * v + 5);
        RegressionScores scores = RegressionScores.of(x, y);
        assertThat(RegressionScores.of(cubed, y).spearman()).satisfies(isNear(scores.spearman()));
        assertThat(RegressionScores.of(mapped(x, v -> 4 * v - 8), y).pearson()).satisfies(isNear(scores.pearson()));
        assertThat(RegressionScores.of(y, x).pearson()).satisfies(isNear(scores.pearson()));
    }

    @Property(tries = 200)
    void turnedScoresHaveTheRestOfTheArea(@ForAll long seed, @ForAll @IntRange(min = 0, max = 40) int size) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] scores = coarse(random, size);
        boolean[] actual = flags(random, size);
        PrecisionRecall straight = PrecisionRecall.of(actual, scores);
        PrecisionRecall turned = PrecisionRecall.of(actual, mapped(scores, v -> -v));
        assertThat(turned.rocAuc()).satisfies(isNear(1 - straight.rocAuc()));
        assertThat(straight.curve()).extracting(Point::threshold).isSorted();
        assertThat(straight.curve()).extracting(point -> -point.recall()).isSorted();
        assertThat(straight.averagePrecision()).isBetween(0.0, 1 + ROUNDING);
    }

    @Property(tries = 200)
    void whatIsTrueAndWhatIsSaidChangePlaces(@ForAll long seed, @ForAll @IntRange(min = 1, max = 15) int examples,
            @ForAll @IntRange(min = 1, max = 6) int labels) {
        SplittableRandom random = new SplittableRandom(seed);
        boolean[][] actual = new boolean[examples][];
        boolean[][] said = new boolean[examples][];
        for (int i = 0; i < examples; i++) {
            actual[i] = flags(random, labels);
            said[i] = flags(random, labels);
        }
        LabelScores scores = LabelScores.of(actual, said);
        LabelScores turned = LabelScores.of(said, actual);
        for (int label = 0; label < labels; label++) {
            assertTurned(turned.each().get(label), scores.each().get(label));
        }
        assertTurned(turned.micro(), scores.micro());
        assertTurned(turned.macro(), scores.macro());
        assertTurned(turned.samples(), scores.samples());
        assertThat(turned.hammingLoss()).isEqualTo(scores.hammingLoss());
        assertThat(turned.subsetAccuracy()).isEqualTo(scores.subsetAccuracy());
    }

    /** In IOB2 and in IOBES. */
    @Property(tries = 200)
    void writtenEntitiesAreReadAgain(@ForAll long seed, @ForAll @IntRange(min = 0, max = 30) int size) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Entity> entities = new ArrayList<>();
        List<String> inside = new ArrayList<>();
        List<String> ends = new ArrayList<>();
        while (inside.size() < size) {
            int from = inside.size();
            int length = random.nextInt(1, 4);
            String type = List.of("PER", "LOC", "a-b").get(random.nextInt(3));
            boolean outside = random.nextInt(3) == 0;
            for (int i = 0; i < length; i++) {
                String end = length == 1 ? "S-" : i == 0 ? "B-" : i == length - 1 ? "E-" : "I-";
                inside.add(outside ? "O" : (i == 0 ? "B-" : "I-") + type);
                ends.add(outside ? "O" : end + type);
            }
            if (!outside) {
                entities.add(new Entity(type, from, from + length));
            }
        }
        assertThat(Entities.of(inside)).isEqualTo(entities);
        assertThat(Entities.strict(inside)).isEqualTo(entities);
        assertThat(Entities.of(ends)).isEqualTo(entities);
    }

    @Property(tries = 200)
    void theBestOrderIsPerfect(@ForAll long seed, @ForAll @IntRange(min = 1, max = 20) int documents,
            @ForAll @IntRange(min = 1, max = 25) int k) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<Integer, Integer> grades = new HashMap<>(Map.of(0, 1));
        List<Integer> best = new ArrayList<>(List.of(0));
        for (int document = 1; document < documents; document++) {
            grades.put(document, random.nextInt(4));
            best.add(document);
        }
        best.sort((a, b) -> grades.get(b) - grades.get(a));
        RankingScores perfect = RankingScores.of(List.of(best), List.of(grades), k);
        assertThat(perfect.ndcg()).isEqualTo(1);
        assertThat(perfect.map()).isCloseTo(1, within(ROUNDING));
        assertThat(perfect.mrr()).isEqualTo(1);
        RankingScores worst = RankingScores.of(List.of(best.reversed()), List.of(grades), k);
        assertThat(worst.ndcg()).isBetween(0.0, 1.0);
        assertThat(worst.map()).isLessThanOrEqualTo(perfect.map());
        assertThat(worst.recall()).isLessThanOrEqualTo(perfect.recall());
    }

    /** The error is at most what it is with a bin for each answer, and at least what it is with one for all. */
    @Property(tries = 200)
    void binsHideErrors(@ForAll long seed, @ForAll @IntRange(min = 1, max = 50) int size,
            @ForAll @IntRange(min = 1, max = 30) int bins) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] confidence = new float[size];
        for (int i = 0; i < size; i++) {
            confidence[i] = random.nextInt(33) / 32f;
        }
        boolean[] right = flags(random, size);
        Calibration calibration = Calibration.of(confidence, right, bins);
        double alone = 0;
        for (int i = 0; i < size; i++) {
            alone += Math.abs(confidence[i] - (right[i] ? 1.0 : 0.0)) / size;
        }
        assertThat(calibration.error()).isLessThanOrEqualTo(alone + ROUNDING)
                .isGreaterThanOrEqualTo(Calibration.of(confidence, right, 1).error() - ROUNDING);
        assertThat(calibration.bins().stream().mapToInt(Calibration.Bin::count).sum()).isEqualTo(size);
    }

    private static ThrowingConsumer<Double> isNear(double other) {
        return value -> {
            if (Double.isNaN(other)) {
                assertThat(value).isNaN();
            } else {
                assertThat(value).isCloseTo(other, within(ROUNDING));
            }
        };
    }

    /** Small whole numbers: many are equal, and arithmetic with them is exact. */
    private static float[] coarse(SplittableRandom random, int size) {
        float[] numbers = new float[size];
        for (int i = 0; i < size; i++) {
            numbers[i] = random.nextInt(-5, 6);
        }
        return numbers;
    }

    private static float[] mapped(float[] numbers, DoubleUnaryOperator function) {
        float[] mapped = new float[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            mapped[i] = (float) function.applyAsDouble(numbers[i]);
        }
        return mapped;
    }

    private static boolean[] flags(SplittableRandom random, int size) {
        boolean[] flags = new boolean[size];
        for (int i = 0; i < size; i++) {
            flags[i] = random.nextBoolean();
        }
        return flags;
    }

    private static void assertTurned(Score turned, Score score) {
        assertThat(turned.precision()).isCloseTo(score.recall(), within(ROUNDING));
        assertThat(turned.recall()).isCloseTo(score.precision(), within(ROUNDING));
        assertThat(turned.f1()).isCloseTo(score.f1(), within(ROUNDING));
    }
}
