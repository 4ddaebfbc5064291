package dev.lorikeet.transformer.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link SequenceToSequence}; that it trains as transformers does is {@code TrainingFixtureTest}'s. */
class SequenceToSequenceTest {
    private static final Path MODELS = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "models");

    @TempDir
    private Path directory;
    private final Model model = Model.load(MODELS.resolve("t5_v1_1"));
    private final SequenceToSequence rewriting = Tasks.sequenceToSequence();
    private final TaskModel<Completion, Completion, Double> task = TaskModel.of(model, rewriting, 1);

    @Test
    void theDecoderReadsEachTokenBeforeTheNext() {
        Encoded example = SequenceToSequence.encoded(new int[] {7, 8, 1}, new int[] {20, 21, 22, 1}, 0, model);
        assertThat(example.ids(0)).containsExactly(7, 8, 1);
        assertThat(example.ids(1)).containsExactly(0, 20, 21, 22); // decoder_start_token_id, and not the last one
        assertThat(rewriting.targets(example)).containsExactly(20, 21, 22, 1);
        Batch batch = task.batch(List.of(example, example));
        assertThat(batch.sequences()).isEqualTo(2);
        assertThat(batch.rows()).isEqualTo(8);
        assertThat(batch.source().ids()).containsExactly(7, 8, 1, 7, 8, 1);
    }

    @Test
    void anAnswerIsThePerplexityOfItsCompletion() {
        Encoded one = SequenceToSequence.encoded(new int[] {7, 8, 1}, new int[] {20, 21, 22, 1}, 0, model);
        Encoded other = SequenceToSequence.encoded(new int[] {9, 1}, new int[] {30, 1}, 0, model);
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            List<Double> both = rewriting.predictions(model, task.logits(tape, List.of(one, other)).value(),
                    List.of(one, other));
            double loss = task.loss(tape, List.of(one, other)).item();
            assertThat((4 * Math.log(both.get(0)) + 2 * Math.log(both.get(1))) / 6).isCloseTo(loss, within(1e-5));
        }
    }

    /**
     * As transformers 5 reads such files: a table that differs is the head's own whatever {@code tie_word_embeddings}
     * says, and that says by what hidden states are multiplied; so does what is written of it.
     */
    @Test
    void aTableOfItsOwnCountsBesideATiedConfig() throws IOException {
        Path tied = MODELS.resolve("t5_v1_0");
        Path own = Files.createDirectories(directory.resolve("own"));
        Files.copy(tied.resolve("config.json"), own.resolve("config.json"));
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        try (TensorFile file = Safetensors.openDirectory(tied)) {
            file.names().forEach(name -> tensors.put(name, file.read(name)));
        }
        Tensor twice = tensors.get("shared.weight").copy();
        for (int i = 0; i < twice.size(); i++) {
            twice.data()[twice.offset() + i] *= 2;
        }
        tensors.put("lm_head.weight", twice);
        Safetensors.write(own.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
        Model apart = Model.load(own);
        float[] plain = logits(Model.load(tied));
        float[] doubled = logits(apart);
        for (int i = 0; i < plain.length; i++) {
            assertThat(doubled[i]).isEqualTo(2 * plain[i]);
        }
        Path written = directory.resolve("written");
        TaskModel.of(apart).saveMerged(written);
        assertThat(JsonObject.read(written.resolve("config.json")).flag("scale_decoder_outputs")).isTrue();
        assertThat(logits(Model.load(written))).isEqualTo(doubled);
    }

    private static float[] logits(Model of) {
        TaskModel<?, ?, ?> whole = TaskModel.of(of);
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            return whole.logits(tape, List.of(SequenceToSequence.encoded(new int[] {7, 8, 1}, new int[] {20, 21, 1}, 0,
                    of))).value().toArray();
        }
    }

    @Test
    void whatHasNoEncoderOrIsNotForOneIsRefused() {
        Model llama = Model.load(MODELS.resolve("llama"));
        assertThatThrownBy(() -> TaskModel.of(llama, Tasks.sequenceToSequence(), 1)).isInstanceOf(InputException.class)
                .hasMessageContaining("is no encoder with a decoder, as T5 and BART are");
        assertThatThrownBy(() -> TaskModel.of(model, Tasks.completion(), 1)).isInstanceOf(InputException.class)
                .hasMessageContaining("t5 is an encoder and a decoder");
        assertThatThrownBy(() -> Batch.of(List.of(new int[1])).inPairs()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SequenceToSequence(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(TaskModel.of(model).task()).isEqualTo(Tasks.sequenceToSequence());
    }
}
