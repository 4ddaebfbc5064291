package dev.lorikeet.lora.peft;

import static dev.lorikeet.lora.peft.Fixtures.assertSameBits;
import static dev.lorikeet.lora.peft.Fixtures.logits;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.PretrainedModel;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What once went wrong with adapters and bases that PEFT and transformers had written. */
class TrialFixtureTest {
    /** How far apart two machines may be in float32. */
    private static final double CLOSE = 1e-5;

    @TempDir
    Path written;

    static Stream<Trial> withAdapters() {
        return Trial.withAdapters();
    }

    /** Attached, written again, merged, saved and taken out, an adapter has the numbers of PEFT. */
    @ParameterizedTest
    @MethodSource("withAdapters")
    void adapters(Trial trial) {
        Batch batch = trial.batch();
        PretrainedModel model = trial.base();
        Tensor base = logits(model, batch);
        assertThat(trial.distance(base, "base")).isLessThan(CLOSE);
        LoraAdapter adapter = Peft.load(model, trial.adapter());
        Tensor adapted = logits(model, batch);
        assertThat(trial.distance(adapted, "adapter")).isLessThan(CLOSE);

        Peft.save(adapter, "base", null, written.resolve("again"));
        PretrainedModel other = trial.base();
        Peft.load(other, written.resolve("again"));
        assertSameBits("written again", logits(other, batch), adapted);

        adapter.merge();
        assertThat(trial.distance(logits(model, batch), "adapter")).isLessThan(CLOSE);
        model.save(written.resolve("merged"));
        assertThat(trial.distance(logits(PretrainedModel.load(written.resolve("merged")), batch), "adapter"))
                .isLessThan(CLOSE);
        adapter.unmerge();
        assertSameBits("unmerged", logits(model, batch), adapted);
        adapter.detach();
        assertSameBits("detached", logits(model, batch), base);
    }

    @Test
    void aFileMayHoldWhatIsTiedUnderTheHeadsNameAlone() {
        Trial trial = Trial.of("tied-only-head-in-file");
        assertThat(trial.distance(logits(trial.base(), trial.batch()), "base")).isLessThan(CLOSE);
    }
}
