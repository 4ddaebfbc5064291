package dev.lorikeet.transformer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Workers;
import dev.lorikeet.tensor.kernel.KernelChoice;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.TinyBert;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinearProbeTest {
    private static final Dataset<String> TEXTS = CatsAndDogs.dataset("cat", "dog", "cats cats", "dogs dogs",
            "the cat cat",
            "the dog dog", "cat cat sits", "dog dog sits");
    /** Six batches of the same texts. */
    private static final Dataset<String> TRAIN = new Dataset<>("many",
            Collections.nCopies(24, TEXTS.examples()).stream()
                    .flatMap(List::stream).toList(),
            TEXTS.labels());
    private static final Dataset<String> TEST = CatsAndDogs.dataset("cat cat cat", "dog dog dog", "cat cats",
            "dog dogs");

    @TempDir
    private Path directory;
    private TaskModel<String, Integer, List<Prediction>> classifier;

    @BeforeEach
    void load() {
        TinyBert.load(directory);
        classifier = load(LoadOptions.STANDARD);
    }

    private TaskModel<String, Integer, List<Prediction>> load(LoadOptions options) {
        return TaskModel.of(Model.load(directory, options), Tasks.classification(TEXTS.labels()), 1);
    }

    private static Evaluation run(TaskModel<String, Integer, ?> model, Dataset<String> test, long seed) {
        return LinearProbe.run(EncodedDataset.of(model, TRAIN), EncodedDataset.of(model, test), seed);
    }

    private Evaluation run(int threads, long seed) {
        Compute compute = new Cpu(KernelChoice.made().kernels(), new Workers(threads));
        return run(load(LoadOptions.STANDARD.with(compute)), TEST, seed);
    }

    @Test
    void learnsWhatTheFeaturesShowAndLeavesTheClassifierAlone() {
        Map<String, float[]> before = values();
        Evaluation evaluation = run(classifier, TEST, 1);
        assertThat(evaluation.accuracy()).isEqualTo(1);
        assertThat(evaluation.confusionOrThrow().total()).isEqualTo(4);
        assertThat(evaluation.loss()).isLessThan(Math.log(2) / 2);
        values().forEach((name, value) -> assertThat(value).as(name).isEqualTo(before.get(name)));
        assertThat(classifier.trainableCount()).isZero();
    }

    private Map<String, float[]> values() {
        Map<String, float[]> values = new LinkedHashMap<>();
        classifier.namedParameters().forEach((name, parameter) -> values.put(name, parameter.value().toArray()));
        return values;
    }

    @Test
    void theSameSeedGivesTheSameBits() {
        assertThat(run(1, 1).loss()).isEqualTo(run(2, 1).loss()).isNotEqualTo(run(1, 2).loss());
    }

    @Test
    void refusesOtherClasses() {
        Dataset<String> turned = new Dataset<>("turned", TRAIN.examples(), TRAIN.labels().reversed());
        assertThatThrownBy(() -> run(classifier, turned, 1))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("turned");
    }
}
