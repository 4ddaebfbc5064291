package dev.lorikeet.transformer.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.metrics.ClassScores.Score;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Beside what scikit-learn said of the same answers. */
class ClassScoresFixtureTest {
    /** The repository's, whatever set other tests are given: there is only one. */
    private static final Path FILE = Path.of(System.getProperty("lorikeet.basedir", ""),
            "fixtures/metrics/classes.json");

    @TestFactory
    Stream<DynamicTest> scoresAreScikitLearns() {
        List<JsonObject> cases = JsonObject.read(FILE).objects("cases");
        assertThat(cases).hasSizeGreaterThan(5);
        return cases.stream().map(each -> DynamicTest.dynamicTest(each.string("name"), () -> check(each)));
    }

    /** With two roots, rounding would make it 1.0000000000000002. */
    @Test
    void allRightIsOne() {
        for (int n = 1; n < 50; n++) {
            for (int m = 1; m < 50; m++) {
                int[] classes = new int[n + m];
                Arrays.fill(classes, 0, n, 1);
                assertThat(ClassScores.of(new ConfusionMatrix(2, classes, classes)).matthews()).isEqualTo(1);
            }
        }
    }

    private static void check(JsonObject recorded) {
        ConfusionMatrix confusion = new ConfusionMatrix(recorded.integer("classes"), classes(recorded, "actual"),
                classes(recorded, "said"));
        ClassScores scores = ClassScores.of(confusion);
        int size = recorded.list("actual").size();
        assertThat(scores.matthews()).isCloseTo(recorded.number("matthews"), within(1e-12));
        assertThat(confusion.accuracy()).isCloseTo(recorded.number("accuracy"), within(1e-12));
        assertScore(scores.macro(), recorded.list("macro"), size);
        assertScore(scores.weighted(), recorded.list("weighted"), size);
        assertThat(recorded.list("micro")).as("of one class for each example")
                .allSatisfy(micro -> assertThat((Double) micro).isCloseTo(confusion.accuracy(), within(1e-12)));
        List<?> each = recorded.list("each");
        assertThat(scores.each()).hasSameSizeAs(each);
        for (int i = 0; i < each.size(); i++) {
            List<?> row = (List<?>) each.get(i);
            assertScore(scores.each().get(i), row, (Integer) row.get(3));
        }
        Evaluation evaluation = Evaluation.of(new Classified(recorded.integer("classes"), classes(recorded, "actual"),
                classes(recorded, "said"), new float[size]), 0.5);
        assertThat(evaluation.metric("f1_macro")).isEqualTo(scores.macro().f1());
        assertThat(evaluation.metric("matthews")).isEqualTo(scores.matthews());
    }

    private static void assertScore(Score score, List<?> recorded, int support) {
        assertThat(score.precision()).isCloseTo((Double) recorded.get(0), within(1e-12));
        assertThat(score.recall()).isCloseTo((Double) recorded.get(1), within(1e-12));
        assertThat(score.f1()).isCloseTo((Double) recorded.get(2), within(1e-12));
        assertThat(score.support()).isEqualTo(support);
    }

    private static int[] classes(JsonObject recorded, String name) {
        return recorded.list(name).stream().mapToInt(each -> (Integer) each).toArray();
    }
}
