package dev.lorikeet.transformer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workers;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.kernel.KernelChoice;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.Example;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.MeanPooledHead;
import dev.lorikeet.transformer.model.TinyBert;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainerTest {
    private static final TrainingSettings SETTINGS = TrainingSettings.defaults().withEpochs(5).withBatchSize(3)
            .withRates(0.02, 0.02);

    @TempDir
    private Path directory;
    private TaskModel<String, Integer, List<Prediction>> classifier;

    @BeforeEach
    void load() {
        TinyBert.load(directory);
        classifier = fresh();
    }

    private TaskModel<String, Integer, List<Prediction>> fresh() {
        return CatsAndDogs.fresh(directory);
    }

    private static Trainer<String, Integer> trainer(TaskModel<String, Integer, ?> model, TrainingSettings settings) {
        return Trainer.of(model).settings(settings).validation(CatsAndDogs.TEST);
    }

    private Linear layer() {
        return ((MeanPooledHead) classifier.head()).output();
    }

    @Test
    void learnsATaskThatCanBeLearned() {
        TrainingResult result = trainer(classifier, SETTINGS.withEpochs(30)).run(CatsAndDogs.TRAIN);
        assertThat(result.epochs().getFirst().trainLoss()).as("no better than guessing").isGreaterThan(0.5);
        assertThat(result.epochs().getLast().trainLoss()).isLessThan(0.1);
        assertThat(result.epochs().getLast().test().loss()).isLessThan(0.1);
        assertThat(result.accuracy()).isEqualTo(1);
        assertThat(classifier.predict("the dog sits").getFirst().label()).isEqualTo("dog");
    }

    @Test
    void theSameSeedGivesTheSameBitsOnAnyNumberOfThreads() {
        Map<String, List<?>> one = train(1, SETTINGS);
        assertThat(train(2, SETTINGS)).isEqualTo(one);
        assertThat(train(1, SETTINGS.withSeed(2))).isNotEqualTo(one);
        assertThat(train(1, SETTINGS.with(TrainingSettings.WEIGHT_DECAY, 0.5))).isNotEqualTo(one);
    }

    /** Losses and parameters after a run; what takes time is left out. */
    private Map<String, List<?>> train(int threads, TrainingSettings settings) {
        Compute compute = new Cpu(KernelChoice.made().kernels(), new Workers(threads));
        TaskModel<String, Integer, ?> own = CatsAndDogs.fresh(directory, LoadOptions.STANDARD.with(compute));
        TrainingResult result = trainer(own, settings).run(CatsAndDogs.TRAIN);
        Map<String, List<?>> outcome = bits(own);
        outcome.put("losses", result.steps().stream().map(Step::loss).toList());
        outcome.put("test losses", result.epochs().stream().map(epoch -> epoch.test().loss()).toList());
        return outcome;
    }

    private static Map<String, List<?>> bits(TaskModel<?, ?, ?> classifier) {
        Map<String, List<?>> bits = new TreeMap<>();
        classifier.head().namedParameters().forEach((name, parameter) -> bits.put(name, bits(parameter)));
        classifier.backbone().namedParameters().forEach((name, parameter) -> bits.put(name, bits(parameter)));
        return bits;
    }

    private static List<Integer> bits(Parameter parameter) {
        List<Integer> bits = new ArrayList<>();
        for (float value : parameter.value().toArray()) {
            bits.add(Float.floatToRawIntBits(value));
        }
        return bits;
    }

    @Test
    void encoderAndHeadMoveAtTheirOwnRates() {
        assertThat(moved(SETTINGS.withRates(0, 0.02))).containsExactly("head.bias", "head.weight");
        assertThat(moved(SETTINGS.withRates(0.02, 0))).doesNotContain("head.bias", "head.weight")
                .contains("embeddings.word_embeddings.weight", "encoder.layer.1.output.dense.bias");
        classifier.backbone().freeze();
        assertThat(moved(SETTINGS)).containsExactly("head.bias", "head.weight");
    }

    /** The parameters that a run changes. */
    private List<String> moved(TrainingSettings settings) {
        Map<String, List<?>> before = bits(classifier);
        trainer(classifier, settings).run(CatsAndDogs.TRAIN);
        Map<String, List<?>> after = bits(classifier);
        return before.keySet().stream().filter(name -> !before.get(name).equals(after.get(name))).toList();
    }

    @Test
    void listenersHearOfEveryStepInItsTurn() {
        List<Object> heard = new ArrayList<>();
        Trainer<String, Integer> trainer = trainer(classifier,
                SETTINGS.withEpochs(2).with(TrainingSettings.WARMUP_RATIO, 0.5));
        trainer.listener(new TrainingListener() {
            @Override
            public void started(Course course) {
                heard.add(course.steps() + " steps, " + course.tokensPerEpoch() + " tokens");
            }

            @Override
            public void stepDone(Step step) {
                heard.add(step);
            }

            @Override
            public void epochDone(Epoch epoch) {
                heard.add(epoch);
            }
        });
        trainer.listener(new TrainingListener() {}); // which hears and does nothing
        TrainingResult result = trainer.run(CatsAndDogs.TRAIN);
        List<Object> expected = new ArrayList<>(result.steps());
        expected.add(3, result.epochs().getFirst());
        expected.add(result.epochs().getLast());
        expected.add(0, "6 steps, 34 tokens");
        assertThat(heard).containsExactlyElementsOf(expected);
        assertThat(result.steps()).extracting(Step::step).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(result.steps()).extracting(Step::epoch).containsExactly(1, 1, 1, 2, 2, 2);
        assertThat(result.steps()).extracting(Step::rate).containsExactly(0.0, 1 / 3.0, 2 / 3.0, 1.0, 2 / 3.0, 1 / 3.0);
        assertThat(result.steps()).allMatch(step -> step.steps() == 6 && step.seconds() > 0);
        List<Integer> tokens = result.steps().stream().map(Step::tokens).toList();
        assertThat(tokens.subList(0, 3)).as("each epoch has its own order").isNotEqualTo(tokens.subList(3, 6));
        for (Epoch epoch : result.epochs()) {
            List<Step> steps = result.steps().subList(3 * epoch.epoch() - 3, 3 * epoch.epoch());
            assertThat(epoch.epochs()).isEqualTo(2);
            assertThat(epoch.tokens()).isEqualTo(34).isEqualTo(steps.stream().mapToInt(Step::tokens).sum());
            assertThat(epoch.trainLoss()).isEqualTo(steps.stream().mapToDouble(Step::loss).average().orElseThrow());
            assertThat(epoch.test().confusionOrThrow().total()).isEqualTo(4);
        }
    }

    @Test
    void checkpointedLayersGiveTheSameBits() {
        assertThat(train(2, SETTINGS.with(TrainingSettings.GRADIENT_CHECKPOINTING, true)))
                .isEqualTo(train(2, SETTINGS));
    }

    /** The seventh text makes a step by itself. */
    @Test
    void accumulatedBatchesAreAsOneLargeBatch() {
        List<Step> accumulated = trainer(classifier, SETTINGS.withBatchSize(2).with(TrainingSettings.ACCUMULATION, 3))
                .run(CatsAndDogs.TRAIN).steps();
        List<Step> large = trainer(fresh(), SETTINGS.withBatchSize(6)).run(CatsAndDogs.TRAIN).steps();
        assertThat(accumulated).hasSize(10).hasSameSizeAs(large);
        for (int i = 0; i < large.size(); i++) {
            assertThat(accumulated.get(i).tokens()).isEqualTo(large.get(i).tokens());
            assertThat(accumulated.get(i).loss()).isCloseTo(large.get(i).loss(), Offset.offset(1e-5));
        }
    }

    /** However a batch comes to its parts, their sums are whole and are added in their order. */
    @Test
    void aBatchCutInPartsHasTheBitsOfAccumulatedBatches() {
        TrainingSettings settings = SETTINGS.withEpochs(1).withBatchSize(2).with(TrainingSettings.ACCUMULATION, 3)
                .with(TrainingSettings.SCHEDULE, ScheduleType.CONSTANT);
        TaskModel<String, Integer, List<Prediction>> accumulated = fresh();
        trainer(accumulated, settings).run(CatsAndDogs.TRAIN);
        classifier.head().unfreeze();
        EncodedDataset data = EncodedDataset.of(classifier, CatsAndDogs.TRAIN);
        Workspace workspace = new Workspace();
        OptimizerPlan plan = OptimizerPlan.of(settings);
        Update update = new PlainUpdate(plan.rule(), plan.groups().apply(classifier), plan.clipNorm(),
                classifier.compute(), workspace);
        Batches batches = new Batches(data, settings, Draws.training(settings.seed()));
        for (int step = 1; step <= 2; step++) {
            update.run((from, all, wanted) -> worked(from, all), data, batches.of(step), step, 1);
        }
        assertThat(bits(classifier)).isEqualTo(bits(accumulated));
    }

    /** As many workers would have it: each micro-batch by itself, and the sums added in order. */
    private static Gradients.Sums worked(Trainable from, List<MicroBatch> parts) {
        double over = parts.stream().mapToInt(part -> part.examples().length).sum();
        List<Parameter> parameters = from.parameters();
        List<Tensor> totals = new ArrayList<>();
        double loss = 0;
        for (MicroBatch part : parts) {
            try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
                Variable own = from.loss(tape, part.examples(), over);
                loss += own.item();
                tape.backward(own);
            }
            for (int i = 0; i < parameters.size(); i++) {
                Tensor gradient = parameters.get(i).gradient();
                Tensor sum = gradient == null ? Tensor.zeros(parameters.get(i).shape()) : gradient.copy();
                if (totals.size() == i) {
                    totals.add(sum);
                } else {
                    Elementwise.addScaled(sum, 1f, totals.get(i));
                }
                parameters.get(i).clearGradient();
            }
        }
        for (int i = 0; i < parameters.size(); i++) {
            parameters.get(i).addGradient(totals.get(i));
        }
        return new Gradients.Sums(loss, "");
    }

    @Test
    void aListenerEndsARunThatThenGoesOnWithTheSameBits() {
        TaskModel<String, Integer, List<Prediction>> uninterrupted = fresh();
        TrainingResult told = trainer(uninterrupted, SETTINGS).run(CatsAndDogs.TRAIN);
        Map<String, List<?>> whole = bits(uninterrupted);
        for (int after : new int[] {1, 3, 4, 14, 15}) {
            TaskModel<String, Integer, List<Prediction>> begun = fresh();
            AtomicReference<TrainState> state = new AtomicReference<>();
            TrainingResult part = trainer(begun, SETTINGS).listener(new TrainingListener() {
                @Override
                public boolean endsAfter(Step step, Supplier<TrainState> now) {
                    if (step.step() == after) {
                        state.set(now.get());
                    }
                    return step.step() == after;
                }
            }).run(CatsAndDogs.TRAIN);
            assertThat(part.steps()).hasSize(after);
            assertThat(part.epochs()).hasSize((after + 2) / 3);
            if (after < 15) {
                assertThat(bits(begun)).isNotEqualTo(whole);
            }
            TaskModel<String, Integer, List<Prediction>> resumed = fresh();
            List<Integer> heard = new ArrayList<>();
            TrainingResult result = trainer(resumed, SETTINGS).listener(new TrainingListener() {
                @Override
                public void stepDone(Step step) {
                    heard.add(step.step());
                }
            }).resume(state.get(), CatsAndDogs.TRAIN);
            assertThat(heard).isEqualTo(IntStream.rangeClosed(after + 1, 15).boxed().toList());
            assertThat(withoutClock(result)).isEqualTo(withoutClock(told));
            assertThat(bits(resumed)).as("after %d", after).isEqualTo(whole);
        }
    }

    /** What a run tells, less the seconds. */
    private static List<Object> withoutClock(TrainingResult result) {
        List<Object> told = new ArrayList<>();
        result.steps().forEach(step -> told.add(new Step(step.step(), step.epoch(), step.steps(), step.loss(),
                step.gradientNorm(), step.rate(), step.tokens(), 0)));
        result.epochs().forEach(epoch -> told.add(List.of(epoch.epoch(), epoch.trainLoss(), epoch.tokens(),
                epoch.test().loss(), epoch.test().metrics())));
        return told;
    }

    @Test
    void refusesTheStateOfAnotherRun() {
        AtomicReference<TrainState> shorter = new AtomicReference<>();
        trainer(fresh(), SETTINGS.withEpochs(2)).listener(new TrainingListener() {
            @Override
            public boolean endsAfter(Step step, Supplier<TrainState> now) {
                shorter.set(now.get());
                return step.step() == 2;
            }
        }).run(CatsAndDogs.TRAIN);
        assertThatThrownBy(() -> trainer(classifier, SETTINGS).resume(shorter.get(), CatsAndDogs.TRAIN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("training: the state is of a run of 6 steps, this one has 15");
        TrainingResult nothing = new TrainingResult(List.of(), List.of(), List.of());
        TrainState other = new TrainState(nothing, List.of(), List.of(), Map.of());
        assertThatThrownBy(() -> trainer(classifier, SETTINGS).resume(other, CatsAndDogs.TRAIN))
                .isInstanceOf(IllegalArgumentException.class).hasMessage(
                        "training: the state is that of 0 parameters after 0 updates and 0 epochs, this run has 39, "
                                + "15 and 5");
    }

    @Test
    void refusesARunOfMoreStepsThanCanBeCounted() {
        assertThatThrownBy(() -> trainer(classifier, SETTINGS.withEpochs(Integer.MAX_VALUE)).run(CatsAndDogs.TRAIN))
                .isInstanceOf(InputException.class).hasMessage(
                        "training.epochs: 2147483647 are 6442450941 steps, more than 2147483647");
    }

    @Test
    void evaluatesAsTheClassifierPredicts() {
        Evaluation evaluation = trainer(classifier, SETTINGS).evaluate(CatsAndDogs.TRAIN);
        double loss = 0;
        int[][] counts = new int[2][2];
        for (Example<String> example : CatsAndDogs.TRAIN.examples()) {
            List<Prediction> predictions = classifier.predict(example.input());
            counts[example.label()][CatsAndDogs.LABELS.indexOf(predictions.getFirst().label())]++;
            loss -= predictions.stream().filter(p -> p.label().equals(CatsAndDogs.LABELS.get(example.label())))
                    .mapToDouble(p -> Math.log(p.probability())).sum();
        }
        assertThat(evaluation.loss()).isCloseTo(loss / CatsAndDogs.TRAIN.size(), Offset.offset(1e-6));
        for (int actual = 0; actual < 2; actual++) {
            for (int predicted = 0; predicted < 2; predicted++) {
                assertThat(evaluation.confusionOrThrow().count(actual, predicted)).isEqualTo(counts[actual][predicted]);
            }
        }
    }

    @Test
    void aLossThatIsNotFiniteEndsTheRunBeforeAnythingIsUpdated() {
        layer().bias().value().data()[0] = Float.NaN;
        float[] before = layer().weight().value().toArray();
        Trainer<String, Integer> trainer = trainer(classifier, SETTINGS);
        assertThatThrownBy(() -> trainer.run(CatsAndDogs.TRAIN)).isInstanceOf(ArithmeticException.class)
                .hasMessage(
                        "training: the loss of step 1 is NaN (linear: input 2 (2) has NaN at [0]); a lower learning "
                                + "rate may help");
        assertThat(layer().weight().value().toArray()).isEqualTo(before);
    }

    @Test
    void refusesDataThatDoesNotFit() {
        Dataset<String> turned = new Dataset<>("turned", CatsAndDogs.TRAIN.examples(), CatsAndDogs.LABELS.reversed());
        for (List<Dataset<String>> parts : List.of(List.of(turned, CatsAndDogs.TEST),
                List.of(CatsAndDogs.TRAIN, turned))) {
            assertThatThrownBy(() -> trainer(classifier, SETTINGS).validation(parts.getLast())
                    .run(parts.getFirst())).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("data set turned has the classes dog, cat, the classifier cat, dog");
        }
        assertThatThrownBy(() -> trainer(classifier, SETTINGS).run(CatsAndDogs.TRAIN.first(0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("training: 0 examples to train on");
        assertThatThrownBy(
                () -> trainer(classifier, SETTINGS).validation(CatsAndDogs.TEST.first(0)).run(CatsAndDogs.TRAIN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("training: 0 examples to test on");
    }

    @ParameterizedTest
    @EnumSource(ScheduleType.class)
    void aRunOfOneStepTrainsWithoutAWarmUpOnly(ScheduleType schedule) {
        TrainingSettings settings = SETTINGS.withEpochs(1).withBatchSize(7).with(TrainingSettings.SCHEDULE, schedule);
        assertThat(Course.of(EncodedDataset.of(classifier, CatsAndDogs.TRAIN), settings).steps()).isOne();
        assertThat(settings.with(TrainingSettings.WARMUP_RATIO, 0.0).trains(1)).isTrue();
        boolean warm = schedule != ScheduleType.CONSTANT;
        assertThat(settings.with(TrainingSettings.WARMUP_RATIO, 0.1).trains(1)).isEqualTo(!warm);
        assertThat(settings.with(TrainingSettings.WARMUP_RATIO, 0.1).withEpochs(2).trains(2)).isTrue();
        Trainer<String, Integer> trainer = trainer(classifier, settings.with(TrainingSettings.WARMUP_RATIO, 0.1));
        if (warm) {
            assertThatThrownBy(() -> trainer.run(CatsAndDogs.TRAIN)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("training: the rate is 0 in every step (1): a warm-up begins with 0");
        } else {
            assertThat(trainer.run(CatsAndDogs.TRAIN).steps()).extracting(Step::rate).containsExactly(1.0);
        }
    }
}
