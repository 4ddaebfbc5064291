package dev.lorikeet.transformer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.settings.Setting;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingSettingsTest {
    private static final TrainingSettings SETTINGS = TrainingSettings.defaults().withRates(0.02, 0.02);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            epochs       | 0        | a whole number from 1 on
            batch-size   | 0        | a whole number from 1 on
            accumulation | -1       | a whole number from 1 on
            adapter-rate | -1.0     | a number from 0 on
            head-rate    | NaN      | a number from 0 on
            weight-decay | Infinity | a number from 0 on
            weight-decay | 1.0E39   | a number from 0 on
            warmup-ratio | 1.1      | a number in [0, 1]
            warmup-ratio | NaN      | a number in [0, 1]
            layer-decay  | 0.0      | a number in (0, 1]
            layer-decay  | 1.1      | a number in (0, 1]
            momentum     | 1.0      | a number in [0, 1)
            clip-norm    | -1.0     | a number from 0 on
            clip-norm    | NaN      | a number from 0 on
            patience     | -1       | a whole number from 0 on
            """)
    void refusesSettingsThatMakeNoSense(String key, String value, String rule) {
        Setting<?> setting = TrainingSettings.ALL.stream().filter(s -> s.key().equals(key)).findFirst().orElseThrow();
        assertThatThrownBy(() -> with(setting, value)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("training." + key + " must be " + rule + ", not " + value);
    }

    @SuppressWarnings("unchecked") // the setting is of one of the two
    private static TrainingSettings with(Setting<?> setting, String value) {
        return setting.byDefault() instanceof Integer
                ? SETTINGS.with((Setting<Integer>) setting, Integer.valueOf(value))
                : SETTINGS.with((Setting<Double>) setting, Double.valueOf(value));
    }

    @Test
    void everySettingCanBeChangedByItself() {
        TrainingSettings settings = SETTINGS.withEpochs(2).withBatchSize(4).withRates(0.1, 0.2).withSeed(5)
                .with(TrainingSettings.ACCUMULATION, 6);
        assertThat(settings.values().tree().get("training"))
                .isEqualTo(Map.ofEntries(Map.entry("epochs", 2), Map.entry("max-steps", 0),
                        Map.entry("batch-size", 4), Map.entry("accumulation", 6), Map.entry("batch-tokens", 0),
                        Map.entry("length-grouped", false), Map.entry("shuffle-window", 1 << 20),
                        Map.entry("adapter-rate", 0.1),
                        Map.entry("head-rate", 0.2), Map.entry("weight-decay", 0.01),
                        Map.entry("layer-decay", 1.0), Map.entry("optimizer", "adamw"), Map.entry("momentum", 0.0),
                        Map.entry("schedule", "linear"),
                        Map.entry("warmup-ratio", 0.1), Map.entry("clip-norm", 1.0), Map.entry("label-smoothing", 0.0),
                        Map.entry("class-weights", "none"), Map.entry("sampling", "natural"),
                        Map.entry("keep-best", false), Map.entry("patience", 0), Map.entry("evaluation-steps", 0),
                        Map.entry("gradient-checkpointing", false), Map.entry("seed", 5L)));
        assertThat(settings.seed()).isEqualTo(5);
        assertThat(settings.accumulation()).isEqualTo(6);
    }
}
