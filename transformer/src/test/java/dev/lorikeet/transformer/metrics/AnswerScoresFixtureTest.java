package dev.lorikeet.transformer.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.transformer.io.JsonObject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What answers are worth by SQuAD's own script: {@code answers/expected.json}. */
class AnswerScoresFixtureTest {
    private final JsonObject expected = JsonObject.read(Path.of(System.getProperty("lorikeet.fixtures", "fixtures"),
            "answers/expected.json"));

    private static List<String> right(JsonObject score) {
        return score.list("right").stream().map(String::valueOf).toList();
    }

    @Test
    void eachAnswerIsWorthWhatTheScriptSays() {
        for (JsonObject score : expected.objects("scores")) {
            String said = score.string("said");
            assertThat(AnswerScores.isExact(said, right(score))).as("%s", score.fields())
                    .isEqualTo(score.integer("exact") == 1);
            assertThat(AnswerScores.f1(said, right(score))).as("%s", score.fields())
                    .isCloseTo(score.number("f1"), within(1e-12));
        }
    }

    @Test
    void soAreAllTogether() {
        List<JsonObject> scores = expected.objects("scores");
        Evaluation evaluation = Evaluation.of(new Answered(scores.stream().map(AnswerScoresFixtureTest::right).toList(),
                scores.stream().map(score -> score.string("said")).toList()), 1);
        JsonObject totals = expected.object("totals");
        assertThat(evaluation.mainMetric()).isEqualTo("f1");
        assertThat(100 * evaluation.metric("f1")).isCloseTo(totals.object("all").number("f1"), within(1e-9));
        assertThat(100 * evaluation.metric("exact_match")).isCloseTo(totals.object("all").number("exact"),
                within(1e-9));
        JsonObject answered = totals.object("answered");
        assertThat(100 * evaluation.metric("f1_answered")).isCloseTo(answered.number("f1"), within(1e-9));
        assertThat(100 * evaluation.metric("exact_match_answered")).isCloseTo(answered.number("exact"), within(1e-9));
        assertThat(100 * evaluation.metric("accuracy_unanswered"))
                .isCloseTo(totals.object("unanswered").number("exact"), within(1e-9));
    }

    @Test
    void withoutUnansweredQuestionsThereAreTwoMetrics() {
        Evaluation evaluation = Evaluation.of(new Answered(List.of(List.of("a word")), List.of("word")), 1);
        assertThat(evaluation.metrics()).containsOnlyKeys("f1", "exact_match").containsEntry("f1", 1.0);
    }
}
