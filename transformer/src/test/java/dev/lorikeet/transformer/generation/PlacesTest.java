package dev.lorikeet.transformer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.transformer.model.Model;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** {@link Places}, by what a {@link GenerationBatch} of a small Llama reads anew and writes. */
class PlacesTest {
    private static final Model MODEL = Model.load(Path.of(System.getProperty("lorikeet.fixtures", "fixtures"),
            "language_models", "llama"));
    private static final Generator GENERATOR = Generator.of(MODEL).withAdapters((_, _, _) -> {}, "usual");
    private static final GenerationSettings GREEDY = GENERATOR.settings().withMaxNewTokens(4)
            .with(GenerationSettings.EOS_TOKEN_ID, List.of(3));

    /** What is written, and how much of the prompt was not read again. */
    private record Answer(int[] ids, int known) {}

    private static Answer answer(GenerationBatch batch, Prompt prompt, GenerationSettings settings) {
        List<Integer> known = new ArrayList<>();
        List<int[]> ids = new ArrayList<>();
        batch.add(0, prompt, settings, new GenerationListener() {
            @Override
            public void onBegin(int number, int tokens) {
                known.add(tokens);
            }

            @Override
            public boolean onToken(int number, int token, String text) {
                return true;
            }

            @Override
            public void onEnd(int number, Generation generation) {
                ids.add(generation.ids());
            }
        });
        while (batch.size() > 0) {
            batch.step();
        }
        assertThat(ids.getFirst()).isEqualTo(GENERATOR.generate(List.of(prompt), settings, GenerationListener.NONE)
                .getFirst().ids());
        return new Answer(ids.getFirst(), known.getFirst());
    }

    private static int[] joined(int[] first, int... more) {
        int[] all = Arrays.copyOf(first, first.length + more.length);
        System.arraycopy(more, 0, all, first.length, more.length);
        return all;
    }

    @Test
    void aTurnOfATalkReadsWhatIsNew() {
        GenerationBatch batch = GENERATOR.batch(1);
        int[] talk = {1, 5, 9, 14};
        Answer first = answer(batch, Prompt.of(talk), GREEDY);
        assertThat(first.known).isZero();
        int read = talk.length + first.ids.length - 1; // the last one it wrote has not been read
        Answer second = answer(batch, Prompt.of(joined(joined(talk, first.ids), 7, 8)), GREEDY);
        assertThat(second.known).isEqualTo(read);
        // the same again: all of it is known, and its last token read for its logits
        assertThat(answer(batch, Prompt.of(talk), GREEDY).known).isEqualTo(talk.length - 1);
        assertThat(answer(batch, Prompt.of(2, 5, 9), GREEDY).known).isZero();
    }

    @Test
    void whatOneAdapterHasReadIsNoOthers() {
        GenerationBatch batch = GENERATOR.batch(2);
        Prompt prompt = Prompt.of(1, 5, 9, 14);
        assertThat(answer(batch, prompt.with("one"), GREEDY).known).isZero();
        assertThat(answer(batch, prompt.with("other"), GREEDY).known).isZero();
        assertThat(answer(batch, prompt, GREEDY).known).isZero();
        assertThat(answer(batch, prompt.with("one"), GREEDY).known).isZero(); // its place was the longest unused
        assertThat(answer(batch, prompt.with("one"), GREEDY).known).isEqualTo(3);
    }

    @Test
    void talksThatBeginAlikeKeepTheirPlaces() {
        GenerationBatch batch = GENERATOR.batch(2);
        int[] system = {1, 5, 9};
        Prompt one = Prompt.of(joined(system, 11, 12, 13, 14, 15, 16, 17, 18));
        Prompt other = Prompt.of(joined(system, 20, 21));
        answer(batch, one, GREEDY);
        assertThat(answer(batch, other, GREEDY).known).isEqualTo(system.length);
        assertThat(answer(batch, one, GREEDY).known).isEqualTo(one.ids().length - 1);
        assertThat(answer(batch, other, GREEDY).known).isEqualTo(other.ids().length - 1);
    }

    /** Of what has ended the last text alone keeps its memory, where there is none for others. */
    @Test
    void theLongestUnusedGiveTheirMemoryBack() {
        GenerationBatch batch = new GenerationBatch(GENERATOR, 3, 0);
        Prompt one = Prompt.of(1, 5, 9, 14);
        Prompt other = Prompt.of(2, 6, 10, 15);
        answer(batch, one, GREEDY);
        assertThat(answer(batch, one, GREEDY).known).isEqualTo(3);
        assertThat(answer(batch, other, GREEDY).known).isZero();
        assertThat(answer(batch, one, GREEDY).known).isZero();
        GenerationBatch roomy = new GenerationBatch(GENERATOR, 3, 1L << 30);
        answer(roomy, one, GREEDY);
        answer(roomy, other, GREEDY);
        assertThat(answer(roomy, one, GREEDY).known).isEqualTo(3);
    }

    @Test
    void aPromptMayBeReadAnew() {
        GenerationBatch batch = GENERATOR.batch(1);
        Prompt prompt = Prompt.of(1, 5, 9, 14);
        answer(batch, prompt, GREEDY);
        assertThat(answer(batch, prompt.anew(), GREEDY).known).isZero();
        assertThat(answer(batch, prompt, GREEDY).known).isEqualTo(3);
        assertThat(prompt.anew()).isNotEqualTo(prompt).isEqualTo(prompt.anew()).hasToString(
                "Prompt([1, 5, 9, 14], anew)");
        assertThat(prompt.anew().with("one").readAnew()).isTrue();
    }

    @Test
    void beamsKeepNothing() {
        GenerationBatch batch = GENERATOR.batch(3);
        Prompt prompt = Prompt.of(1, 5, 9, 14);
        answer(batch, prompt, GREEDY.withBeams(3));
        assertThat(answer(batch, prompt, GREEDY).known).isZero();
        answer(batch, prompt, GREEDY.withBeams(3));
        assertThat(answer(batch, prompt, GREEDY).known).isZero();
    }

    /** Prompts of few words, so that many begin alike, beside one another, some given up. */
    @Test
    void whatIsKnownChangesNoAnswer() {
        Random random = new Random(1);
        GenerationBatch batch = GENERATOR.batch(3);
        List<Prompt> prompts = new ArrayList<>();
        List<int[]> answers = new ArrayList<>();
        int[] known = new int[1];
        for (int i = 0; i < 200; i++) {
            int length = 1 + random.nextInt(9);
            Prompt prompt = Prompt.of(IntStream.range(0, length).map(_ -> 4 + random.nextInt(2)).toArray())
                    .with(random.nextBoolean() ? "one" : "other");
            int patience = random.nextInt(4) == 0 ? 1 + random.nextInt(3) : Integer.MAX_VALUE;
            prompts.add(prompt);
            answers.add(new int[0]);
            batch.add(i, prompt, i % 5 == 0 ? GREEDY.sampling(2, i) : GREEDY, new GenerationListener() {
                private int tokens;

                @Override
                public void onBegin(int number, int count) {
                    known[0] += count;
                }

                @Override
                public boolean onToken(int number, int token, String text) {
                    return ++tokens < patience;
                }

                @Override
                public void onEnd(int number, Generation generation) {
                    answers.set(number, generation.ids());
                }
            });
            if (random.nextBoolean()) {
                batch.step();
            }
        }
        while (batch.size() > 0) {
            batch.step();
        }
        assertThat(known[0]).isGreaterThan(50);
        for (int i = 0; i < prompts.size(); i++) {
            int[] alone = GENERATOR.generate(prompts.subList(i, i + 1), i % 5 == 0 ? GREEDY.sampling(2, i) : GREEDY,
                    GenerationListener.NONE).getFirst().ids();
            assertThat(answers.get(i)).as("answer %d", i).isEqualTo(Arrays.copyOf(alone, answers.get(i).length))
                    .isNotEmpty();
        }
    }
}
