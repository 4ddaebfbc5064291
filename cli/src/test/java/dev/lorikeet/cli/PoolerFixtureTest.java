package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A model directory with a pooler, which a classifier of the mean of the hidden states does without. */
class PoolerFixtureTest {
    private static final Path TRIAL = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "trials",
            "adalora-pooler");

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"lora", "rslora", "adalora", "autolora"})
    void noMethodAdaptsThePooler(String method) {
        Path train = TRIAL.resolve("train.tsv");
        Path run = directory.resolve("run");
        Outcome outcome = Outcome.of("finetune", "--model", TRIAL.resolve("model").toString(), "--train",
                train.toString(), "--test", train.toString(), "--method", method, "--epochs", "8", "--rank", "8",
                "--out",
                run.toString());
        assertThat(outcome.status()).as(outcome.err()).isZero();
        Path adapter = run.resolve("adapter");
        assertThat(Peft.config(adapter).targets().matches("pooler.dense")).isFalse();
        try (TensorFile weights = Safetensors.open(adapter.resolve("adapter_model.safetensors"))) {
            assertThat(weights.names()).isNotEmpty().noneMatch(name -> name.contains("pooler"));
        }
    }
}
