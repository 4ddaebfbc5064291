package dev.lorikeet.transformer.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Beside what trec_eval and scikit-learn said of the same rankings. */
class RankingScoresTest {
    private static final Offset<Double> ROUNDING = within(Recorded.ROUNDING);

    @TestFactory
    Stream<DynamicTest> scoresAreTrecEvals() {
        return Recorded.tests("ranking.json", "cases", recorded -> {
            int k = recorded.fields().integer("k");
            List<List<Integer>> rankings = recorded.rows("rankings");
            List<List<List<Integer>>> pairs = recorded.rows("grades");
            List<Map<Integer, Integer>> grades = pairs.stream().map(RankingScoresTest::grades).toList();
            List<List<Double>> each = recorded.rows("each");
            double[] mean = new double[5];
            for (int query = 0; query < each.size(); query++) {
                double[] one = values(RankingScores.of(List.of(rankings.get(query)), List.of(grades.get(query)), k));
                for (int i = 0; i < mean.length; i++) {
                    assertThat(one[i]).isCloseTo(each.get(query).get(i), ROUNDING);
                    mean[i] += each.get(query).get(i) / each.size();
                }
            }
            RankingScores all = RankingScores.of(rankings, grades, k);
            assertThat(values(all)).containsExactly(mean, ROUNDING);
            assertThat(all.queries()).isEqualTo(each.size());
            assertThat(all.k()).isEqualTo(k);
        });
    }

    @TestFactory
    Stream<DynamicTest> scoresOfAllDocumentsAreScikitLearns() {
        return Recorded.tests("ranking.json", "scored", recorded -> {
            List<List<Integer>> rows = recorded.rows("grades");
            int[][] grades = rows.stream().map(row -> row.stream().mapToInt(each -> each).toArray())
                    .toArray(int[][]::new);
            RankingScores scores = RankingScores.of(recorded.floatRows("scores"), grades,
                    recorded.fields().integer("k"));
            assertThat(scores.ndcg()).isCloseTo(recorded.number("ndcg"), ROUNDING);
            assertThat(scores.map()).isCloseTo(recorded.number("map"), ROUNDING);
        });
    }

    @Test
    void ofEqualScoresTheFirstDocumentIsFirst() {
        float[][] scores = {{0f, 2, 2, -0f}};
        assertThat(RankingScores.of(scores, new int[][] {{0, 1, 0, 0}}, 1).mrr()).isEqualTo(1);
        assertThat(RankingScores.of(scores, new int[][] {{0, 0, 1, 0}}, 4).mrr()).isEqualTo(1 / 2.0);
        assertThat(RankingScores.of(scores, new int[][] {{1, 0, 0, 0}}, 4).mrr()).isEqualTo(1 / 3.0);
        assertThat(RankingScores.of(scores, new int[][] {{0, 0, 0, 1}}, 4).mrr()).isEqualTo(1 / 4.0);
    }

    @Test
    void queriesWithNothingToFindDoNotCount() {
        List<String> ranking = List.of("a", "b");
        RankingScores one = RankingScores.of(List.of(ranking), List.of(Map.of("b", 1)), 2);
        assertThat(one).isEqualTo(new RankingScores(1, 2, 1, 0.5, 0.5, Math.log(2) / Math.log(3), 0.5));
        assertThat(RankingScores.of(List.of(ranking, ranking, ranking),
                List.of(Map.of(), Map.of("b", 1), Map.of("a", 0)), 2)).isEqualTo(one);
        RankingScores none = RankingScores.of(List.of(ranking), List.of(Map.of("a", 0)), 2);
        assertThat(none.queries()).isZero();
        assertThat(Arrays.stream(values(none))).containsOnly(Double.NaN);
        assertThat(RankingScores.of(List.of(), List.of(), 2)).isEqualTo(none);
    }

    @Test
    void aQueryWithAnEmptyRankingHasZero() {
        assertThat(values(RankingScores.of(List.of(List.of()), List.of(Map.of("a", 1)), 3))).containsOnly(0);
    }

    @Test
    void refusesWhatIsNoRanking() {
        assertThatThrownBy(() -> RankingScores.of(List.of(List.of(1)), List.of(), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("ranking scores: rankings of 1 queries for grades of 0");
        assertThatThrownBy(() -> RankingScores.of(List.of(List.of(1)), List.of(Map.of(1, 1)), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("ranking scores: k is 0, and at least 1 is expected");
        assertThatThrownBy(() -> RankingScores.of(List.of(List.of("d", "e", "d")), List.of(Map.of("d", 1)), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("ranking scores: document d stands twice in the ranking of query 0");
        assertThatThrownBy(() -> RankingScores.of(List.of(List.of("d")), List.of(Map.of("d", -1)), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("ranking scores: the grade of document d for query 0 is -1, and at least 0 is expected");
    }

    @Test
    void refusesWhatIsNoScoreForEachGrade() {
        assertThatThrownBy(() -> RankingScores.of(new float[][] {{1, Float.NaN}}, new int[1][2], 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("ranking scores: the score of document 1 for query 0 is NaN");
        assertThatThrownBy(() -> RankingScores.of(new float[2][3], new int[][] {{1, 1, 1}, {1}}, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("ranking scores: 3 scores of query 1 for 1 grades");
        assertThatThrownBy(() -> RankingScores.of(new float[1][1], new int[2][1], 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("ranking scores: rankings of 1 queries for grades of 2");
    }

    private static double[] values(RankingScores scores) {
        return new double[] {scores.recall(), scores.precision(), scores.mrr(), scores.ndcg(), scores.map()};
    }

    private static Map<Integer, Integer> grades(List<List<Integer>> pairs) {
        Map<Integer, Integer> grades = new HashMap<>();
        IntStream.range(0, pairs.size()).forEach(i -> grades.put(pairs.get(i).get(0), pairs.get(i).get(1)));
        return grades;
    }
}
