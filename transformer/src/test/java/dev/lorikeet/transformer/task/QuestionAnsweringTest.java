package dev.lorikeet.transformer.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.data.TextPair;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.SpanHead;
import dev.lorikeet.transformer.model.TinyBert;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
