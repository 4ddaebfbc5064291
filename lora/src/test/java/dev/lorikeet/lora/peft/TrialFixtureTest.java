package dev.lorikeet.lora.peft;

import static dev.lorikeet.lora.peft.Fixtures.logits;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What once went wrong with adapters and bases that PEFT and transformers had written. */
class TrialFixtureTest {
    /** How far apart two machines may be in float32. */
    private static final double CLOSE = 1e-5;

    @Test
    void aFileMayHoldWhatIsTiedUnderTheHeadsNameAlone() {
        Trial trial = Trial.of("tied-only-head-in-file");
        assertThat(trial.distance(logits(trial.base(), trial.batch()), "base")).isLessThan(CLOSE);
    }
}
