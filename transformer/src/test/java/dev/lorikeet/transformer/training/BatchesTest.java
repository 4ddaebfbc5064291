package dev.lorikeet.transformer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.TinyBert;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchesTest {
    private static final TrainingSettings SETTINGS = TrainingSettings.defaults().withEpochs(5).withBatchSize(3)
            .withRates(0.02, 0.02);

    @TempDir
    private Path directory;

    /** Examples of which nothing is asked but their lengths. */
    private record Lengths(int[] tokens) implements Trainable {
        /** Six of each ten are of class 0, three of class 1, one of class 2. */
        @Override
        public int classOf(int example) {
            return example % 10 < 6 ? 0 : example % 10 < 9 ? 1 : 2;
        }

        @Override
        public int size() {
            return tokens.length;
        }

        @Override
        public int tokens(int example) {
            return tokens[example];
        }

        @Override
        public int count(int example) {
            return 1;
        }

        @Override
        public List<Parameter> parameters() {
            return List.of();
        }

        @Override
        public Variable loss(Tape tape, int[] examples, double over) {
            throw new UnsupportedOperationException();
        }
    }

    private static Batches batches(int examples, TrainingSettings settings) {
        return new Batches(new Lengths(IntStream.range(0, examples).map(i -> 1 + i % 7).toArray()), settings,
                Draws.training(settings.seed()));
    }

    @Test
    void aBalancedEpochHasAsManyOfEachClass() {
        TrainingSettings settings = SETTINGS.with(TrainingSettings.SAMPLING, Sampling.BALANCED);
        Lengths train = new Lengths(IntStream.range(0, 40).map(i -> 1 + i % 7).toArray());
        Batches batches = new Batches(train, settings, Draws.training(1));
        List<List<Integer>> epochs = new ArrayList<>();
        for (int epoch = 1; epoch <= 5; epoch++) {
            List<Integer> all = new ArrayList<>();
            for (int step = batches.course().before(epoch) + 1; step <= batches.course().ends()
                    .get(epoch - 1); step++) {
                batches.of(step).forEach(part -> IntStream.of(part.examples()).forEach(all::add));
            }
            epochs.add(all);
            int[] of = new int[3];
            int[] times = new int[40];
            all.forEach(example -> {
                of[train.classOf(example)]++;
                times[example]++;
            });
            assertThat(all).hasSize(40);
            assertThat(of).containsOnly(13, 14);
            for (int example = 0; example < 40; example++) { // 24, 12 and 4 examples for 13 or 14 places
                int[][] between = {{0, 1}, {1, 2}, {3, 4}};
                assertThat(times[example]).isBetween(between[train.classOf(example)][0],
                        between[train.classOf(example)][1]);
            }
        }
        assertThat(epochs).doesNotHaveDuplicates();
        assertThat(batches.course().tokensPerEpoch()).isEqualTo(batches.tokens(
                epochs.getFirst().stream().mapToInt(i -> i).toArray()));
        // a function of seed and epoch, wherever a run begins
        assertThat(new Batches(train, settings, Draws.training(1)).of(40)).usingRecursiveComparison()
                .isEqualTo(batches.of(40));
        assertThat(new Batches(train, settings, Draws.training(2)).of(1).getFirst().examples())
                .isNotEqualTo(batches.of(1).getFirst().examples());
        assertThatThrownBy(() -> new Batches(train, settings.with(TrainingSettings.SHUFFLE_WINDOW, 39),
                Draws.training(1))).isInstanceOf(InputException.class).hasMessage("training.sampling: balanced is for "
                        + "examples that are shuffled together, of which there are 40, and shuffle-window is 39");
    }

    @ParameterizedTest
    @CsvSource({"7, 3, 1, 2, 0, 3 6", "7, 3, 2, 2, 0, 2 4", "7, 7, 1, 3, 0, 1 2 3", "7, 3, 1, 2, 2, 2",
        "7, 3, 1, 2, 3, 3", "7, 3, 1, 2, 4, 3 4", "7, 3, 1, 1, 9, 3 6 9", "7, 3, 2, 1, 3, 2 3"})
    void aRunsStepsAreKnownBeforeTheFirst(int examples, int batch, int accumulation, int epochs, int maxSteps,
            String ends) {
        Course course = batches(examples, SETTINGS.withEpochs(epochs).withBatchSize(batch)
                .with(TrainingSettings.ACCUMULATION, accumulation).with(TrainingSettings.MAX_STEPS, maxSteps)).course();
        List<Integer> expected = Arrays.stream(ends.split(" ")).map(Integer::valueOf).toList();
        assertThat(course.ends()).isEqualTo(expected);
        assertThat(course.steps()).isEqualTo(expected.getLast());
        for (int step = 1; step <= course.steps(); step++) {
            int epoch = course.epoch(step);
            assertThat(step).isGreaterThan(course.before(epoch)).isLessThanOrEqualTo(expected.get(epoch - 1));
            assertThat(course.endsEpoch(step)).isEqualTo(expected.contains(step));
            assertThat(course.before(epoch) + course.steps(epoch)).isEqualTo(expected.get(epoch - 1));
        }
    }

    @Test
    void eachEpochHasEveryExampleOnceInAnOrderOfItsOwn() {
        Batches batches = batches(10, SETTINGS.withEpochs(3).with(TrainingSettings.ACCUMULATION, 2));
        List<List<Integer>> orders = new ArrayList<>();
        for (int epoch = 0; epoch < 3; epoch++) {
            List<Integer> order = new ArrayList<>();
            for (int step = 1; step <= 2; step++) {
                List<MicroBatch> parts = batches.of(2 * epoch + step);
                assertThat(parts).hasSize(2);
                parts.forEach(part -> IntStream.of(part.examples()).forEach(order::add));
            }
            assertThat(order).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
            orders.add(order);
        }
        assertThat(orders).doesNotHaveDuplicates();
        assertThat(batches.of(1).getFirst().examples()).as("asked again").isEqualTo(orders.getFirst().subList(0, 3)
                .stream().mapToInt(i -> i).toArray());
        assertThat(IntStream.rangeClosed(1, 6).boxed().flatMap(step -> batches.of(step).stream()).map(MicroBatch::key))
                .doesNotHaveDuplicates();
    }

    /** Windows of 4 chunks of 5 examples, the last chunk and the last window smaller. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void ofMoreExamplesThanAWindowHasRoomForEachEpochHasEveryOneOnce(int accumulation) {
        TrainingSettings settings = SETTINGS.withEpochs(2).withBatchSize(7)
                .with(TrainingSettings.ACCUMULATION, accumulation).with(TrainingSettings.SHUFFLE_WINDOW, 80);
        Batches batches = batches(203, settings);
        Course course = batches.course();
        List<List<Integer>> orders = new ArrayList<>();
        for (int epoch = 1; epoch <= 2; epoch++) {
            List<Integer> order = new ArrayList<>();
            for (int step = course.before(epoch) + 1; step <= course.ends().get(epoch - 1); step++) {
                batches.of(step).forEach(part -> IntStream.of(part.examples()).forEach(order::add));
            }
            assertThat(order).hasSize(203).doesNotHaveDuplicates();
            for (int from = 0; from < 203; from += 80) {
                List<Integer> window = order.subList(from, Math.min(203, from + 80));
                assertThat(window.stream().map(i -> i / 5).distinct().count()).as("chunks").isLessThan(19);
                assertThat(window).isNotEqualTo(window.stream().sorted().toList());
                assertThat(window.stream().mapToInt(i -> i).average().orElseThrow()).as("from all over the data")
                        .isBetween(50.0, 150.0);
            }
            orders.add(order);
        }
        assertThat(orders).doesNotHaveDuplicates();
        Batches fresh = batches(203, settings);
        for (int step = course.steps(); step > 0; step--) {
            assertThat(fresh.of(step)).as("step %d, asked for by itself", step).usingRecursiveComparison()
                    .isEqualTo(batches.of(step));
        }
        assertThat(batches(203, settings.with(TrainingSettings.SHUFFLE_WINDOW, 203)).of(1)).usingRecursiveComparison()
                .as("a window of all is the order of all").isEqualTo(batches(203, settings.with(
                        TrainingSettings.SHUFFLE_WINDOW, 1 << 20)).of(1));
        assertThat(batches(203, settings.with(TrainingSettings.SHUFFLE_WINDOW, 1)).course().steps())
                .isGreaterThanOrEqualTo(2 * Math.ceilDiv(203, accumulation));
        assertThat(batches(203, settings.with(TrainingSettings.MAX_STEPS, 5)).of(5)).usingRecursiveComparison()
                .isEqualTo(batches.of(5));
    }

    @ParameterizedTest
    @CsvSource({"false, 1", "true, 1", "true, 3"})
    void batchesByTokensAreAsFullAsTheyMayBe(boolean grouped, int accumulation) {
        Lengths lengths = new Lengths(IntStream.range(0, 200).map(i -> i == 50 ? 90 : 1 + i * 31 % 37).toArray());
        TrainingSettings settings = SETTINGS.withEpochs(3).with(TrainingSettings.BATCH_TOKENS, 60)
                .with(TrainingSettings.ACCUMULATION, accumulation).with(TrainingSettings.LENGTH_GROUPED, grouped);
        Batches batches = new Batches(lengths, settings, Draws.training(1));
        Course course = batches.course();
        int[] counts = new int[200];
        int most = 0;
        for (int epoch = 1; epoch <= 3; epoch++) {
            List<MicroBatch> parts = new ArrayList<>();
            for (int step = course.before(epoch) + 1; step <= course.ends().get(epoch - 1); step++) {
                parts.addAll(batches.of(step));
            }
            for (int i = 0; i < parts.size(); i++) {
                int[] examples = parts.get(i).examples();
                most = Math.max(most, batches.tokens(examples));
                assertThat(batches.tokens(examples) <= 60 || examples.length == 1).isTrue();
                assertThat(i + 1 == parts.size()
                        || batches.tokens(examples) + lengths.tokens(parts.get(i + 1).examples()[0]) > 60)
                        .as("room for the next example").isTrue();
                IntStream.of(examples).forEach(example -> counts[example]++);
            }
            assertThat(course.steps(epoch)).isEqualTo(Math.ceilDiv(parts.size(), accumulation));
        }
        assertThat(counts).containsOnly(3);
        assertThat(batches.mostTokens()).isEqualTo(most).isEqualTo(90);
        if (accumulation == 1) {
            assertThat(IntStream.rangeClosed(1, 3).map(course::steps).distinct().count()).as("different epochs")
                    .isGreaterThan(1);
        }
    }

    /** As transformers' sampler: of 200 examples in batches of 5, 10 batches are sorted together. */
    @Test
    void groupedExamplesAreSortedByLengthWithinManyBatches() {
        TrainingSettings settings = SETTINGS.withEpochs(1).withBatchSize(5);
        Batches plain = batches(200, settings);
        Batches grouped = batches(200, settings.with(TrainingSettings.LENGTH_GROUPED, true));
        assertThat(grouped.course()).isEqualTo(plain.course());
        for (int group = 0; group < 4; group++) {
            List<Integer> expected = order(plain, 10 * group + 1, 10 * group + 10);
            expected.sort(Comparator.comparingInt(example -> -(1 + example % 7)));
            assertThat(order(grouped, 10 * group + 1, 10 * group + 10)).isEqualTo(expected);
        }
    }

    private static List<Integer> order(Batches batches, int first, int last) {
        List<Integer> order = new ArrayList<>();
        for (int step = first; step <= last; step++) {
            batches.of(step).forEach(part -> IntStream.of(part.examples()).forEach(order::add));
        }
        return order;
    }

    @Test
    void refusesMoreStepsThanCanBeCounted() {
        assertThatThrownBy(() -> batches(7, SETTINGS.withEpochs(Integer.MAX_VALUE)))
                .isInstanceOf(InputException.class)
                .hasMessage("training.epochs: 2147483647 are 6442450941 steps, more than 2147483647");
        assertThatThrownBy(() -> batches(0, SETTINGS)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("training: 0 examples to train on");
    }

    /** Its schedule ends with it, and it goes on from any of its steps to the same bits. */
    @Test
    void aRunOfSoManyStepsEndsInTheMiddleOfAnEpoch() {
        TinyBert.load(directory);
        TrainingSettings settings = SETTINGS.withEpochs(1).with(TrainingSettings.MAX_STEPS, 5)
                .with(TrainingSettings.WARMUP_RATIO, 0.0);
        List<TrainState> states = new ArrayList<>();
        TaskModel<String, Integer, ?> whole = CatsAndDogs.fresh(directory);
        TrainingResult told = trainer(whole, settings).listener(new TrainingListener() {
            @Override
            public boolean endsAfter(Step step, Supplier<TrainState> now) {
                states.add(now.get());
                return false;
            }
        }).run(CatsAndDogs.TRAIN);
        assertThat(told.steps()).extracting(Step::epoch).containsExactly(1, 1, 1, 2, 2);
        assertThat(told.steps()).extracting(Step::rate).containsExactly(1.0, 0.8, 0.6, 0.4, 0.2);
        assertThat(told.epochs()).extracting(Epoch::epochs).containsExactly(2, 2);
        assertThat(told.validations()).extracting(Validation::step).containsExactly(3, 5);
        assertThat(told.endedEarly()).isFalse();
        for (TrainState state : states) {
            TaskModel<String, Integer, ?> resumed = CatsAndDogs.fresh(directory);
            AtomicReference<Course> course = new AtomicReference<>();
            TrainingResult result = trainer(resumed, settings).listener(new TrainingListener() {
                @Override
                public void started(Course own) {
                    course.set(own);
                }
            }).resume(state, CatsAndDogs.TRAIN);
            assertThat(course.get().ends()).containsExactly(3, 5);
            assertThat(result.steps()).extracting(Step::loss)
                    .isEqualTo(told.steps().stream().map(Step::loss).toList());
            whole.namedParameters().forEach((name, parameter) -> assertThat(resumed.namedParameters().get(name).value()
                    .toArray()).as(name).isEqualTo(parameter.value().toArray()));
        }
        assertThatThrownBy(() -> trainer(CatsAndDogs.fresh(directory), settings.with(TrainingSettings.MAX_STEPS, 4))
                .resume(states.getLast(), CatsAndDogs.TRAIN)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("training: the state is");
    }

    private static Trainer<String, Integer> trainer(TaskModel<String, Integer, ?> model, TrainingSettings settings) {
        return Trainer.of(model).settings(settings).validation(CatsAndDogs.TEST);
    }

    @Test
    void examplesOfAnotherModelAreRefused() {
        TinyBert.load(directory);
        EncodedDataset other = EncodedDataset.of(CatsAndDogs.fresh(directory), CatsAndDogs.TRAIN);
        assertThatThrownBy(() -> Trainer.of(CatsAndDogs.fresh(directory)).run(other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("training: the examples are encoded for another model");
    }
}
