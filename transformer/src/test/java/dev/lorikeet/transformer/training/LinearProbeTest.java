package dev.lorikeet.transformer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Workers;
import dev.lorikeet.tensor.kernel.KernelChoice;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.model.Classifier;
import dev.lorikeet.transformer.model.TinyBert;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinearProbeTest {
    private static final Dataset TEXTS = TrainerTest.dataset("cat", "dog", "cats cats", "dogs dogs", "the cat cat",
            "the dog dog", "cat cat sits", "dog dog sits");
    /** Six batches of the same texts. */
    private static final Dataset TRAIN = new Dataset("many", Collections.nCopies(24, TEXTS.examples()).stream()
            .flatMap(List::stream).toList(), TEXTS.labels());
    private static final Dataset TEST = TrainerTest.dataset("cat cat cat", "dog dog dog", "cat cats", "dog dogs");

    @TempDir
    private Path directory;
    private Classifier classifier;

    @BeforeEach
    void load() {
        classifier = new Classifier(TinyBert.load(directory), TEXTS.labels(), 1);
    }

    private Evaluation run(int threads, long seed) {
        Compute compute = new Cpu(KernelChoice.made().kernels(), new Workers(threads));
        return LinearProbe.run(classifier, compute, TRAIN, TEST, seed);
    }

    @Test
    void learnsWhatTheFeaturesShowAndLeavesTheClassifierAlone() {
        float[] head = classifier.head().weight().value().toArray();
        String weights = classifier.model().weightsHash();
        Evaluation evaluation = run(2, 1);
        assertThat(evaluation.accuracy()).isEqualTo(1);
        assertThat(evaluation.confusion().total()).isEqualTo(4);
        assertThat(evaluation.loss()).isLessThan(Math.log(2) / 2);
        assertThat(classifier.head().weight().value().toArray()).isEqualTo(head);
        assertThat(classifier.head().trainableCount()).isZero();
        assertThat(classifier.model().encoder().trainableCount()).isZero();
        assertThat(classifier.model().weightsHash()).isEqualTo(weights);
    }

    @Test
    void theSameSeedGivesTheSameBits() {
        assertThat(run(1, 1).loss()).isEqualTo(run(2, 1).loss()).isNotEqualTo(run(1, 2).loss());
    }

    @Test
    void refusesOtherClasses() {
        Dataset turned = new Dataset("turned", TRAIN.examples(), TRAIN.labels().reversed());
        assertThatThrownBy(() -> LinearProbe.run(classifier, Cpu.shared(), TRAIN, turned, 1))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("turned");
    }
}
