package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Models in GGUF files, with what transformers says of the same numbers; {@code fixtures/make_gguf.py} made them. */
class GgufModelFixtureTest {
    private static final Path MODELS = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "gguf", "models");

    static List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(MODELS)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".gguf"))
                    .map(name -> name.replace(".gguf", "")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void saysWhatTransformersSays(String name) {
        Model model = Model.load(MODELS.resolve(name + ".gguf"));
        try (TensorFile recorded = Safetensors.open(MODELS.resolve(name + ".safetensors"));
                Tape tape = Tape.inference(model.compute(), new Workspace())) {
            Batch batch = batch(recorded.read("input_ids"));
            Pass pass = batch.pass(tape);
            Variable hidden = model.backbone().forward(pass, batch);
            boolean headless = recorded.contains("last_hidden_state");
            Variable result = headless ? hidden : model.head().logits(pass, hidden, batch);
            float[] expected = recorded.read(headless ? "last_hidden_state" : "logits").toArray();
            assertThat(result.value().toArray()).hasSameSizeAs(expected);
            assertThat(result.value().toArray()).usingComparatorWithPrecision(1e-4f).containsExactly(expected);
        }
    }

    /** Every matrix is computed with in the form in which the file has it. */
    @ParameterizedTest
    @MethodSource("names")
    void keepsTheFormOfTheFile(String name) {
        String type = name.contains("-") ? name.substring(name.lastIndexOf('-') + 1) : "f32";
        WeightFormat expected = WeightFormat.valueOf(type.toUpperCase(Locale.ROOT));
        Backbone backbone = Model.load(MODELS.resolve(name + ".gguf")).backbone();
        assertThat(backbone.words().weight().format()).isEqualTo(expected);
        for (var module : backbone.namedModules().values()) {
            if (module instanceof Linear linear) {
                assertThat(linear.weight().format()).isEqualTo(expected);
                double bytes = (double) linear.weight().shape().size() * expected.blockBytes() / expected.blockLength();
                assertThat((double) linear.weight().bytes()).isBetween(bytes, 4 * bytes + 65536); // panels are padded
            }
        }
    }

    private static Batch batch(Tensor ids) {
        List<int[]> rows = new ArrayList<>();
        for (int i = 0; i < ids.dim(0); i++) {
            float[] row = ids.rows(i, i + 1).toArray();
            int[] tokens = new int[row.length];
            for (int t = 0; t < row.length; t++) {
                tokens[t] = (int) row[t];
            }
            rows.add(tokens);
        }
        return Batch.of(rows);
    }
}
