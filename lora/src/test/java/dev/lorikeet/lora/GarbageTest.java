package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.WordNetGlosses;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.TrainState;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingListener;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a training step of all-MiniLM-L6-v2 allocates on the heap, in all threads. */
@Tag("slow")
class GarbageTest {
    private static final long LIMIT = 64 << 10;
    /** So many steps in a row are steady. */
    private static final int STEADY = 20;
    /**
     * Vectors are boxed until C2 has compiled the kernels, those of the loss last: 100 steps on a free machine, far
     * more on a busy one.
     */
    private static final int MOST_STEPS = 1000;

    private static final class Enough extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** Ends the training as soon as the steps are steady, or after the most. */
    private static final class Counter implements TrainingListener {
        private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        private final List<Long> bytes = new ArrayList<>();
        private final Set<Integer> lengths = new HashSet<>();
        private long last;

        @Override
        public void stepDone(Step step) {
            bytes.add(threads.getTotalThreadAllocatedBytes() - last);
            lengths.add(step.tokens());
            last = threads.getTotalThreadAllocatedBytes();
        }

        @Override
        public boolean endsAfter(Step step, Supplier<TrainState> state) {
            return bytes.size() == MOST_STEPS || bytes.size() >= STEADY && steady();
        }

        private List<Long> latest() {
            return bytes.subList(bytes.size() - STEADY, bytes.size());
        }

        private boolean steady() {
            return latest().stream().allMatch(each -> each < LIMIT);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 32})
    void aSteadyStepAllocatesUnder64KibibytesHoweverManyAndLongItsTextsAre(int batchSize) {
        Dataset<String> train = WordNetGlosses.split(1).train();
        TaskModel<String, Integer, List<Prediction>> classifier = TaskModel.of(Model.load("all-MiniLM-L6-v2"),
                Tasks.classification(train.labels()), 1);
        Lora.attach(classifier, LoraConfig.rslora().rank(8).alpha(16).targets("all-linear").build(), 1);
        int epochs = Math.ceilDiv(MOST_STEPS * batchSize, train.size());
        Counter counter = new Counter();
        Trainer.of(classifier).settings(TrainingSettings.defaults().withBatchSize(batchSize).withEpochs(epochs))
                .listener(counter).run(train);
        System.out.printf("batches of %d: %d steps until steady, then at most %,d bytes each%n", batchSize,
                counter.bytes.size(), Collections.max(counter.latest()));
        assertThat(counter.latest()).as("bytes of the last steps").allMatch(bytes -> bytes < LIMIT);
        assertThat(counter.lengths).as("lengths of batches").hasSizeGreaterThan(STEADY / 2);
    }
}
