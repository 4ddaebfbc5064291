package dev.lorikeet.transformer.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.data.Samples;
import dev.lorikeet.transformer.data.TextPair;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.model.SpanHead;
import dev.lorikeet.transformer.model.TinyBert;
import dev.lorikeet.transformer.training.EncodedDataset;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingResult;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code QuestionAnsweringFixtureTest} has no case for. */
class QuestionAnsweringTest {
    private static final TextPair DOG = new TextPair("the", "the dog");

    @TempDir
    private Path directory;
    private TaskModel<TextPair, Answers, List<AnswerSpan>> model;

    @BeforeEach
    void load() throws IOException {
        Path base = Files.createDirectory(directory.resolve("base"));
        model = TaskModel.of(TinyBert.load(base), new QuestionAnswering(6, 1, 3, true), 3);
    }

    /** Where transformers' {@code run_qa.py} goes on into the special token behind it. */
    @Test
    void anAnswerMayEndInTheLastToken() {
        Encoded encoded = model.encode(DOG, Answers.in("the dog", "dog"));
        int last = encoded.tokens() - 2;
        assertThat(encoded.classes()).containsExactly(last, last);
        assertThat(model.task().count(encoded)).isEqualTo(1);
        assertThat(model.encode(DOG, Answers.NONE).classes()).containsExactly(0, 0);
        assertThat(model.encode(DOG, null).classes()).isEmpty();
    }

    @Test
    void aSavedModelAnswersTheSame() {
        List<AnswerSpan> expected = model.predict(DOG);
        assertThat(expected).isNotEmpty().extracting(AnswerSpan::text).contains("");
        assertThat(expected.stream().mapToDouble(AnswerSpan::probability).sum()).isBetween(0.999, 1.001);
        model.save(directory.resolve("run"));
        TaskModel<?, ?, ?> loaded = TaskModel.load(directory.resolve("run"));
        assertThat(loaded.task()).isEqualTo(model.task());
        assertThat(loaded.head()).isInstanceOf(SpanHead.class);
        assertThat(loaded.head().className()).isEqualTo("BertForQuestionAnswering");
        @SuppressWarnings("unchecked")
        TaskModel<TextPair, Answers, List<AnswerSpan>> same = (TaskModel<TextPair, Answers, List<AnswerSpan>>) loaded;
        assertThat(same.predict(DOG)).isEqualTo(expected);
    }

    /** The task's own says that there is no answer, whatever was learned. */
    @Test
    void epochsAreChosenByTheirOwnThresholds() throws IOException {
        List<TextPair> asked = List.of(DOG, new TextPair("the", "the cat"), new TextPair("dog", "the"));
        Samples<TextPair, Answers> data = new Samples<>("animals", asked, List.of(Answers.in("the dog", "dog"),
                Answers.in("the cat", "cat"), Answers.NONE));
        TrainingResult plain = train("plain", data, UnaryOperator.identity());
        TrainingResult tuned = train("tuned", data, Evaluation::atBestThreshold);
        assertThat(plain.validations()).extracting(each -> each.evaluation().main()).containsOnly(1.0 / 3);
        assertThat(Objects.requireNonNull(plain.best()).epoch()).isEqualTo(1);
        List<Double> expected = plain.validations().stream().map(each -> each.evaluation().atBestThreshold().main())
                .toList();
        assertThat(tuned.validations()).extracting(each -> each.evaluation().main()).isEqualTo(expected);
        assertThat(Objects.requireNonNull(tuned.best()).epoch()).isEqualTo(1 + expected.indexOf(Collections.max(
                expected))).isGreaterThan(1);
    }

    private TrainingResult train(String name, Samples<TextPair, Answers> data, UnaryOperator<Evaluation> chosen)
            throws IOException {
        TaskModel<TextPair, Answers, List<AnswerSpan>> own = TaskModel.of(TinyBert.load(Files.createDirectory(
                directory.resolve(name))), new QuestionAnswering(6, 1, 3, true, -1000), 3);
        return Trainer.of(own).settings(TrainingSettings.defaults().with(TrainingSettings.HEAD_RATE, 0.1))
                .epochs(8).validation(EncodedDataset.of(own, data), chosen).run(data);
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThatThrownBy(() -> model.encode(DOG, new Answers(List.of("dog"), List.of(3))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("question-answering: an answer does not stand where it is said to begin");
        assertThatThrownBy(() -> Answers.in("the dog", "cat")).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("answers: an answer has a letter at least, and begins at 0 or later");
        assertThatThrownBy(() -> new Answers(List.of("a"), List.of())).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("answers: 1 texts and 0 begins");
        assertThatThrownBy(() -> model.encode(new TextPair("the dog the dog", "the"), null))
                .isInstanceOf(InputException.class)
                .hasMessage("question-answering: the question \"the dog the dog\" has so "
                        + "many tokens that of 6 none are left for the text");
        assertThatThrownBy(() -> new QuestionAnswering(6, 6, 3, true)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("doc_stride: must be from 0 to below max_length 6, not 6");
        assertThatThrownBy(() -> new QuestionAnswering(1, 0, 3, true)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("max_length: must be at least 2, not 1");
        assertThatThrownBy(() -> new QuestionAnswering(6, 0, 0, true)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("max_answer_length: must be at least 1, not 0");
        Encoded bare = model.encode(DOG, null);
        try (Tape tape = Tape.inference(model.compute(), new Workspace())) {
            assertThatThrownBy(() -> model.loss(tape, List.of(bare))).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("question-answering: 0 begins and ends of 1 windows");
        }
        assertThatThrownBy(() -> new Passage("a", new int[] {0}, new int[] {2}, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("passage: 1 tokens begin and 1 end in a text of 1");
    }
}
