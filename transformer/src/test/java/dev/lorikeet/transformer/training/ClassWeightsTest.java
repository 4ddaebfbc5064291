package dev.lorikeet.transformer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.Samples;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.TinyBert;
import dev.lorikeet.transformer.settings.Setting;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.Reading;
import dev.lorikeet.transformer.task.TargetWeights;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Class weights beside PyTorch and scikit-learn, {@code fixtures/make_losses.py}, and in training. */
class ClassWeightsTest {
    private static final JsonObject RECORDED = JsonObject.read(Path.of(System.getProperty("lorikeet.basedir", ""),
            "fixtures/losses/weighted.json"));
    private static final TrainingSettings BALANCED = TrainingSettings.defaults()
            .with(TrainingSettings.CLASS_WEIGHTS, ClassWeights.BALANCED);
    private static final Dataset<String> TRAIN = CatsAndDogs.dataset("the cat sits", "the dog sits", "cat runs",
            "the cats", "cats sits the");

    @TempDir
    private Path directory;

    @BeforeEach
    void writeModel() {
        TinyBert.load(directory);
    }

    private static float[] floats(List<?> numbers) {
        float[] floats = new float[numbers.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = ((Number) numbers.get(i)).floatValue();
        }
        return floats;
    }

    private static float[] flat(List<?> rows) {
        return floats(rows.stream().flatMap(row -> ((List<?>) row).stream()).toList());
    }

    @Test
    void lossAndGradientArePyTorchs() {
        List<JsonObject> cases = RECORDED.objects("losses");
        assertThat(cases).hasSize(9);
        for (JsonObject each : cases) {
            int[] labels = each.list("labels").stream().mapToInt(label -> (Integer) label).toArray();
            float[] weights = floats(each.list("weights"));
            Variable logits = Variable.leaf(Tensor.of(flat(each.list("logits")), labels.length, weights.length));
            double over = 0;
            for (int label : labels) {
                over += label < 0 ? 0 : weights[label];
            }
            try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
                Variable loss = Losses.crossEntropy(tape, logits, labels, weights,
                        (float) each.number("smoothing"), over);
                assertThat((double) loss.item()).isCloseTo(each.number("value"), within(1e-6));
                tape.backward(loss);
            }
            assertThat(logits.gradientOrThrow().toArray()).containsExactly(flat(each.list("gradient")), within(1e-6f));
        }
        assertThatThrownBy(() -> {
            try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
                Losses.crossEntropy(tape, Variable.leaf(Tensor.zeros(1, 3)), new int[] {0}, new float[2], 0, 1);
            }
        }).hasMessage("cross-entropy: 2 weights for 3 classes");
    }

    @Test
    void balancedWeightsAreScikitLearns() {
        for (JsonObject each : RECORDED.objects("balanced")) {
            int[] counts = each.list("counts").stream().mapToInt(count -> (Integer) count).toArray();
            assertThat(TargetWeights.balanced(counts)).containsExactlyElementsOf(
                    each.list("weights").stream().map(weight -> ((Number) weight).floatValue()).toList());
        }
        assertThat(TargetWeights.balanced(new int[] {3, 0, 1})).containsExactly(4 / 6f, 0f, 2f);
    }

    /** However an update is divided, its loss is the mean over the weights of all its examples. */
    @Test
    void partsOfAnUpdateAddUpToItsMean() {
        TaskModel<String, Integer, ?> model = CatsAndDogs.fresh(directory);
        EncodedDataset data = EncodedDataset.of(model, TRAIN).weighted(BALANCED);
        assertThat(data.weights().classes()).containsExactly(5 / 8f, 2.5f);
        double expected = 0;
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            Tensor logits = model.logits(tape, Encoded.batch(data.examples(new int[] {0, 1, 2}))).value();
            for (int i = 0; i < 3; i++) {
                double own = Math.log(Math.exp(logits.get(i, 0)) + Math.exp(logits.get(i, 1)))
                        - logits.get(i, TRAIN.target(i));
                expected += own * (i == 1 ? 2.5 : 0.625) / 3.75;
            }
        }
        LocalGradients gradients = new LocalGradients(Cpu.shared(), new Workspace());
        List<MicroBatch> whole = List.of(new MicroBatch(new int[] {0, 1, 2}, 1));
        assertThat(gradients.of(data, whole, null).loss()).isCloseTo(expected, within(1e-6));
        Parameter first = data.parameters().getFirst();
        float[] own = first.gradient().toArray();
        data.parameters().forEach(Parameter::clearGradient);
        List<MicroBatch> parts = List.of(new MicroBatch(new int[] {0}, 1), new MicroBatch(new int[] {1, 2}, 2));
        assertThat(gradients.of(data, parts, null).loss()).isCloseTo(expected, within(1e-6));
        assertThat(first.gradient().toArray()).containsExactly(own, within(1e-6f));
    }

    @Test
    void otherTasksAreRefusedByName() {
        Samples<String, float[]> numbers = new Samples<>("sizes", List.of("the cat", "the dog"),
                List.of(new float[] {1}, new float[] {2}));
        TaskModel<String, float[], ?> model = TaskModel.of(Model.load(directory),
                Tasks.regression(Reading.TEXT, List.of("size"), numbers), 1);
        refused(model, numbers, BALANCED, TrainingSettings.CLASS_WEIGHTS);
        refused(model, numbers, TrainingSettings.defaults().with(TrainingSettings.SAMPLING, Sampling.BALANCED),
                TrainingSettings.SAMPLING);
    }

    private static void refused(TaskModel<String, float[], ?> model, Samples<String, float[]> data,
            TrainingSettings settings, Setting<?> setting) {
        assertThatThrownBy(() -> Trainer.of(model).settings(settings).run(data)).isInstanceOf(InputException.class)
                .hasMessage(setting.name() + ": is for one class of several, the task is sequence-regression");
    }
}
