package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.Rows;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BertModelTest {
    private static final List<int[]> SEQUENCES = List.of(new int[] {2, 5, 7, 3}, new int[] {2, 3},
            new int[] {2, 4, 6, 8, 9, 3});

    @TempDir
    private Path directory;
    private final Map<String, Tensor> tensors = TinyBert.tensors();

    private BertModel load(Map<String, Tensor> content, String config) throws IOException {
        Path file = directory.resolve("model.safetensors");
        Safetensors.write(file, content, Map.of());
        Files.writeString(directory.resolve("config.json"), config);
        return (BertModel) Model.load(directory).backbone();
    }

    private BertModel load(Map<String, Tensor> content) throws IOException {
        return load(content, TinyBert.CONFIG);
    }

    private static float[] hidden(BertModel model, List<int[]> sequences) {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            return model.forward(tape, Batch.of(sequences)).value().toArray();
        }
    }

    private static Map<String, Tensor> renamed(Map<String, Tensor> tensors, UnaryOperator<String> rename) {
        Map<String, Tensor> renamed = new TreeMap<>();
        tensors.forEach((name, tensor) -> renamed.put(rename.apply(name), tensor));
        return renamed;
    }

    @Test
    void readsEveryFormOfTheSameCheckpoint() throws IOException {
        float[] expected = hidden(load(tensors), SEQUENCES);
        Map<String, Tensor> old = renamed(tensors, name -> name.replace("LayerNorm.weight", "LayerNorm.gamma")
                .replace("LayerNorm.bias", "LayerNorm.beta"));
        Map<String, Tensor> withHead = renamed(tensors, name -> "bert." + name);
        TinyBert.add(withHead, "cls.predictions.bias 10");
        TinyBert.add(withHead, "classifier.weight 2 8");
        TinyBert.add(withHead, "bert.embeddings.position_ids 1 6");
        Map<String, Tensor> withPooler = new TreeMap<>(tensors);
        TinyBert.add(withPooler, "pooler.dense.weight 8 8");
        TinyBert.add(withPooler, "pooler.dense.bias 8");
        for (Map<String, Tensor> form : List.of(old, withHead, withPooler)) {
            BertModel model = load(form);
            assertThat(hidden(model, SEQUENCES)).isEqualTo(expected);
            assertThat(model.hasPooler()).isEqualTo(form == withPooler);
            assertThat(model.namedParameters().keySet()).containsAll(tensors.keySet());
        }
    }

    @Test
    void refusesACheckpointThatLacksATensor() throws IOException {
        for (String name : tensors.keySet()) {
            Map<String, Tensor> incomplete = new TreeMap<>(tensors);
            incomplete.remove(name);
            assertRefused(incomplete, name + ": there is no tensor of this name");
        }
        Map<String, Tensor> half = renamed(tensors, name -> name.replace("embeddings.LayerNorm.weight",
                "embeddings.LayerNorm.gamma"));
        assertRefused(half, "embeddings.LayerNorm.beta: there is no tensor of this name");
        TinyBert.add(tensors, "pooler.dense.weight 8 8");
        assertRefused(tensors, "pooler.dense.bias: there is no tensor of this name");
    }

    @Test
    void refusesTensorsOfAnotherShape() throws IOException {
        for (String name : tensors.keySet()) {
            Map<String, Tensor> wrong = new TreeMap<>(tensors);
            wrong.put(name, Tensor.zeros(7, 7));
            assertRefused(wrong, name + ": shape " + tensors.get(name).shape()
                    + " is expected from config.json, not (7, 7)");
        }
        assertThatThrownBy(() -> load(tensors, TinyBert.CONFIG.replace("\"vocab_size\": 10",
                "\"vocab_size\": 2147483647"))).isInstanceOf(InputException.class)
                .hasMessageContaining("embeddings.word_embeddings.weight: shape (2147483647, 8) is expected");
    }

    @Test
    void refusesTensorsThatBelongToNoLayer() throws IOException {
        for (String extra : List.of("encoder.layer.2.output.dense.bias", "embeddings.extra", "pooler.dense.bias",
                "bert.pooler.dense.bias", "xcls.bias")) {
            Map<String, Tensor> more = new TreeMap<>(tensors);
            more.put(extra, Tensor.zeros(8));
            assertRefused(more, extra + ": the model of config.json has no such tensor");
        }
        Map<String, Tensor> mixed = renamed(tensors, name -> "bert." + name);
        mixed.put("encoder.layer.0.output.dense.bias", Tensor.zeros(8));
        assertRefused(mixed, ": encoder.layer.0.output.dense.bias: the model of config.json has no such tensor");
    }

    private void assertRefused(Map<String, Tensor> content, String expected) throws IOException {
        assertThatThrownBy(() -> load(content)).isInstanceOf(InputException.class)
                .hasMessageStartingWith(directory.resolve("model.safetensors") + ": ").hasMessageContaining(expected);
    }

    @Test
    void aSequenceAloneHasTheSameBitsAsInABatch() throws IOException {
        BertModel model = load(tensors);
        float[] together = hidden(model, SEQUENCES);
        int row = 0;
        for (int[] sequence : SEQUENCES) {
            float[] alone = hidden(model, List.of(sequence));
            assertThat(alone).containsExactly(Arrays.copyOfRange(together, row * 8,
                    (row + sequence.length) * 8));
            row += sequence.length;
        }
    }

    @Test
    void refusesWhatItHasNoRowFor() throws IOException {
        BertModel model = load(tensors);
        assertThatThrownBy(() -> hidden(model, List.of(new int[] {2, 3}, new int[7])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bert: sequence 1 has 7 tokens, the model has 6 positions");
        assertThatThrownBy(() -> hidden(model, List.of(new int[] {2, 10}))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("index 10 is not one of 10 rows");
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            assertThatThrownBy(() -> model.forward(tape, new Batch(new int[] {2}, new int[] {2}, new int[] {0, 1})))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("index 2 is not one of 2 rows");
            Variable x = Variable.constant(Tensor.zeros(1, 8));
            assertThatThrownBy(() -> model.pooled(new Pass(tape, Rows.tokens(0, 1)), x))
                    .isInstanceOf(IllegalStateException.class).hasMessage("bert: this checkpoint has no pooler");
        }
    }
}
