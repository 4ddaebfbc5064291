package dev.lorikeet.transformer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.nn.TrainingDuty;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.model.TinyBert;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs of 5 epochs of 3 steps, whose evaluations say what they are told to. */
class BestModelTest {
    private static final TrainingSettings SETTINGS = TrainingSettings.defaults().withEpochs(5).withBatchSize(3)
            .withRates(0.02, 0.02);
    private static final TrainingSettings BEST = SETTINGS.with(TrainingSettings.KEEP_BEST, true);

    @TempDir
    private Path directory;
    private TaskModel<String, Integer, List<Prediction>> model;

    @BeforeEach
    void write() {
        TinyBert.load(directory);
        model = CatsAndDogs.fresh(directory);
    }

    /** What a run hears: the states that there are at each moment, and the parameters after each step. */
    private final class Watch implements TrainingListener {
        final List<TrainState> states = new ArrayList<>();
        final Map<Integer, List<List<Float>>> after = new TreeMap<>();
        final List<Validation> validations = new ArrayList<>();
        Supplier<TrainState> now;
        int step;

        @Override
        public void stepDone(Step done) {
            step = done.step();
            after.put(step, parameters());
        }

        @Override
        public boolean endsAfter(Step done, Supplier<TrainState> state) {
            now = state;
            states.add(state.get());
            return false;
        }

        @Override
        public void validated(Validation validation) {
            validations.add(validation);
            if (now != null) { // nothing new was done in a run that goes on with an evaluation
                states.add(now.get());
            }
        }

        @Override
        public void epochDone(Epoch epoch) {
            if (now != null) {
                states.add(now.get());
            }
        }
    }

    private List<List<Float>> parameters() {
        List<List<Float>> all = new ArrayList<>();
        for (Parameter parameter : model.namedParameters().values()) {
            float[] values = parameter.value().toArray();
            all.add(IntStream.range(0, values.length).mapToObj(i -> values[i]).toList());
        }
        return all;
    }

    /** @param metric what an evaluation after a step says */
    private TrainingResult run(TrainingSettings settings, String name, IntToDoubleFunction metric, TrainState from,
            Watch watch) {
        watch.step = from == null ? 0 : from.updates();
        Workspace workspace = new Workspace();
        OptimizerPlan plan = OptimizerPlan.of(settings);
        return new TrainingLoop(EncodedDataset.of(model, CatsAndDogs.TRAIN), settings, Draws.training(1),
                new PlainUpdate(plan.rule(), plan.groups().apply(model), 0, model.compute(), workspace),
                new LocalGradients(model.compute(), workspace), List.of(watch)).run(from,
                        () -> new Evaluation(watch.step, Map.of(name, metric.applyAsDouble(watch.step)), null));
    }

    @ParameterizedTest
    @CsvSource({"accuracy, 0.2 0.5 0.5 NaN 0.4, 6", "accuracy, NaN NaN 0.1 0.1 0, 9",
        "accuracy, NaN NaN NaN NaN NaN, 0", "mse, 0.5 0.2 0.4 0.2 0.3, 6", "accuracy, 0.1 0.2 0.3 0.4 0.5, 15",
        "mse, 0 NaN 0 0 0, 3"})
    void theFirstOfTheBestIsKept(String metric, String epochs, int best) {
        double[] values = Arrays.stream(epochs.split(" ")).mapToDouble(Double::parseDouble).toArray();
        Watch watch = new Watch();
        TrainingResult result = run(BEST, metric, step -> values[step / 3 - 1], null, watch);
        assertThat(result.steps()).hasSize(15);
        assertThat(result.endedEarly()).isFalse();
        assertThat(result.validations()).isEqualTo(watch.validations).extracting(Validation::step)
                .containsExactly(3, 6, 9, 12, 15);
        if (best == 0) {
            assertThat(result.best()).isNull();
        } else {
            assertThat(result.best().step()).isEqualTo(best);
            assertThat(result.best().epoch()).isEqualTo(best / 3);
        }
        assertThat(parameters()).isEqualTo(watch.after.get(best == 0 ? 15 : best));
        model = CatsAndDogs.fresh(directory);
        run(SETTINGS, metric, step -> values[step / 3 - 1], null, new Watch());
        assertThat(parameters()).as("without being asked for it").isEqualTo(watch.after.get(15));
    }

    @ParameterizedTest
    @CsvSource({"0.2 0.5 0.5 0.4 0.9, 2, 4", "0.2 0.5 0.5 0.6 0.4, 2, 5", "0.5 0.5 1 1 1, 1, 2",
        "NaN NaN NaN 1 1, 3, 3", "NaN NaN 0.1 NaN 1, 3, 5"})
    void patienceEndsARunThatGetsNoBetter(String epochs, int patience, int last) {
        double[] values = Arrays.stream(epochs.split(" ")).mapToDouble(Double::parseDouble).toArray();
        Watch watch = new Watch();
        TrainingResult result = run(SETTINGS.with(TrainingSettings.PATIENCE, patience), "f1",
                step -> values[step / 3 - 1], null, watch);
        assertThat(result.epochs()).hasSize(last);
        assertThat(result.steps()).hasSize(3 * last);
        assertThat(result.endedEarly()).isEqualTo(last < 5);
        assertThat(parameters()).isEqualTo(watch.after.get(3 * last));
    }

    @Test
    void evaluatesBetweenEpochsToo() {
        Watch watch = new Watch();
        TrainingResult result = run(BEST.with(TrainingSettings.EVALUATION_STEPS, 2), "f1", step -> step == 8 ? 1 : 0,
                null, watch);
        assertThat(watch.validations).isEqualTo(result.validations()).extracting(Validation::step)
                .containsExactly(2, 3, 4, 6, 8, 9, 10, 12, 14, 15);
        assertThat(result.validations()).extracting(Validation::epoch).containsExactly(1, 1, 2, 2, 3, 3, 4, 4, 5, 5);
        assertThat(result.epochs()).extracting(epoch -> epoch.test().loss()).containsExactly(3.0, 6.0, 9.0, 12.0, 15.0);
        assertThat(result.best()).isEqualTo(result.validations().get(4));
        assertThat(parameters()).isEqualTo(watch.after.get(8));
    }

    /** In the middle of an epoch: what was done of that is told as an epoch. */
    @Test
    void patienceEndsAnEpochTooThatIsNotOver() {
        Watch watch = new Watch();
        TrainingResult result = run(BEST.with(TrainingSettings.EVALUATION_STEPS, 2).with(TrainingSettings.PATIENCE, 3),
                "f1", step -> -step, null, watch);
        assertThat(result.validations()).extracting(Validation::step).containsExactly(2, 3, 4, 6);
        assertThat(result.steps()).hasSize(6);
        model = CatsAndDogs.fresh(directory);
        result = run(BEST.with(TrainingSettings.EVALUATION_STEPS, 2).with(TrainingSettings.PATIENCE, 2), "f1",
                step -> -step, null, watch);
        assertThat(result.steps()).hasSize(4);
        assertThat(result.epochs()).hasSize(2);
        assertThat(result.epochs().getLast().test().loss()).isEqualTo(4);
        assertThat(parameters()).isEqualTo(watch.after.get(2));
    }

    /**
     * From every state that there ever is: before and after an evaluation, between it and the next step, after the last
     * one; with the best before it and with the best after it; through its file.
     */
    @ParameterizedTest
    @CsvSource({"0, 0, 4", "0, 0, 9", "0, 2, 4", "2, 0, 8", "2, 3, 8", "2, 0, 15", "5, 2, 5"})
    void aRunThatGoesOnEndsWithTheSameBits(int every, int patience, int best) {
        TrainingSettings settings = BEST.with(TrainingSettings.EVALUATION_STEPS, every)
                .with(TrainingSettings.PATIENCE, patience);
        IntToDoubleFunction metric = step -> -Math.abs(step - best);
        Watch whole = new Watch();
        TrainingResult told = run(settings, "f1", metric, null, whole);
        List<List<Float>> expected = parameters();
        assertThat(whole.states).hasSizeGreaterThan(told.steps().size() + told.epochs().size());
        for (TrainState state : whole.states) {
            Path file = directory.resolve("state");
            StateFile.write(file, state, Map.of());
            model = CatsAndDogs.fresh(directory);
            Watch watch = new Watch();
            TrainingResult result = run(settings, "f1", metric, StateFile.read(file).state(), watch);
            String name = "after " + state.updates() + " steps, " + state.done().validations().size() + " validations, "
                    + state.done().epochs().size() + " epochs";
            assertThat(parameters()).as(name).isEqualTo(expected);
            assertThat(result.validations()).as(name).isEqualTo(told.validations());
            assertThat(result.steps()).as(name).hasSameSizeAs(told.steps());
            assertThat(result.epochs()).as(name).extracting(Epoch::trainLoss)
                    .isEqualTo(told.epochs().stream().map(Epoch::trainLoss).toList());
            assertThat(watch.validations).as(name).isEqualTo(told.validations().subList(
                    state.done().validations().size(), told.validations().size()));
        }
    }

    /** As AdaLoRA's last mask: only what comes after counts, for the best and for patience. */
    @Test
    void nothingCountsBeforeTheModelIsSettled() {
        model.head().namedParameters().values().forEach(parameter -> parameter.duty(new TrainingDuty() {
            @Override
            public int settledAfter() {
                return 7;
            }
        }));
        Watch watch = new Watch();
        TrainingResult result = run(BEST.with(TrainingSettings.PATIENCE, 2), "f1", step -> -step, null, watch);
        assertThat(result.best().step()).isEqualTo(9);
        assertThat(result.epochs()).hasSize(5);
        assertThat(parameters()).isEqualTo(watch.after.get(9));
        model = CatsAndDogs.fresh(directory);
        result = run(BEST.with(TrainingSettings.PATIENCE, 1), "f1", step -> -step, null, watch);
        assertThat(result.best().step()).isEqualTo(3);
        assertThat(result.endedEarly()).isTrue();
    }

    @Test
    void aTrainerKeepsTheBestOfItsValidation() {
        TrainingResult result = Trainer.of(model).settings(SETTINGS).validation(CatsAndDogs.TEST).keepBest().patience(4)
                .evaluateEvery(2).run(CatsAndDogs.TRAIN);
        Validation best = result.best();
        assertThat(best.evaluation().main()).isEqualTo(result.validations().stream()
                .mapToDouble(validation -> validation.evaluation().main()).max().orElseThrow());
        assertThat(Trainer.of(model).evaluate(CatsAndDogs.TEST).loss()).isCloseTo(best.evaluation().loss(),
                Offset.offset(1e-6));
    }

    @Test
    void refusesWhatCannotBeDone() {
        for (Trainer<String, Integer> trainer : List.of(Trainer.of(model).keepBest(), Trainer.of(model).patience(1),
                Trainer.of(model).evaluateEvery(1))) {
            assertThatThrownBy(() -> trainer.run(CatsAndDogs.TRAIN)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("training: keep-best, patience and evaluation-steps need examples to evaluate");
        }
        Watch watch = new Watch();
        run(SETTINGS, "f1", step -> step, null, watch);
        assertThatThrownBy(() -> run(BEST, "f1", step -> step, watch.states.getLast(), new Watch()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("training: the state has 0 parameters of the best validation, this run would have 39");
    }
}
