package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class LoraConfigTest {
    @Test
    void scalesByRankOrByItsRoot() {
        LoraConfig lora = LoraConfig.lora().targets("query").build();
        LoraConfig rslora = LoraConfig.rslora().targets("query").build();
        assertThat(lora.scaling(64, 16)).isEqualTo(0.25f);
        assertThat(rslora.scaling(64, 16)).isEqualTo(2f);
        assertThat(rslora.scaling(3, 5)).isEqualTo((float) (5 / Math.sqrt(3)));
    }

    @Test
    void takesTheFirstPatternThatFitsTheEndOfThePath() {
        LoraConfig config = LoraConfig.lora().targets("query", "value").rank(4).rankPattern("layer\\.[01]\\..*query", 2)
                .rankPattern("query", 6).alphaPattern("self.value", 3).build();
        assertThat(config.rankOf("encoder.layer.1.attention.self.query")).isEqualTo(2);
        assertThat(config.rankOf("encoder.layer.2.attention.self.query")).isEqualTo(6);
        assertThat(config.rankOf("encoder.layer.2.attention.self.myquery")).isEqualTo(4);
        assertThat(config.alphaOf("encoder.layer.0.attention.self.value")).isEqualTo(3);
        assertThat(config.alphaOf("encoder.layer.0.attention.self.query")).isEqualTo(8);
    }

    @Test
    void savesTheHeadsOfItsTask() {
        LoraConfig config = LoraConfig.lora().targets("query").modulesToSave("pooler", "classifier")
                .taskType(TaskType.SEQ_CLS).build();
        assertThat(config.modulesToSave()).containsExactly("pooler", "classifier", "score");
        assertThat(config.savesWhole("bert.pooler.dense")).isTrue();
        assertThat(config.savesWhole("bert.my_pooler.dense")).as("by letters, as PEFT").isTrue();
        assertThat(config.savesWhole("bert.pooler2.dense")).isFalse();
        assertThat(SavedModules.around("bert.my_pooler.dense", "pooler")).isEqualTo("bert.my_pooler");
        assertThat(SavedModules.around("dense.other.dense", "dense")).isEqualTo("dense");
        assertThat(SavedModules.around("pooler", "bert.pooler")).isNull();
    }

    @Test
    void refusesWhatIsOutOfRangeOrContradictory() {
        refused(b -> b.rank(0), "rank (r): must be at least 1, not 0");
        refused(b -> b.alpha(Double.NaN), "alpha (lora_alpha): must be a positive number, not NaN");
        refused(b -> b.alpha(0), "alpha (lora_alpha)");
        refused(b -> b.dropout(1), "dropout (lora_dropout): must be in [0, 1), not 1.0");
        refused(b -> b.targets(new String[0]), "targets (target_modules): at least one is expected");
        refused(b -> b.rankPattern("query", -1), "rankPattern (rank_pattern).query: must be at least 1");
        refused(b -> b.rankPattern("(", 2), "rankPattern (rank_pattern): \"(\" is not a regular expression");
        refused(b -> b.alphaPattern("query", Double.POSITIVE_INFINITY), "alphaPattern (alpha_pattern).query");
        refused(b -> b.rank(3).initialization(Initialization.ORTHOGONAL), "must be even");
        refused(b -> b.layersPattern(List.of("layer")), "layersPattern (layers_pattern): needs layersToTransform");
        refused(b -> b.targetPattern(".*").layersToTransform(List.of(0)), "layersToTransform (layers_to_transform)");
        refused(b -> b.excludes(new ModuleSelection.AllLinear()), "excludes (exclude_modules)");
    }

    @Test
    void refusesWhatPeftHasNoMeaningFor() {
        refused(b -> b.loraBias(true).dora(true), "loraBias (lora_bias): does not go with dora (use_dora)");
        refused(b -> b.loraBias(true).initialization(Initialization.GAUSSIAN),
                "loraBias (lora_bias): does not go with the initialization GAUSSIAN");
        refused(b -> b.trainableTokens("word_embeddings", List.of(3, 3)),
                "trainableTokens (trainable_token_indices): different numbers from 0 on are expected for "
                        + "word_embeddings");
        refused(b -> b.trainableTokens("word_embeddings", List.of()), "trainableTokens (trainable_token_indices)");
        refused(b -> b.trainableTokens("word_embeddings", List.of(1)).trainableTokens(LoraConfig.INPUT_EMBEDDING,
                List.of(1)), "the input's embedding goes with no other one");
        assertThatThrownBy(() -> Scaling.custom(0)).isInstanceOf(InputException.class)
                .hasMessage("scaling: must be a positive number, not 0.0");
    }

    @Test
    void oneFunctionScales() {
        assertThat(LoraConfig.lora().targets("query").build().scaling(64, 16)).isEqualTo(0.25f);
        assertThat(LoraConfig.rslora().targets("query").build().scaling(64, 16)).isEqualTo(2f);
        LoraConfig custom = LoraConfig.lora().targets("query").scaling(Scaling.custom(0.3)).build();
        assertThat(custom.scaling(64, 16)).isEqualTo(0.3f);
    }

    private static void refused(UnaryOperator<LoraConfigBuilder> change, String message) {
        assertThatThrownBy(() -> change.apply(LoraConfig.lora().targets("query")).build())
                .isInstanceOf(InputException.class).hasMessageContaining(message);
    }
}
