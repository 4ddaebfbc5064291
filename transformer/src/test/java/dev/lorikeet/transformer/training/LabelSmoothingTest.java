package dev.lorikeet.transformer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.data.Samples;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.TinyBert;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.Reading;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelSmoothingTest {
    private static final double SHARE = 0.2;
    private static final Samples<String, float[]> NUMBERS = new Samples<>("sizes", List.of("the cat", "the dog"),
            List.of(new float[] {1}, new float[] {2}));

    @TempDir
    private Path directory;
    private TaskModel<String, Integer, List<Prediction>> model;

    @BeforeEach
    void load() {
        TinyBert.load(directory);
        model = TaskModel.of(Model.load(directory), Tasks.classification(CatsAndDogs.LABELS), 1);
    }

    /** (1 - share)·(-log p of the label) + share·(the mean of -log p of all classes), as PyTorch documents it. */
    @Test
    void theTrainingLossIsSmoothedAndTheEvaluationIsNot() {
        EncodedDataset data = EncodedDataset.of(model, CatsAndDogs.TRAIN).weighted(TrainingSettings.defaults()
                .with(TrainingSettings.LABEL_SMOOTHING, SHARE));
        int[] some = {1, 2, 4};
        double plain = 0;
        double smoothed = 0;
        float loss;
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            Tensor logits = model.logits(tape, Encoded.batch(data.examples(some))).value();
            for (int i = 0; i < some.length; i++) {
                double sum = Math.log(Math.exp(logits.get(i, 0)) + Math.exp(logits.get(i, 1)));
                double own = sum - logits.get(i, CatsAndDogs.TRAIN.target(some[i]));
                plain += own;
                smoothed += (1 - SHARE) * own + SHARE * (sum - (logits.get(i, 0) + logits.get(i, 1)) / 2);
            }
            loss = data.loss(tape, some, 3).item();
        }
        assertThat((double) loss).isCloseTo(smoothed / 3, Offset.offset(1e-6))
                .isNotCloseTo(plain / 3, Offset.offset(1e-3));
        assertThat(data.select(some).evaluate(2, new Workspace()).loss()).isCloseTo(plain / 3, Offset.offset(1e-6));
        assertThat(data.select(some).weights().labelSmoothing()).isEqualTo((float) SHARE);
    }

    @Test
    void aTrainerSmooths() {
        TrainingSettings settings = TrainingSettings.defaults().withEpochs(60).withBatchSize(7).withRates(0, 0.5)
                .with(TrainingSettings.LABEL_SMOOTHING, SHARE);
        TrainingResult result = Trainer.of(model).settings(settings).validation(CatsAndDogs.TRAIN)
                .run(CatsAndDogs.TRAIN);
        double least = -0.9 * Math.log(0.9) - 0.1 * Math.log(0.1);
        assertThat(result.epochs().getLast().trainLoss()).isCloseTo(least, Offset.offset(0.01));
        assertThat(result.epochs().getLast().test().loss()).isCloseTo(-Math.log(0.9), Offset.offset(0.05));
    }

    @Test
    void refusesATaskWithoutClasses() {
        TaskModel<String, float[], ?> numbers = TaskModel.of(model.model(),
                Tasks.regression(Reading.TEXT, List.of("size"), NUMBERS), 1);
        Trainer<String, float[]> trainer = Trainer.of(numbers)
                .settings(TrainingSettings.defaults().with(TrainingSettings.LABEL_SMOOTHING, SHARE));
        assertThatThrownBy(() -> trainer.run(NUMBERS)).isInstanceOf(InputException.class)
                .hasMessage("training.label-smoothing: is for one class of several, the task is sequence-regression");
    }
}
