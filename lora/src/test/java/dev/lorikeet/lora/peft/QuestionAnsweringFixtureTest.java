package dev.lorikeet.lora.peft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.data.TextPair;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.AnswerSpan;
import dev.lorikeet.transformer.task.Answers;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.QuestionAnswering;
import dev.lorikeet.transformer.task.Reading;
import dev.lorikeet.transformer.task.TaskModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A model that PEFT saved answers questions as transformers' {@code run_qa.py} does with it: {@code answers}. */
class QuestionAnsweringFixtureTest {
    /** The recorded logits are of float64, from which the library's own in float32 are up to 6.0e-5. */
    private static final Offset<Double> CLOSE = Offset.offset(7e-5);

    private record Asked(TextPair input, Answers answers, JsonObject expected) {}

    private Path directory;
    private JsonObject expected;
    private final List<Asked> all = new ArrayList<>();

    @BeforeEach
    void read() throws IOException {
        directory = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "answers");
        expected = JsonObject.read(directory.resolve("expected.json"));
        List<JsonObject> records = expected.objects("examples");
        for (String line : Files.readAllLines(directory.resolve("examples.jsonl"))) {
            JsonObject json = new JsonObject(directory, "", Json.readLine(line, directory, 1));
            String context = json.string("context");
            JsonObject answers = json.object("answers");
            all.add(new Asked(new TextPair(json.string("question"), context), new Answers(
                    answers.list("text").stream().map(String::valueOf).toList(), answers.list("answer_start").stream()
                            .map(start -> context.offsetByCodePoints(0, (Integer) start)).toList()),
                    records.get(all.size())));
        }
        assertThat(all).hasSameSizeAs(records).isNotEmpty();
    }

    private TaskModel<TextPair, Answers, List<AnswerSpan>> load(boolean noAnswer) {
        TaskModel<TextPair, Answers, List<AnswerSpan>> model = TaskModel.of(Model.load(directory.resolve("base")),
                new QuestionAnswering(expected.integer("max_length"), expected.integer("doc_stride"),
                        expected.integer("max_answer_length"), noAnswer),
                1);
        Peft.read(model.peftRoot(), directory.resolve("adapter")).attach();
        return model;
    }

    private static int[] integers(List<?> numbers) {
        return numbers.stream().mapToInt(each -> (Integer) each).toArray();
    }

    private static double number(Object value) {
        return ((Number) value).doubleValue();
    }

    @Test
    void windowsAreReadAndLearnedFromAsThere() {
        TaskModel<TextPair, Answers, List<AnswerSpan>> model = load(false);
        for (Asked asked : all) {
            Encoded encoded = model.encode(asked.input, asked.answers);
            List<?> windows = asked.expected.list("windows");
            assertThat(encoded.sequences()).as("%s", asked.input).isEqualTo(windows.size());
            List<?> starts = asked.expected.list("starts");
            List<?> ends = asked.expected.list("ends");
            for (int s = 0; s < windows.size(); s++) {
                assertThat(encoded.ids(s)).as("window %d of %s", s, asked.input).isEqualTo(integers((List<?>) windows
                        .get(s)));
            }
            assertThat(encoded.classes()).as("%s", asked.input).isEqualTo(IntStream.range(0, windows.size())
                    .flatMap(s -> IntStream.of((Integer) starts.get(s), (Integer) ends.get(s))).toArray());
        }
    }

    @Test
    void logitsAndLossesAreTheSame() {
        TaskModel<TextPair, Answers, List<AnswerSpan>> model = load(false);
        for (Asked asked : all) {
            Encoded encoded = model.encode(asked.input, asked.answers);
            List<?> losses = asked.expected.list("losses");
            try (Tape tape = Tape.inference(model.compute(), new Workspace())) {
                Tensor logits = model.logits(tape, List.of(encoded)).value();
                int row = 0;
                for (Object window : asked.expected.list("logits")) {
                    for (Object token : (List<?>) window) {
                        for (int bound = 0; bound < 2; bound++) {
                            assertThat((double) logits.get(row, bound)).as("row %d of %s", row, asked.input)
                                    .isCloseTo(number(((List<?>) token).get(bound)), CLOSE);
                        }
                        row++;
                    }
                }
                assertThat(row).isEqualTo(encoded.tokens());
                assertThat((double) model.loss(tape, List.of(encoded)).item()).as("%s", asked.input).isCloseTo(
                        losses.stream().mapToDouble(QuestionAnsweringFixtureTest::number).average().orElseThrow(),
                        CLOSE);
            }
        }
    }

    @Test
    void theBestAnswersAreTheSame() {
        for (boolean noAnswer : new boolean[] {false, true}) {
            TaskModel<TextPair, Answers, List<AnswerSpan>> model = load(noAnswer);
            int none = 0;
            for (Asked asked : all) {
                List<AnswerSpan> answers = model.predict(asked.input);
                String name = noAnswer ? "_or_none" : "";
                assertThat(answers.getFirst().text()).as("%s", asked.input).isEqualTo(asked.expected.string("answer"
                        + name));
                List<JsonObject> best = asked.expected.objects("best" + name);
                assertThat(answers).extracting(AnswerSpan::text).as("%s", asked.input)
                        .isEqualTo(best.stream().map(each -> each.string("text")).toList());
                for (int i = 0; i < best.size(); i++) {
                    AnswerSpan answer = answers.get(i);
                    assertThat(answer.probability()).isCloseTo(best.get(i).number("probability"), CLOSE);
                    assertThat(asked.input.second().substring(answer.start(), answer.end())).isEqualTo(answer.text());
                }
                none += answers.getFirst().text().isEmpty() ? 1 : 0;
            }
            assertThat(none > 0).isEqualTo(noAnswer);
        }
    }

    /** PEFT says {@code QUESTION_ANS}, and nothing of windows. */
    @Test
    void anAdapterByItselfIsKnown() {
        TaskModel<?, ?, ?> loaded = PeftTask.load(Model.load(directory.resolve("base")), directory.resolve("adapter"),
                Reading.PAIR, null);
        assertThat(loaded.task()).isInstanceOf(QuestionAnswering.class);
        assertThat(loaded.head().className()).isEqualTo("BertForQuestionAnswering");
    }
}
