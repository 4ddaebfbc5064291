package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.lora.peft.Fixtures;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.Example;
import dev.lorikeet.transformer.data.WordNetGlosses;
import dev.lorikeet.transformer.model.BertConfig;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A run of the trainer on the real model and task, beside the same run in PyTorch. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64", disabledReason = "PyTorch is on the class path for Linux only")
@Tag("slow")
class PyTorchTrainingOracleTest {
    private static final int STEPS = 50;
    private static final int BATCH = 8;
    /** Batches in a step. */
    private static final int ACCUMULATION = 2;
    private static final int TOGETHER = BATCH * ACCUMULATION;
    private static final int WARMUP = 5;
    /** Below the norms of most steps. */
    private static final double CLIP_NORM = 1.5;
    private static final int RANK = 8;
    private static final int ALPHA = 16;
    private static final double RATE = 1e-4;
    /** Large, so that a bias that decays shows. */
    private static final double DECAY = 0.5;
    private static final long SEED = 1;

    private final WordNetGlosses.Split task = WordNetGlosses.split(0);
    private final Dataset<String> train = task.train().first(STEPS * TOGETHER);
    private final TaskModel<String, Integer, List<Prediction>> classifier = TaskModel.of(Model.load("all-MiniLM-L6-v2"),
            Tasks.classification(train.labels()), SEED);

    @Test
    void fiftyLossesWithAccumulationAndClippingAndWhatIsTrainedThenArePyTorchs() {
        Lora.attach(classifier, LoraConfig.rslora().rank(RANK).alpha(ALPHA).targets("all-linear")
                .build(), SEED);
        Map<String, Parameter> parameters = new LinkedHashMap<>(classifier.backbone().namedParameters());
        parameters.putAll(classifier.head().namedParameters());
        try (PyTorchBert oracle = new PyTorchBert((BertConfig) classifier.backbone().config(), parameters,
                ALPHA / Math.sqrt(RANK))) {
            List<Step> steps = train();
            int[] order = Random.permutation(train.size(), Random.key(Random.key(SEED, "order"), 1));
            for (int step = 0; step < STEPS; step++) {
                double loss = 0;
                for (int from = step * TOGETHER; from < (step + 1) * TOGETHER; from += BATCH) {
                    List<Example<String>> batch = Arrays.stream(order, from, from + BATCH)
                            .mapToObj(train.examples()::get).toList();
                    loss += oracle.backward(
                            batch.stream().map(example -> classifier.encode(example.input(), null).ids()).toList(),
                            batch.stream().mapToInt(Example::label).toArray(), 1.0 / ACCUMULATION);
                }
                double norm = oracle.update(CLIP_NORM, RATE * factor(step), DECAY);
                assertThat(steps.get(step).loss()).as("loss of step %d", step + 1).isCloseTo(loss, within(1e-4));
                assertThat(steps.get(step).gradientNorm()).as("norm of step %d", step + 1)
                        .isCloseTo(norm, within(1e-4 * norm));
            }
            assertThat(steps).as("steps that are clipped").extracting(step -> step.gradientNorm() > CLIP_NORM)
                    .contains(true, false);
            // within a hundredth of one update: the losses alone would not show a small fault of the optimizer
            oracle.trained().forEach((path, expected) -> Fixtures.assertClose(path, parameters.get(path).value(),
                    expected, RATE / 100, 0));
        }
    }

    /** What the trainer tells of. */
    private List<Step> train() {
        TrainingSettings settings = TrainingSettings.defaults().withEpochs(1).withBatchSize(BATCH)
                .with(TrainingSettings.ACCUMULATION, ACCUMULATION).withRates(RATE, RATE)
                .with(TrainingSettings.WEIGHT_DECAY, DECAY)
                .with(TrainingSettings.WARMUP_RATIO, (double) WARMUP / STEPS)
                .with(TrainingSettings.CLIP_NORM, CLIP_NORM).withSeed(SEED);
        List<Step> steps = Trainer.of(classifier).settings(settings).run(train).steps();
        assertThat(steps).hasSize(STEPS);
        return steps;
    }

    /** Hugging Face's linear schedule: up over the first steps, then down to zero after the last. */
    private static double factor(int step) {
        return step < WARMUP ? (double) step / WARMUP : (double) (STEPS - step) / (STEPS - WARMUP);
    }
}
