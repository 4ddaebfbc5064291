package dev.lorikeet.cli.cron;

import static org.assertj.core.api.Assertions.assertThat;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.recipe.ScoreKind;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.task.Completion;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronExamplesTest {
    private static final CronExamples.Split SPLIT = CronExamples.split(1);
    private static final CronParser PARSER = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

    private static CronMeaning meaning(Completion example) {
        return Objects.requireNonNull(CronMeaning.of(example.completion()));
    }

    @Test
    void noExpressionIsTrainedAndTested() {
        assertThat(SPLIT.train().size()).isEqualTo(4000);
        assertThat(SPLIT.test().size()).isEqualTo(500);
        Set<CronMeaning> trained = new HashSet<>();
        SPLIT.train().forEach((example, _) -> trained.add(meaning(example)));
        assertThat(trained).hasSize(4000);
        SPLIT.test().forEach((example, _) -> assertThat(trained).doesNotContain(meaning(example)));
    }

    @Test
    void theSameSeedDrawsTheSame() {
        assertThat(CronExamples.split(1)).isEqualTo(SPLIT);
        assertThat(CronExamples.split(2)).isNotEqualTo(SPLIT);
    }

    @Test
    void descriptionsHaveManyWordings() {
        Set<String> first = new HashSet<>();
        Set<String> prompts = new HashSet<>();
        SPLIT.train().forEach((example, _) -> {
            prompts.add(example.prompt());
            first.add(example.prompt().replaceAll("[0-9:]+", "0").split(" ", 4)[0]);
            assertThat(example.prompt()).endsWith(" =>").doesNotContain("  ", " ,").hasSizeBetween(8, 160);
        });
        assertThat(first).hasSizeGreaterThan(15);
        assertThat(prompts).hasSizeGreaterThan(3900);
    }

    /** Beside cron-utils, which finds by itself when an expression is due. */
    @Test
    void meaningsAreDueWhenCronUtilsSays() {
        for (int i = 0; i < 40; i++) {
            String expression = SPLIT.test().input(i).completion().strip();
            ExecutionTime times = ExecutionTime.forCron(PARSER.parse(expression));
            CronMeaning meaning = meaning(SPLIT.test().input(i));
            ZonedDateTime from = ZonedDateTime.of(2026, 1 + i % 12, 1 + i % 28, 0, 0, 0, 0, ZoneOffset.UTC);
            for (ZonedDateTime at = from; at.isBefore(from.plusDays(2)); at = at.plusMinutes(1)) {
                assertThat(isDue(meaning, at)).as("%s at %s", expression, at).isEqualTo(times.isMatch(at));
            }
        }
    }

    /** None of the examples limits the days of month and week both. */
    private static boolean isDue(CronMeaning meaning, ZonedDateTime at) {
        int[] values = {at.getMinute(), at.getHour(), at.getDayOfMonth(), at.getMonthValue(),
            at.getDayOfWeek() == DayOfWeek.SUNDAY ? 0 : at.getDayOfWeek().getValue()};
        for (int field = 0; field < values.length; field++) {
            if (!meaning.fields().get(field).get(values[field])) {
                return false;
            }
        }
        return true;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"0 0 * * 7|0 0 * * SUN", "0 0 * * 0|00 00 * JAN-DEC sun",
        "0 0 1 * 0-6|0 0 * * *", "0 0 1-31 * sun|0 0 */1 * *",
        "*/15 * * * *|0,15,30,45 0-23 * 1-12 0-6", "5/20 * * * *|5,25,45 * * * *", "0 9 * * 1-5|0 9 * * mon-fri"})
    void differentLettersMayMeanTheSame(String one, String other) {
        assertThat(CronMeaning.of(one)).isNotNull().isEqualTo(CronMeaning.of(other));
    }

    /** A day is one of the month's or one of the week's, but where one of these fields begins with a star. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"0 0 1 * 0-6|0 0 1 * *", "0 0 */2 * 1|0 0 1-31/2 * 1", "0 0 1 * 1|0 0 1 * *"})
    void likeLettersMayMeanAnother(String one, String other) {
        assertThat(CronMeaning.of(one)).isNotNull().isNotEqualTo(CronMeaning.of(other));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "hello", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
                "* * * * 8", "5-1 * * * *", "*/0 * * * *", "a b c d e", "1- * * * *", "1,,2 * * * *", "1/2/3 * * * *",
                "at 09:30 every day"})
    void whatIsNoExpressionHasNoMeaning(String text) {
        assertThat(CronMeaning.of(text)).isNull();
    }

    @Test
    void theRecipeHasAName() {
        Recipe recipe = RecipeFile.read(Path.of("cron"), Map.of("training.limit", "20"));
        assertThat(recipe.data()).isEqualTo(new Recipe.Cron(1));
        assertThat(List.of(recipe.name(), recipe.model())).containsExactly("cron",
                "HuggingFaceTB/SmolLM2-135M-Instruct");
        Recipe again = RecipeFile.of(Path.of("again"), RecipeFile.tree(recipe));
        assertThat(again.writing()).isEqualTo(recipe.writing());
        GenerationSettings how = again.writing().over(GenerationSettings.defaults().sampling(2, 1));
        assertThat(how.stopStrings()).containsExactly("\n");
        assertThat(how.doSample()).isFalse();
        assertThat(again.writing().scores()).containsExactly(ScoreKind.EXACT_MATCH, ScoreKind.CRON_MEANING);
        assertThat(RecipeFile.of(Path.of("again.yaml"), RecipeFile.tree(recipe))).isEqualTo(recipe);
    }
}
