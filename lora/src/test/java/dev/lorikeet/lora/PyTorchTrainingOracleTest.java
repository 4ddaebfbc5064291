package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.lora.peft.Fixtures;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.Example;
import dev.lorikeet.transformer.data.WordNetGlosses;
import dev.lorikeet.transformer.model.Classifier;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingListener;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A run of the trainer on the real model and task, beside the same run in PyTorch. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64", disabledReason = "PyTorch is on the class path for Linux only")
class PyTorchTrainingOracleTest {
    private static final int STEPS = 20;
    private static final int BATCH = 32;
    private static final int WARMUP = 2;
    private static final int RANK = 8;
    private static final int ALPHA = 16;
    private static final double RATE = 1e-4;
    private static final double DECAY = 0.01;
    private static final long SEED = 1;

    private final WordNetGlosses.Split task = WordNetGlosses.split(0);
    private final Dataset train = task.train().first(STEPS * BATCH);
    private final Classifier classifier = new Classifier(Model.load("all-MiniLM-L6-v2"), train.labels(), SEED);

    @Test
    void twentyLossesAndWhatIsTrainedThenArePyTorchs() {
        Lora.attach(classifier.model().encoder(), LoraConfig.rslora().rank(RANK).alpha(ALPHA).targets("all-linear")
                .build(), SEED);
        Map<String, Parameter> parameters = new LinkedHashMap<>(classifier.model().encoder().namedParameters());
        classifier.head().namedParameters().forEach((name, parameter) -> parameters.put("head." + name, parameter));
        try (PyTorchBert oracle = new PyTorchBert(classifier.model().config(), parameters, ALPHA / Math.sqrt(RANK))) {
            List<Double> losses = train();
            int[] order = Random.permutation(train.size(), Random.key(Random.key(SEED, "order"), 1));
            for (int step = 0; step < STEPS; step++) {
                List<Example> batch = Arrays.stream(order, step * BATCH, (step + 1) * BATCH)
                        .mapToObj(train.examples()::get).toList();
                double expected = oracle.step(batch.stream().map(example -> classifier.encode(example.text())).toList(),
                        batch.stream().mapToInt(Example::label).toArray(), RATE * factor(step), DECAY);
                assertThat(losses.get(step)).as("loss of step %d", step + 1).isCloseTo(expected, within(1e-4));
            }
            // within a hundredth of one update: the losses alone would not show a small fault of the optimizer
            oracle.trained().forEach((path, expected) -> Fixtures.assertClose(path, parameters.get(path).value(),
                    expected, RATE / 100, 0));
        }
    }

    /** The losses that the trainer tells of. */
    private List<Double> train() {
        List<Double> losses = new ArrayList<>();
        Trainer trainer = new Trainer(classifier,
                new TrainingSettings(1, BATCH, RATE, RATE, DECAY, (double) WARMUP / STEPS, SEED));
        trainer.listener(new TrainingListener() {
            @Override
            public void stepDone(Step step) {
                losses.add(step.loss());
            }
        });
        trainer.run(train, task.test().first(1));
        assertThat(losses).hasSize(STEPS);
        return losses;
    }

    /** Hugging Face's linear schedule: up over the first steps, then down to zero after the last. */
    private static double factor(int step) {
        return step < WARMUP ? (double) step / WARMUP : (double) (STEPS - step) / (STEPS - WARMUP);
    }
}
