package dev.lorikeet.transformer.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.chat.ChatMessage;
import dev.lorikeet.transformer.data.Samples;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.training.EncodedDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What TRL and transformers make of prompts and messages, see {@code fixtures/make_completions.py}. */
class CompletionsFixtureTest {
    private static final Path FIXTURES = Path.of(System.getProperty("lorikeet.basedir"), "fixtures/completions");
    private static final JsonObject EXPECTED = JsonObject.read(FIXTURES.resolve("expected.json"));
    private static final Model MODEL = Model.load(FIXTURES.resolve("model"));
    private static final List<Completion> PAIRS = EXPECTED.objects("pairs").stream()
            .map(pair -> new Completion(pair.string("prompt"), pair.string("completion"))).toList();
    private static final List<List<ChatMessage>> TALKS = EXPECTED.objects("talks").stream()
            .map(talk -> talk.objects("messages").stream().map(message -> new ChatMessage(message.fields())).toList())
            .toList();

    private static <X> CausalLanguageModel<X> task(LanguageForm<X> form, LossOn on, int most, TruncationSide side) {
        return new CausalLanguageModel<>(form, on, most, side, 0);
    }

    private static <X> void check(String name, CausalLanguageModel<X> task, List<X> inputs) {
        JsonObject expected = EXPECTED.object("cases").object(name);
        TaskModel<X, X, Double> model = TaskModel.of(MODEL, task, 0);
        List<Encoded> examples = EncodedDataset.of(model, new Samples<>(name, inputs, inputs)).examples().toList();
        assertThat(examples).hasSameSizeAs(expected.list("ids")).hasSameSizeAs(inputs);
        for (int i = 0; i < examples.size(); i++) {
            Encoded example = examples.get(i);
            assertThat(example.ids()).as("%s %s", name, i).isEqualTo(ints(expected.list("ids").get(i)));
            int[] labels = ints(expected.list("labels").get(i));
            IntStream.range(1, labels.length).forEach(token -> assertThat(example.classes()[token])
                    .as("%s, token %s", name, token).isEqualTo(labels[token]));
            double loss = ((Number) expected.list("loss").get(i)).doubleValue();
            try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
                assertThat((double) model.loss(tape, List.of(example)).item()).isCloseTo(loss, within(1e-5));
            }
        }
        assertThat(new EncodedDataset(model, examples).evaluate(3, new Workspace()).loss())
                .isCloseTo(expected.number("mean"), within(1e-5));
    }

    private static int[] ints(Object list) {
        return ((List<?>) list).stream().mapToInt(each -> (Integer) each).toArray();
    }

    @Test
    void completionsAreLearnedWithTheirEnd() {
        check("completion", Tasks.completion(), PAIRS);
        check("completion, all", task(LanguageForm.COMPLETION, LossOn.ALL, 0, TruncationSide.RIGHT), PAIRS);
    }

    @Test
    void whatTheModelSaysIsLearnedOfTalks() {
        check("messages", Tasks.chat(), TALKS);
        check("messages, all", task(LanguageForm.MESSAGES, LossOn.ALL, 0, TruncationSide.RIGHT), TALKS);
    }

    @Test
    void whatIsTooLongIsCutOffASide() {
        check("completion, right", task(LanguageForm.COMPLETION, LossOn.COMPLETION, 24, TruncationSide.RIGHT),
                PAIRS.subList(0, 2));
        check("completion, left", task(LanguageForm.COMPLETION, LossOn.COMPLETION, 14, TruncationSide.LEFT),
                PAIRS.subList(0, 2));
    }

    /** A prompt of 11 tokens and a completion of 4: TRL would leave the example out, or the prompt. */
    @Test
    void neitherThePromptNorTheCompletionIsCutAwayWhole() {
        int[] whole = Tasks.completion().encode(PAIRS.getFirst(), null, MODEL).ids();
        for (int most = 2; most < 15; most++) {
            Encoded right = task(LanguageForm.COMPLETION, LossOn.COMPLETION, most, TruncationSide.RIGHT)
                    .encode(PAIRS.getFirst(), null, MODEL);
            Encoded left = task(LanguageForm.COMPLETION, LossOn.COMPLETION, most, TruncationSide.LEFT)
                    .encode(PAIRS.getFirst(), null, MODEL);
            int from = Math.max(0, 12 - most);
            assertThat(right.ids()).isEqualTo(IntStream.range(from, from + most).map(i -> whole[i]).toArray());
            int start = Math.min(10, 15 - most);
            assertThat(left.ids()).isEqualTo(IntStream.range(start, start + most).map(i -> whole[i]).toArray());
            for (Encoded cut : List.of(left, right)) {
                assertThat(cut.truncated()).isEqualTo(15 - most);
                assertThat(Tasks.completion().count(cut)).isPositive();
            }
        }
    }

    /** In a block, each example has the loss that it has alone. */
    @Test
    void examplesInABlockDoNotSeeEachOther() {
        CausalLanguageModel<Completion> blocks = new CausalLanguageModel<>(LanguageForm.COMPLETION, LossOn.COMPLETION,
                0, TruncationSide.RIGHT, 40);
        EncodedDataset packed = EncodedDataset.of(TaskModel.of(MODEL, blocks, 0), new Samples<>("", PAIRS, PAIRS));
        assertThat(packed.size()).isLessThan(PAIRS.size());
        assertThat(packed.evaluate(2, new Workspace()).loss())
                .isCloseTo(EXPECTED.object("cases").object("completion").number("mean"), within(1e-5));
    }

    @Test
    void aTextEndsAsTheModelsConfigurationSaysWhereTheTokenizersFilesDoNot() {
        Model other = Model.load(FIXTURES.resolveSibling("language_models").resolve("llama"));
        assertThat(other.specialTokensMap().end()).isNull();
        assertThat(other.endToken()).isEqualTo("[SEP]");
        assertThat(Tasks.completion().encode(PAIRS.getFirst(), null, other).ids()).endsWith(3);
    }

    @Test
    void refusesModelsThatDoNotSayHowTheyRead(@TempDir Path directory) throws IOException {
        Path llama = FIXTURES.resolveSibling("language_models").resolve("llama");
        Files.copy(llama.resolve("model.safetensors"), directory.resolve("model.safetensors"));
        Files.copy(llama.resolve("vocab.txt"), directory.resolve("vocab.txt"));
        Files.writeString(directory.resolve("config.json"), Files.readString(llama.resolve("config.json"))
                .replace("\"eos_token_id\": 3,", "\"eos_token_id\": null,"));
        Model other = Model.load(directory);
        assertThatThrownBy(() -> Tasks.completion().encode(PAIRS.getFirst(), null, other))
                .isInstanceOf(InputException.class).hasMessageContaining("eos_token: is not said");
        assertThatThrownBy(() -> Tasks.chat().encode(TALKS.getFirst(), null, other)).isInstanceOf(InputException.class)
                .hasMessageContaining("has no chat template");
        assertThatThrownBy(() -> Tasks.chat().encode(List.of(ChatMessage.user("hi")), null, MODEL))
                .isInstanceOf(InputException.class).hasMessageContaining("the model writes nothing of it");
    }
}
