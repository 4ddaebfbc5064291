package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.ReductionOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.optim.Optimizer;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.tensor.FrozenMatrix;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.tokenizer.Encoding;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of {@code docs/tour.md}, whose snippets are lines of these. */
class TourTest {
    private static final Path FIXTURES = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"));

    @Test
    void oneMatrixGoesTheWholeWay(@TempDir Path out) {
        Path directory = FIXTURES.resolve("completions/model");

        String name = "model.layers.0.self_attn.q_proj.weight";
        Tensor stored;
        try (TensorFile file = Safetensors.open(directory.resolve("model.safetensors"))) {
            stored = file.read(name); // (out, in), a row for each output: here (16, 16)
        }

        assertThat(stored.shape().toString()).isEqualTo("(16, 16)");

        Model model = Model.load(directory);
        Linear query = (Linear) model.backbone().find("layers.0.self_attn.q_proj");
        FrozenMatrix packed = query.weight().frozen(model.compute());
        Tensor row = Tensor.zeros(1, packed.in());
        packed.rows(new int[] {3}, row); // out of the panels again: the bits of row 3 in the file

        assertThat(row.toArray()).isEqualTo(stored.rows(3, 4).toArray());
        assertThat(packed.toTensor().toArray()).isEqualTo(stored.toArray());

        Tensor x = Tensor.zeros(2, packed.in()); // two tokens, (rows, in)
        for (int i = 0; i < x.size(); i++) {
            x.data()[i] = (i % 5 - 2) / 2f;
        }
        Tensor before;
        try (Tape tape = Tape.inference(model.compute(), new Workspace())) {
            before = query.forward(tape, Variable.constant(x)).value().copy(); // y = x·Wᵀ, (rows, out)
        }

        requireProduct(before, x, stored);

        var whole = TaskModel.of(model);
        LoraAdapter adapter = Lora.attach(whole,
                LoraConfig.rslora().rank(4).alpha(8).targets("q_proj").layersToTransform(List.of(0)).build(), 1);
        LoraLayer layer = adapter.layers().get("model.layers.0.self_attn.q_proj");
        Tensor target = Tensor.zeros(2, packed.out()); // what y shall become
        Optimizer optimizer = new Optimizer(new Rule.Sgd(0, false),
                List.of(new ParameterGroup(adapter.parameters(), 0.5, 0)));
        float[] losses = new float[20];
        for (int step = 0; step < losses.length; step++) {
            try (Tape tape = Tape.training(model.compute(), new Workspace())) {
                Variable y = query.forward(tape, Variable.constant(x)); // x·Wᵀ + s·(x·Aᵀ)·Bᵀ, in one pass over x
                Variable loss = Losses.meanSquaredError(tape, y, target);
                tape.backward(loss); // dB = s·dyᵀ·(x·Aᵀ), dA = s·(dy·B)ᵀ·x; nothing for W, which is frozen
                losses[step] = loss.item();
            }
            optimizer.step(1); // and the gradients are cleared
        }

        assertThat(layer.rank()).isEqualTo(4);
        assertThat(layer.scaling()).isEqualTo(4f);
        assertThat(losses[19]).isLessThan(losses[0] / 2);

        Tensor adapted;
        try (Tape tape = Tape.inference(model.compute(), new Workspace())) {
            adapted = query.forward(tape, Variable.constant(x)).value().copy();
        }
        Map<String, WeightChange> changes = adapter.merge(); // W := W + s·B·A, once
        Tensor merged;
        try (Tape tape = Tape.inference(model.compute(), new Workspace())) {
            merged = query.forward(tape, Variable.constant(x)).value().copy(); // as before, up to rounding
        }

        assertThat(merged.toArray()).containsExactly(adapted.toArray(), within(1e-5f));
        assertThat(adapted.toArray()).isNotEqualTo(before.toArray());
        assertThat(changes.values()).singleElement().satisfies(change -> assertThat(change.relative()).isPositive());

        whole.saveMerged(out); // config.json, model.safetensors, the tokenizer: transformers opens it
        Tensor exported;
        try (TensorFile file = Safetensors.open(out.resolve("model.safetensors"))) {
            exported = file.read(name); // the bits of the merged W
        }

        assertThat(exported.toArray()).isEqualTo(query.weight().value().toArray());
        assertThat(exported.toArray()).isNotEqualTo(stored.toArray());
        adapter.unmerge();
        assertThat(query.weight().value().toArray()).isEqualTo(stored.toArray());
    }

    /** x·Wᵀ in double precision. */
    private static void requireProduct(Tensor y, Tensor x, Tensor w) {
        for (int i = 0; i < y.dim(0); i++) {
            for (int j = 0; j < y.dim(1); j++) {
                double sum = 0;
                for (int k = 0; k < x.dim(1); k++) {
                    sum += (double) x.get(i, k) * w.get(j, k);
                }
                assertThat((double) y.get(i, j)).isEqualTo(sum, within(1e-6));
            }
        }
    }

    @Test
    void oneTextBecomesAClass(@TempDir Path own) throws IOException {
        Path directory = FIXTURES.resolve("tags/base");
        Path file = Files.writeString(own.resolve("text.txt"), "Maria works in Paris");

        byte[] bytes = Files.readAllBytes(file);
        String text = new String(bytes, StandardCharsets.UTF_8);

        Model model = Model.load(directory);
        Encoding encoding = model.tokenizer().encode(text, model.backbone().maxTokens());

        assertThat(encoding.tokens()).startsWith("[CLS]").endsWith("[SEP]").hasSizeGreaterThan(4);

        Batch batch = Batch.of(List.of(encoding.ids())); // texts one behind another, without padding
        var classifier = TaskModel.of(model, Tasks.classification(List.of("animal", "plant")), 1); // a new head, seed 1
        String label;
        float probability;
        try (Tape tape = Tape.inference(model.compute(), new Workspace())) {
            Variable hidden = model.backbone().forward(tape, batch); // (tokens, hidden)
            Variable logits = classifier.head().logits(batch.pass(tape), hidden, batch); // (texts, classes)
            Tensor probabilities = ReductionOps.softmax(tape, logits).value();
            int best = probabilities.get(0, 0) >= probabilities.get(0, 1) ? 0 : 1;
            label = List.of("animal", "plant").get(best);
            probability = probabilities.get(0, best);
        }

        Prediction same = classifier.predict(text).getFirst(); // all of it in one call

        assertThat(same).isEqualTo(new Prediction(label, probability));
    }
}
