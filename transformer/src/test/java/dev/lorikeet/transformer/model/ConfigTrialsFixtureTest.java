package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.task.TaskModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code config.json} with fields that change the numbers and were left out of account once: {@code trials}. */
class ConfigTrialsFixtureTest {
    /** The repository's, whatever set other tests are given: a trial tells of one of its models. */
    private static final Path OWN = Path.of(System.getProperty("lorikeet.basedir", ""), "fixtures");
    private static final Path TRIALS = OWN.resolve("trials");

    @TempDir
    private Path directory;

    /** The weights of a recorded model beside a config.json. */
    private Path model(String weights, String config) throws IOException {
        Files.copy(OWN.resolve("models").resolve(weights).resolve("model.safetensors"),
                directory.resolve("model.safetensors"));
        Files.writeString(directory.resolve("config.json"), config);
        return directory;
    }

    private static float[] logits(Path directory, int[] ids) {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            return TaskModel.of(Model.load(directory)).logits(tape, Batch.of(List.of(ids))).value().toArray();
        }
    }

    @Test
    void ropeScalingBesideRopeParametersCounts() {
        Path trial = TRIALS.resolve("rope-scaling-beside-rope-parameters");
        JsonObject recorded = JsonObject.read(trial.resolve("case.json"));
        int[] ids = ((List<?>) recorded.list("ids").getFirst()).stream().mapToInt(id -> (Integer) id).toArray();
        float[] logits = logits(trial.resolve("base"), ids);
        List<?> expected = recorded.list("base");
        assertThat(logits).hasSameSizeAs(expected.toArray());
        for (int i = 0; i < logits.length; i++) {
            assertThat((double) logits[i]).isCloseTo(((Number) expected.get(i)).doubleValue(), within(1e-5));
        }
    }

    @ParameterizedTest
    @CsvSource({"gpt2_lm, gpt2_lm", "llama, llama"})
    void attentionInBothDirectionsIsRefusedOfDecoders(String trial, String weights) throws IOException {
        Path files = model(weights, Files.readString(TRIALS.resolve("fuzz-config-is-causal").resolve(trial)
                .resolve("config.json")));
        assertThatThrownBy(() -> TaskModel.of(Model.load(files))).isInstanceOf(InputException.class)
                .hasMessage(files.resolve("config.json") + ": is_causal: only decoders, which see what came before, "
                        + "are supported, so it cannot be false");
    }

    @Test
    void theOtherNamesOfGpt2CountAndMustNotContradict() throws IOException {
        String both = Files.readString(TRIALS.resolve("fuzz-gpt2-attribute-names/config.json"));
        Path files = model("gpt2_sequence", both);
        assertThatThrownBy(() -> TaskModel.of(Model.load(files))).isInstanceOf(InputException.class)
                .hasMessage(files.resolve("config.json")
                        + ": num_attention_heads: 8 contradicts n_head 4, which is the same field");
        Files.writeString(files.resolve("config.json"), both.replace("\"n_head\": 4,", ""));
        assertThat(logits(files, new int[] {1, 2, 3, 5})).containsExactly(
                new float[] {-0.55829f, -0.00716f, -1.47188f}, Offset.offset(1e-5f));
    }
}
