package dev.lorikeet.transformer.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.TinyModel;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application's own task: one class, and what every task has works. */
class OwnTaskTest {
    private static final Examples<int[], Integer> DATA = new Examples<>() {
        @Override
        public String name() {
            return "lengths";
        }

        @Override
        public int size() {
            return 8;
        }

        @Override
        public int[] input(int example) {
            return IntStream.rangeClosed(1, 1 + example % 4).toArray();
        }

        @Override
        public Integer target(int example) {
            return 1 + example % 4;
        }
    };

    /** How many tokens there are, counted in {@code unit}. */
    private record Length(int unit) implements Task<int[], Integer, Double> {
        private static final SequenceRegression<String> NUMBER = Tasks.pretrainedRegression(List.of("length"));

        @Override
        public String kind() {
            return "length";
        }

        @Override
        public Map<String, Object> settings() {
            return Map.of("unit", unit);
        }

        @Override
        public Encoded encode(int[] input, @Nullable Integer target, Model model) {
            Encoded encoded = Encoded.of(input, 0);
            return target == null ? encoded : encoded.numbers((float) target / unit);
        }

        @Override
        public Head head(Model model, long seed) {
            return NUMBER.head(model, seed);
        }

        @Override
        public int count(Encoded example) {
            return 1;
        }

        @Override
        public Variable loss(Tape tape, Variable logits, List<Encoded> examples, double over) {
            return NUMBER.loss(tape, logits, examples, over);
        }

        @Override
        public List<Double> predictions(Model model, Tensor logits, List<Encoded> examples) {
            return NUMBER.predictions(model, logits, examples).stream().map(each -> (double) each[0] * unit).toList();
        }

        @Override
        public Meter meter() {
            return NUMBER.meter();
        }
    }

    @TempDir
    private Path directory;

    @Test
    void isTrainedSavedLoadedAndAsked() {
        TinyModel.write(directory, TinyModel.GPT2, TinyModel.gpt2("transformer."));
        TaskModel<int[], Integer, Double> model = TaskModel.of(Model.load(directory), new Length(2), 3);
        List<Step> steps = Trainer.of(model).settings(TrainingSettings.defaults().withEpochs(30)
                .withRates(0.02, 0.02)).run(DATA).steps();
        assertThat(steps.getLast().loss()).isLessThan(steps.getFirst().loss() / 2);
        Path run = directory.resolve("run");
        assertThatThrownBy(() -> model.save(run)).isInstanceOf(IllegalStateException.class)
                .hasMessage("save: the task length could not be loaded again with its head");
        TaskFiles files = TaskFiles.standard().with("length", json -> new Length(json.integer("unit")));
        model.save(run, files);
        TaskModel<?, ?, ?> loaded = TaskModel.load(run, null, LoadOptions.STANDARD, files);
        assertThat(loaded.task()).isEqualTo(new Length(2));
        @SuppressWarnings("unchecked") // as the task says
        TaskModel<int[], Integer, Double> again = (TaskModel<int[], Integer, Double>) loaded;
        assertThat(again.predict(new int[] {1, 2, 3})).isEqualTo(model.predict(new int[] {1, 2, 3}));
        assertThatThrownBy(() -> TaskModel.load(run)).isInstanceOf(InputException.class)
                .hasMessageStartingWith(run.resolve("task.json") + ": task: \"length\" is not one of causal");
    }
}
