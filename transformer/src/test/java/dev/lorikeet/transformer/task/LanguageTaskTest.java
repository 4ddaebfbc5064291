package dev.lorikeet.transformer.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.CrossEntropy;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.data.Samples;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.model.MaskedHead;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.TinyBert;
import dev.lorikeet.transformer.model.TinyModel;
import dev.lorikeet.transformer.training.EncodedDataset;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.TrainState;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingListener;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LanguageTaskTest {
    private static final String VOCABULARY = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ncat\ndog\nsits\nruns\n##s\n";
    private static final int MASK = 4;
    private static final Samples<String, String> PETS = texts("cat sits", "dog runs", "cats sits", "dogs runs", "cat",
            "dog runs dog", "cat sits cat sits cat sits");
    private static final TrainingSettings SETTINGS = TrainingSettings.defaults().withEpochs(3).withBatchSize(2)
            .withRates(0.01, 0.01);

    @TempDir
    private Path directory;

    private static Samples<String, String> texts(String... texts) {
        return new Samples<>("texts", List.of(texts), List.of(texts));
    }

    /** A BERT without a head that reads 6 tokens, with a mask among its words. */
    private Model bert() {
        TinyBert.load(directory);
        return withVocabulary();
    }

    private Model gpt2() {
        TinyModel.write(directory, TinyModel.GPT2, TinyModel.gpt2("transformer."));
        return withVocabulary();
    }

    private Model withVocabulary() {
        try {
            Files.deleteIfExists(directory.resolve("tokenizer.json"));
            Files.writeString(directory.resolve("vocab.txt"), VOCABULARY);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return Model.load(directory);
    }

    private static <P> TaskModel<String, String, P> trainable(Model model, LanguageTask<String, P> task) {
        model.backbone().unfreeze();
        return TaskModel.of(model, task, 1);
    }

    @Test
    void aLongTextIsCutIntoPiecesAndNothingIsLost() {
        Model model = gpt2();
        Encoded encoded = Tasks.causalLanguageModel().encode("cat sits dog runs cats", "cat sits dog runs cats", model);
        assertThat(encoded.ids()).containsExactly(2, 5, 7, 6, 8, 5, 9, 3);
        assertThat(encoded.offsets()).containsExactly(0, 4, 8);
        assertThat(encoded.truncated()).isZero();
        List<Encoded> alone = EncodedDataset.of(TaskModel.of(model, Tasks.causalLanguageModel(), 0),
                texts("cat", "cat sits dog runs cats", "dog")).examples().toList();
        assertThat(alone).extracting(Encoded::ids).containsExactly(new int[] {2, 5, 3}, new int[] {2, 5, 7, 6},
                new int[] {8, 5, 9, 3}, new int[] {2, 6, 3});
        assertThat(alone).extracting(CausalLanguageModel.ofTexts(0)::count).containsExactly(2, 3, 3, 2);
    }

    @Test
    void blocksHaveWholeTextsThatDoNotSeeEachOther() {
        Model model = gpt2();
        CausalLanguageModel<String> task = CausalLanguageModel.ofTexts(9);
        TaskModel<String, String, Double> blocks = TaskModel.of(model, task, 0);
        Samples<String, String> texts = texts("cat", "dog sits", "cats", "cat sits dog runs cats");
        EncodedDataset data = EncodedDataset.of(blocks, texts);
        assertThat(data.examples().toList()).extracting(Encoded::offsets).containsExactly(new int[] {0, 3, 7},
                new int[] {0, 4, 8}, new int[] {0, 4});
        assertThat(data.examples().toList()).extracting(task::count).containsExactly(5, 6, 3);
        double loss = data.evaluate(2, new Workspace()).loss();
        EncodedDataset alone = EncodedDataset.of(TaskModel.of(model, Tasks.causalLanguageModel(), 0), texts);
        assertThat(loss).isCloseTo(alone.evaluate(1, new Workspace()).loss(), within(1e-6));
        List<Encoded> masked = EncodedDataset.of(TaskModel.of(bert(), new MaskedLanguageModel(9), 1), texts).examples()
                .toList();
        assertThat(masked).extracting(Encoded::places).containsExactly(new int[] {1, 4, 5}, new int[] {1, 2, 5, 6, 7},
                new int[] {0, 1, 2});
    }

    @Test
    void choosesAsBertDoes() {
        Model model = bert();
        MaskedLanguageModel task = new MaskedLanguageModel(600);
        String text = String.join(" ", Collections.nCopies(100, "cat dog [SEP] sits runs"));
        EncodedDataset data = EncodedDataset.of(TaskModel.of(model, task, 1), texts(text));
        Encoded example = data.examples().get(0);
        int[] places = example.places();
        assertThat(places).hasSize(400);
        int[] seen = new int[3];
        int[] often = new int[example.tokens()];
        for (int draw = 0; draw < 100; draw++) {
            Encoded drawn = task.drawn(example, model, Random.key(7, draw));
            int[] own = drawn.places();
            assertThat(own).hasSize(60).isSorted();
            assertThat(places).contains(own);
            assertThat(drawn.classes()).isEqualTo(Arrays.stream(own).map(i -> example.ids()[i]).toArray());
            assertThat(task.count(drawn)).isEqualTo(60).isEqualTo(task.count(example));
            for (int i = 0; i < example.tokens(); i++) {
                boolean chosen = Arrays.binarySearch(own, i) >= 0;
                assertThat(chosen || drawn.ids()[i] == example.ids()[i]).isTrue();
                often[i] += chosen ? 1 : 0;
            }
            for (int i : own) {
                seen[drawn.ids()[i] == MASK ? 0 : drawn.ids()[i] == example.ids()[i] ? 1 : 2]++;
            }
        }
        // of ten tokens, a random one is the mask or the same once in ten
        assertThat(seen[0] / 6000.0).isCloseTo(0.81, within(0.02));
        assertThat(seen[1] / 6000.0).isCloseTo(0.11, within(0.02));
        assertThat(seen[2] / 6000.0).isCloseTo(0.08, within(0.02));
        assertThat(Arrays.stream(places).map(i -> often[i]).max().orElseThrow()).isLessThan(35);
        assertThat(task.drawn(example, model, 5).ids()).isEqualTo(task.drawn(example, model, 5).ids())
                .isNotEqualTo(task.drawn(example, model, 6).ids());
        assertThat(task.count(task.encode("", "", model))).isZero();
        assertThat(task.count(task.encode("cat", "cat", model))).isOne();
    }

    /** Against logits of every row, with Hugging Face's labels. */
    @Test
    void logitsOfTheChosenRowsAreEnough() {
        TaskModel<String, String, ?> model = trainable(bert(), Tasks.maskedLanguageModel());
        assertThat(model.head()).isInstanceOf(MaskedHead.class);
        assertThat(model.head().className()).isEqualTo("BertForMaskedLM");
        MaskedLanguageModel task = Tasks.maskedLanguageModel();
        List<Encoded> drawn = EncodedDataset.of(model, PETS).examples().toList().stream()
                .map(example -> task.drawn(example, model.model(), example.tokens())).toList();
        int[] labels = drawn.stream().flatMapToInt(example -> {
            int[] own = new int[example.tokens()];
            Arrays.fill(own, CrossEntropy.IGNORED);
            for (int i = 0; i < example.places().length; i++) {
                own[example.places()[i]] = example.classes()[i];
            }
            return Arrays.stream(own);
        }).toArray();
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            Variable chosen = model.logits(tape, drawn);
            assertThat(chosen.value().dim(0)).isEqualTo(drawn.stream().mapToInt(task::count).sum());
            float all = Losses.crossEntropy(tape, model.logits(tape, Encoded.batch(drawn)), labels).item();
            assertThat(model.loss(tape, drawn).item()).isEqualTo(all);
            assertThat(model.loss(tape, Encoded.of(Encoded.batch(drawn), labels)).item()).isEqualTo(all);
        }
    }

    @Test
    void aMaskedModelLearnsAndAnswers() {
        TaskModel<String, String, List<List<Prediction>>> model = trainable(bert(), Tasks.maskedLanguageModel());
        Trainer<String, String> trainer = Trainer.of(model).settings(SETTINGS.withEpochs(60));
        Evaluation before = trainer.evaluate(PETS);
        trainer.run(PETS);
        Evaluation after = trainer.evaluate(PETS);
        assertThat(after).isEqualTo(trainer.evaluate(PETS)).isNotEqualTo(before);
        assertThat(after.mainMetric()).isEqualTo("perplexity");
        assertThat(after.main()).isEqualTo(Math.exp(after.loss())).isLessThan(before.main() / 3);
        assertThat(after.isBetterThan(before)).isTrue();
        List<List<Prediction>> answers = model.predict("[MASK] sits [MASK] sits");
        assertThat(answers).hasSize(2).allSatisfy(each -> {
            assertThat(each.getFirst().label()).isEqualTo("cat");
            assertThat(each).hasSize(10).isSortedAccordingTo((a, b) -> Float.compare(b.probability(),
                    a.probability()));
            assertThat(each.stream().mapToDouble(Prediction::probability).sum()).isCloseTo(1, within(1e-5));
        });
        assertThat(model.predict(List.of("[MASK]", "dog [MASK]")).getLast().getFirst().getFirst().label())
                .isEqualTo("runs");
    }

    @Test
    void aCausalModelLearnsAndTellsPerplexities() {
        TaskModel<String, String, Double> model = trainable(gpt2(), Tasks.causalLanguageModel());
        Trainer<String, String> trainer = Trainer.of(model).settings(SETTINGS.withEpochs(40));
        double before = trainer.evaluate(PETS).main();
        trainer.run(PETS);
        assertThat(trainer.evaluate(PETS).main()).isLessThan(before / 3);
        assertThat(model.predict("cat sits")).isLessThan(model.predict("sits cat") / 3)
                .isCloseTo(trainer.evaluate(texts("cat sits")).main(), within(1e-6));
    }

    /** Masks are a function of seed, step and place, so that they come again. */
    @Test
    void aRunThatGoesOnDrawsTheSameMasks() {
        TaskModel<String, String, ?> whole = trainable(bert(), Tasks.maskedLanguageModel());
        List<Double> losses = Trainer.of(whole).settings(SETTINGS).run(PETS).steps().stream().map(Step::loss).toList();
        AtomicReference<TrainState> state = new AtomicReference<>();
        Trainer.of(trainable(bert(), Tasks.maskedLanguageModel())).settings(SETTINGS).listener(new TrainingListener() {
            @Override
            public boolean endsAfter(Step step, Supplier<TrainState> now) {
                state.set(now.get());
                return step.step() == 5;
            }
        }).run(PETS);
        TaskModel<String, String, ?> resumed = trainable(bert(), Tasks.maskedLanguageModel());
        List<Double> all = Trainer.of(resumed).settings(SETTINGS).resume(state.get(), PETS).steps().stream()
                .map(Step::loss).toList();
        assertThat(all).isEqualTo(losses).hasSize(12);
        whole.namedParameters().forEach((path, parameter) -> assertThat(resumed.namedParameters().get(path).value()
                .toArray()).as(path).isEqualTo(parameter.value().toArray()));
        assertThat(IntStream.range(0, 12).mapToObj(losses::get).distinct()).hasSize(12);
    }

    @Test
    void refusesWhatItCannotAnswer() {
        TaskModel<String, String, ?> masked = TaskModel.of(bert(), Tasks.maskedLanguageModel(), 1);
        assertThatThrownBy(() -> masked.predict("cat sits")).isInstanceOf(InputException.class)
                .hasMessage("masked-language-model: there is no [MASK] in the text");
        assertThatThrownBy(() -> masked.predict("cat cat cat cat cat [MASK]")).isInstanceOf(InputException.class)
                .hasMessage(
                        "masked-language-model: there is no [MASK] in the text up to token 6, where the model stops");
        assertThatThrownBy(() -> masked.encode("cat", "dog")).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("masked-language-model: the target of a text is the text itself");
        assertThatThrownBy(() -> masked.loss(Tape.inference(Cpu.shared(), new Workspace()),
                List.of(masked.encode("cat", "cat")))).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("masked-language-model: 0 targets for tokens that are not drawn yet");
        assertThatThrownBy(() -> new MaskedLanguageModel(1)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("block_size: must be at least 2, or 0 for none, not 1");
        Model decoder = gpt2();
        assertThatThrownBy(() -> TaskModel.of(decoder, Tasks.maskedLanguageModel(), 1))
                .isInstanceOf(InputException.class).hasMessage(directory.resolve("config.json")
                        + ": model_type: \"gpt2\" has no GPT2ForMaskedLM");
        Model maskless = TinyBert.load(directory);
        assertThatThrownBy(() -> TaskModel.of(maskless, Tasks.maskedLanguageModel(), 1).predict("cat"))
                .isInstanceOf(InputException.class).hasMessage(directory.resolve("tokenizer.json")
                        + ": added_tokens: has no [MASK] and no <mask>, which stands for what is to be told");
    }
}
