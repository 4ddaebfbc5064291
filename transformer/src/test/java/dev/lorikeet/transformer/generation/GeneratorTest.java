package dev.lorikeet.transformer.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.constraint.TextForm;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Model;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link Generator}, by a Llama of random weights with 25 words and 32 positions. */
class GeneratorTest {
    private static final Generator GENERATOR = Generator.of(Model.load(Path.of(System.getProperty("lorikeet.fixtures",
            "fixtures"), "language_models", "llama")));
    private static final GenerationSettings GREEDY = GENERATOR.settings().withMaxNewTokens(12)
            .with(GenerationSettings.EOS_TOKEN_ID, List.of(3));
    private static final List<Prompt> PROMPTS = IntStream.of(3, 11, 1, 7, 19, 5, 13).mapToObj(length -> Prompt.of(
            IntStream.range(0, length).map(i -> 4 + (7 * i + 3 * length) % 21).toArray())).toList();

    private static List<int[]> write(List<Prompt> prompts, GenerationSettings settings, int rooms) {
        GenerationBatch batch = GENERATOR.batch(rooms);
        Map<Integer, List<int[]>> texts = new LinkedHashMap<>();
        for (int i = 0; i < prompts.size(); i++) {
            texts.put(i, new ArrayList<>());
            batch.add(i, prompts.get(i), settings, new GenerationListener() {
                @Override
                public boolean onToken(int prompt, int token, String text) {
                    return true;
                }

                @Override
                public void onEnd(int prompt, Generation generation) {
                    texts.get(prompt).add(generation.ids());
                }
            });
        }
        while (batch.step()) {
            assertThat(batch.size()).isPositive();
        }
        return texts.values().stream().map(List::getFirst).toList();
    }

    static Stream<GenerationSettings> ways() {
        return Stream.of(GREEDY, GREEDY.sampling(1.3, 7).with(GenerationSettings.TOP_P, 0.9),
                GREEDY.withBeams(3).with(GenerationSettings.LENGTH_PENALTY, 0.5),
                GREEDY.with(GenerationSettings.REPETITION_PENALTY, 1.5)
                        .with(GenerationSettings.NO_REPEAT_NGRAM_SIZE, 2));
    }

    /** Whatever is beside it, before it, or has been where it is. */
    @ParameterizedTest
    @MethodSource("ways")
    void aPromptGetsWhatItGetsAlone(GenerationSettings settings) {
        List<int[]> alone = PROMPTS.stream().map(prompt -> write(List.of(prompt), settings, settings.numBeams())
                .getFirst()).toList();
        assertThat(alone.stream().map(Arrays::toString).distinct().count()).isGreaterThan(3);
        assertThat(write(PROMPTS, settings, 21)).usingRecursiveComparison().isEqualTo(alone);
        List<Prompt> turned = new ArrayList<>(PROMPTS);
        Collections.reverse(turned);
        List<int[]> others = new ArrayList<>(write(turned, settings, 3));
        Collections.reverse(others);
        assertThat(others).usingRecursiveComparison().isEqualTo(alone);
    }

    /** They share what is known of the form, and nothing of where they are in it. */
    @Test
    void textsOfAFormAreWhatTheyAreAlone() {
        TextForm form = TextForm.regex("(?: (?:cat|bird|tree)){2,3}");
        List<Generation> together = GENERATOR.generate(PROMPTS, GREEDY.within(form), GenerationListener.NONE);
        assertThat(together).hasSameSizeAs(PROMPTS).allMatch(text -> form.matches(" " + text.text()));
        for (int i = 0; i < together.size(); i++) {
            assertThat(GENERATOR.generate(PROMPTS.subList(i, i + 1), GREEDY.within(form), GenerationListener.NONE)
                    .getFirst().ids()).isEqualTo(together.get(i).ids());
        }
    }

    @Test
    void drawnTextsAreOfTheirSeed() {
        GenerationSettings five = GREEDY.sampling(1.5, 1).with(GenerationSettings.NUM_RETURN_SEQUENCES, 5);
        List<String> texts = texts(five);
        assertThat(texts).hasSize(5);
        assertThat(new HashSet<>(texts)).hasSizeGreaterThan(2);
        assertThat(texts(five)).isEqualTo(texts);
        assertThat(texts(five.with(GenerationSettings.SEED, 2L))).isNotEqualTo(texts);
        assertThat(GENERATOR.generate("the cat", five).text()).isEqualTo(texts.getFirst());
        // what cannot be drawn is never drawn
        assertThat(texts(five.with(GenerationSettings.TOP_K, 1))).containsOnly(GENERATOR.generate("the cat", GREEDY)
                .text());
    }

    private static List<String> texts(GenerationSettings settings) {
        return GENERATOR.generate(List.of(GENERATOR.prompt("the cat")), settings, GenerationListener.NONE).stream()
                .map(Generation::text).toList();
    }

    @Test
    void aTextEndsWhereItIsToEnd() {
        Generation whole = GENERATOR.generate("the cat", GREEDY);
        assertThat(whole.finish()).isEqualTo(FinishReason.LENGTH);
        assertThat(whole.ids()).hasSize(12);
        assertThat(whole.score()).isNull();
        int end = whole.ids()[4];
        Generation ended = GENERATOR.generate("the cat", GREEDY.with(GenerationSettings.EOS_TOKEN_ID, List.of(9, end)));
        int first = IntStream.range(0, 12).filter(i -> whole.ids()[i] == end || whole.ids()[i] == 9).findFirst()
                .orElseThrow();
        assertThat(ended.finish()).isEqualTo(FinishReason.STOP);
        assertThat(ended.ids()).isEqualTo(Arrays.copyOf(whole.ids(), first + 1));
        String stop = whole.text().split(" ")[3];
        Generation stopped = GENERATOR.generate("the cat", GREEDY.withStopStrings("nothing", stop));
        assertThat(stopped.finish()).isEqualTo(FinishReason.STOP);
        assertThat(stopped.text()).isEqualTo(whole.text().substring(0, whole.text().indexOf(stop)));
        // 32 positions
        assertThat(GENERATOR.generate("the cat", GREEDY.withMaxNewTokens(1000)).ids().length)
                .isEqualTo(32 - GENERATOR.prompt("the cat").ids().length);
    }

    @Test
    void textsAreToldWhileTheyAreWrittenAndCanBeCancelled() {
        String whole = GENERATOR.generate("the cat", GREEDY).text();
        List<String> pieces = GENERATOR.stream("the cat", GREEDY).toList();
        assertThat(pieces).hasSizeGreaterThan(3).doesNotContain("");
        assertThat(String.join("", pieces)).isEqualTo(whole);
        assertThat(GENERATOR.stream("the cat", GREEDY).limit(2).toList()).isEqualTo(pieces.subList(0, 2));
        assertThat(GENERATOR.stream("the cat", GREEDY.withBeams(2)).toList())
                .containsExactly(GENERATOR.generate("the cat", GREEDY.withBeams(2)).text());
        int[] heard = {0};
        Generation cancelled = GENERATOR.generate(List.of(GENERATOR.prompt("the cat"), PROMPTS.get(1)), GREEDY,
                (prompt, _, _) -> prompt == 1 || ++heard[0] < 5).getFirst();
        assertThat(cancelled.finish()).isEqualTo(FinishReason.CANCELLED);
        assertThat(cancelled.ids()).hasSize(5);
        assertThat(whole).startsWith(cancelled.text());
    }

    @Test
    void refusesWhatDoesNotGoTogether() {
        refuses(GREEDY.withBeams(2).with(GenerationSettings.DO_SAMPLE, true),
                "do-sample: goes without num-beams: a beam "
                        + "search draws nothing here");
        refuses(GREEDY.withBeams(2).withStopStrings("x"), "stop-strings: go without num-beams");
        refuses(GREEDY.with(GenerationSettings.MIN_NEW_TOKENS, 13),
                "min-new-tokens: 13 is more than max-new-tokens 12");
        refuses(GREEDY.with(GenerationSettings.NUM_RETURN_SEQUENCES, 2), "num-return-sequences: without do-sample or "
                + "num-beams there is one text");
        refuses(GREEDY.withBeams(2).with(GenerationSettings.NUM_RETURN_SEQUENCES, 3), "num-return-sequences: 3 is more "
                + "than num-beams 2");
        assertThatThrownBy(() -> write(List.of(PROMPTS.getFirst()), GREEDY.withBeams(4), 3))
                .isInstanceOf(InputException.class)
                .hasMessage("num-beams: 4, and there is room for 3 sequences at a time");
        assertThatThrownBy(() -> write(List.of(Prompt.of(new int[32])), GREEDY, 1)).isInstanceOf(InputException.class)
                .hasMessage("prompt: has 32 tokens, and the model has 32 positions, one of which is for the answer at "
                        + "least");
        assertThatThrownBy(() -> write(List.of(Prompt.of(25)), GREEDY, 1)).isInstanceOf(InputException.class)
                .hasMessage("prompt: token 25 is none of the 25");
        assertThatThrownBy(() -> Prompt.of()).isInstanceOf(InputException.class);
        assertThatThrownBy(() -> write(List.of(PROMPTS.getFirst().with("mine")), GREEDY, 1))
                .isInstanceOf(InputException.class).hasMessageStartingWith("adapter: there is no adapter \"mine\"");
    }

    private static void refuses(GenerationSettings settings, String message) {
        assertThatThrownBy(() -> GENERATOR.generate("the cat", settings)).isInstanceOf(InputException.class)
                .hasMessage(message);
    }
}
