package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.WordNetGlosses;
import dev.lorikeet.transformer.model.Classifier;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingListener;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a training step of all-MiniLM-L6-v2 allocates on the heap, in all threads. */
class GarbageTest {
    private static final long LIMIT = 64 << 10;
    /** So many steps in a row are steady. */
    private static final int STEADY = 20;
    /** Vectors are boxed until C2 has compiled the kernels: a second on a free machine, far more on a busy one. */
    private static final int MOST_STEPS = 1500;
    private static final int BATCH = 4;

    private static final class Steady extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** Ends the training as soon as the steps are steady. */
    private static final class Counter implements TrainingListener {
        private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        private final List<Long> bytes = new ArrayList<>();
        private final Set<Integer> lengths = new HashSet<>();
        private long last;
        private int inARow;

        @Override
        public void stepDone(Step step) {
            long now = threads.getTotalThreadAllocatedBytes();
            bytes.add(now - last);
            inARow = now - last < LIMIT ? inARow + 1 : 0;
            lengths.add(step.tokens());
            if (inARow == STEADY) {
                throw new Steady();
            }
            last = threads.getTotalThreadAllocatedBytes();
        }
    }

    @Test
    void aSteadyStepAllocatesUnder64KibibytesHoweverLongItsTextsAre() {
        Dataset train = WordNetGlosses.split(1).train();
        Classifier classifier = new Classifier(Model.load("all-MiniLM-L6-v2"), train.labels(), 1);
        Lora.attach(classifier.model().encoder(), LoraConfig.rslora().rank(8).alpha(16).targets("all-linear").build(),
                1)
                .unfreeze();
        Trainer trainer = new Trainer(classifier, TrainingSettings.defaults().withBatchSize(BATCH));
        Counter counter = new Counter();
        trainer.listener(counter);
        try {
            trainer.run(train.first(MOST_STEPS * BATCH), train.first(BATCH));
        } catch (Steady e) {
            assertThat(counter.lengths).as("lengths of batches").hasSizeGreaterThan(STEADY / 2);
            return;
        }
        assertThat(counter.bytes.reversed().subList(0, STEADY)).as("bytes of the last steps")
                .allMatch(bytes -> bytes < LIMIT);
    }
}
