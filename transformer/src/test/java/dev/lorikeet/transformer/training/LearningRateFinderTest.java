package dev.lorikeet.transformer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.model.MeanPooledHead;
import dev.lorikeet.transformer.model.TinyBert;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.training.LearningRateFinder.Result;
import dev.lorikeet.transformer.training.LearningRateFinder.Trial;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LearningRateFinderTest {
    /** Without clipping, which keeps so small a model from diverging until the rate is far too large. */
    private static final TrainingSettings SETTINGS = TrainingSettings.defaults().withEpochs(30).withBatchSize(3)
            .with(TrainingSettings.CLIP_NORM, 0.0);

    @TempDir
    private Path directory;
    private TaskModel<String, Integer, List<Prediction>> model;

    @BeforeEach
    void write() {
        TinyBert.load(directory);
        model = CatsAndDogs.fresh(directory);
    }

    private Result find(TrainingSettings settings) {
        return Trainer.of(model).settings(settings).findRate(CatsAndDogs.TRAIN, 100);
    }

    private Map<String, float[]> values() {
        Map<String, float[]> values = new LinkedHashMap<>();
        model.namedParameters().forEach((path, parameter) -> values.put(path, parameter.value().toArray()));
        return values;
    }

    @Test
    void findsARateThatLearnsFromRatesThatDoNot() {
        for (double given : new double[] {1e-5, 1e-3}) {
            TrainingSettings settings = SETTINGS.withRates(given, given);
            TrainingSettings found = find(settings).applied(settings);
            assertThat(found.adapterRate()).as("from %s", given).isBetween(1e-4, 0.1);
            assertThat(found.headRate()).isEqualTo(found.adapterRate());
            model = CatsAndDogs.fresh(directory);
            TrainingResult run = Trainer.of(model).settings(found).run(CatsAndDogs.TRAIN);
            assertThat(run.epochs().getLast().trainLoss()).isLessThan(0.5 * run.epochs().getFirst().trainLoss());
        }
    }

    @Test
    void suggestsATenthOfWhereTheSmoothedLossIsLeast() {
        Result result = new Result(List.of(new Trial(0.1, 3, 3), new Trial(1, 1, 2), new Trial(10, 1.5, 1.8),
                new Trial(100, 9, 4)));
        assertThat(result.factor()).isCloseTo(1, Offset.offset(1e-12));
        TrainingSettings applied = new Result(result.trials().subList(0, 2)).applied(SETTINGS.withRates(0.2, 0.6));
        assertThat(applied.adapterRate()).isCloseTo(0.02, Offset.offset(1e-12));
        assertThat(applied.headRate()).isCloseTo(0.06, Offset.offset(1e-12));
    }

    @Test
    void theFactorsRiseByARatioUntilTheLossIsFarWorse() {
        List<Trial> trials = find(SETTINGS.with(TrainingSettings.OPTIMIZER, OptimizerType.SGD).withRates(1, 1))
                .trials();
        assertThat(trials).hasSizeBetween(20, 99);
        assertThat(trials.getFirst().factor()).isEqualTo(1e-4);
        assertThat(trials.getFirst().smoothedLoss()).isCloseTo(trials.getFirst().loss(), Offset.offset(1e-12));
        double mean = (0.9 * trials.get(0).loss() + trials.get(1).loss()) / 1.9;
        assertThat(trials.get(1).smoothedLoss()).isCloseTo(mean, Offset.offset(1e-12));
        for (int i = 1; i < trials.size(); i++) {
            assertThat(trials.get(i).factor() / trials.get(i - 1).factor()).isCloseTo(Math.pow(1e8, 1 / 99.0),
                    Offset.offset(1e-9));
        }
    }

    @Test
    void theModelAndTheRunThatFollowsAreAsWithoutIt() {
        Map<String, float[]> before = values();
        Trainer<String, Integer> trainer = Trainer.of(model).settings(SETTINGS.withEpochs(2));
        Result result = trainer.findRate(CatsAndDogs.TRAIN, 100);
        values().forEach((path, value) -> assertThat(value).as(path).isEqualTo(before.get(path)));
        assertThat(trainer.findRate(CatsAndDogs.TRAIN, 100)).isEqualTo(result);
        trainer.run(CatsAndDogs.TRAIN);
        Map<String, float[]> after = values();
        model = CatsAndDogs.fresh(directory);
        Trainer.of(model).settings(SETTINGS.withEpochs(2)).run(CatsAndDogs.TRAIN);
        values().forEach((path, value) -> assertThat(value).as(path).isEqualTo(after.get(path)));
    }

    @Test
    void refusesWhatCannotBeTried() {
        Trainer<String, Integer> trainer = Trainer.of(model).settings(SETTINGS);
        assertThatThrownBy(() -> trainer.findRate(CatsAndDogs.TRAIN, 0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("learning-rate finder: 0 steps, at least 1 is expected");
        assertThatThrownBy(() -> trainer.findRate(CatsAndDogs.TRAIN.first(0), 9))
                .hasMessage("training: 0 examples to train on");
        ((MeanPooledHead) model.head()).output().bias().value().data()[0] = Float.NaN;
        assertThatThrownBy(() -> trainer.findRate(CatsAndDogs.TRAIN, 9)).isInstanceOf(DivergedException.class)
                .hasMessageStartingWith("training: the loss of step 1 is NaN");
    }
}
