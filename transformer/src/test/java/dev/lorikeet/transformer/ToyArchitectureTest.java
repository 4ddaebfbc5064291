package dev.lorikeet.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.Architecture;
import dev.lorikeet.transformer.model.Architectures;
import dev.lorikeet.transformer.model.Backbone;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.HeadKind;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.PretrainedConfig;
import dev.lorikeet.transformer.model.SequenceHead;
import dev.lorikeet.transformer.model.TensorReader;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What it costs to add an architecture, from outside of the house: one class, and an entry in a list that is passed.
 */
class ToyArchitectureTest {
    private static final Architectures WITH_TOY = Architectures.standard().with(Toy.ARCHITECTURE);

    /** tanh of a linear map of each token's embedding. */
    private static final class Toy extends Backbone {
        static final Architecture ARCHITECTURE = new Architecture("toy", "Toy", "toy", "words.weight", false, "none",
                (_, config, files, _) -> new Toy(Size.read(config), files),
                Map.of("ForSequenceClassification", HeadKind.sequences(SequenceHead.Pooling.LAST_TOKEN, "score")));

        private record Size(int vocabularySize, int hiddenSize) implements PretrainedConfig {
            static Size read(JsonObject json) {
                return new Size(json.integer("vocab_size"), json.integer("hidden_size"));
            }

            @Override
            public int layers() {
                return 1;
            }

            @Override
            public int heads() {
                return 1;
            }

            @Override
            public int maxPositions() {
                return 16;
            }

            @Override
            public int paddingIndex() {
                return SequenceOps.NO_PADDING;
            }
        }

        private final Size size;
        private final Embedding words;
        private final Linear map;

        Toy(Size size, TensorReader files) {
            this.size = size;
            words = child("words", files.embedding("words", size.vocabularySize, size.hiddenSize,
                    SequenceOps.NO_PADDING));
            map = child("map", files.linear("map", size.hiddenSize, size.hiddenSize));
        }

        @Override
        public Architecture architecture() {
            return ARCHITECTURE;
        }

        @Override
        public PretrainedConfig config() {
            return size;
        }

        @Override
        public Embedding words() {
            return words;
        }

        @Override
        protected Variable embed(Pass pass, Batch batch) {
            return words.forward(pass, batch.ids());
        }

        @Override
        protected Variable layer(int index, Pass pass, Variable x) {
            return ElementOps.tanh(pass.tape(), map.forward(pass, x));
        }

        @Override
        protected Variable finish(Pass pass, Variable x) {
            return x;
        }
    }

    @Test
    void aClassAndAnEntryInAListAreAllItTakes(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("config.json"), """
                {"model_type": "toy", "architectures": ["ToyForSequenceClassification"], "vocab_size": 3,
                 "hidden_size": 2, "num_labels": 2}
                """);
        Safetensors.write(directory.resolve("model.safetensors"), Map.of(
                "toy.words.weight", Tensor.of(new float[] {0, 0, 1, 0, 0, 1}, 3, 2),
                "toy.map.weight", Tensor.of(new float[] {2, 0, 0, 3}, 2, 2),
                "toy.map.bias", Tensor.zeros(2),
                "score.weight", Tensor.of(new float[] {1, 0, 0, 1}, 2, 2)), Map.of("format", "pt"));
        TaskModel<?, ?, ?> model = TaskModel.of(Model.load(directory, LoadOptions.STANDARD.with(WITH_TOY)));
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            float[] logits = model.logits(tape, Batch.of(List.of(new int[] {2, 1}, new int[] {2}))).value().toArray();
            assertThat(logits).containsExactly((float) Math.tanh(2), 0, 0, (float) Math.tanh(3));
        }
        assertThat(Model.load(directory, LoadOptions.STANDARD.with(WITH_TOY)).backbone()).isInstanceOf(Toy.class);
        assertThat(model.model().hash()).startsWith("sha256:");
        assertThatThrownBy(() -> TaskModel.of(Model.load(directory))).isInstanceOf(InputException.class)
                .hasMessageContaining(
                        "\"toy\" is not one of bert, roberta, distilbert, ");
    }
}
