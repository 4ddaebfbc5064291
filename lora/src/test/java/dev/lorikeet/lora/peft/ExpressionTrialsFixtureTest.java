package dev.lorikeet.lora.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters whose configuration has an expression that went wrong once: {@code trials}, with a README in each. */
class ExpressionTrialsFixtureTest {
    /** The repository's, whatever set other tests are given: a trial tells of one of its models. */
    private static final Path OWN = Path.of(System.getProperty("lorikeet.basedir", ""), "fixtures");

    @ParameterizedTest
    @CsvSource(textBlock = """
            fuzz-regex-of-java/subset,            llama-lm,    target_modules
            fuzz-regex-of-java/intersection,      llama-lm,    target_modules
            fuzz-regex-of-java/property,          llama-lm,    target_modules
            fuzz-regex-endless/adapter,           llama-lm,    target_modules
            fuzz-regex-endless/repeat,            llama-lm,    target_modules
            fuzz-regex-endless/stack,             llama-lm,    target_modules
            fuzz-pattern-unclosed-quote/adapter,  llama-lm,    rank_pattern
            fuzz-pattern-unclosed-quote/comment,  llama-lm,    alpha_pattern
            fuzz-pattern-unclosed-quote/layers,   gpt2-lm,     layers_pattern
            fuzz-layers-pattern-group/alternation, gpt2-lm,    layers_pattern
            fuzz-pissa-niter/adapter,             bert-seqcls, init_lora_weights
            """)
    void isRefusedByFileAndField(String trial, String base, String field) {
        Path adapter = trials().resolve(trial);
        TaskModel<?, ?, ?> model = base(base);
        assertThatThrownBy(() -> Peft.load(model, adapter)).isInstanceOf(InputException.class)
                .hasMessageStartingWith(adapter.resolve("adapter_config.json") + ": ")
                .hasMessageContaining(field)
                .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(500));
    }

    @Test
    void aGroupInLayersPatternIsNotTheNumber() {
        Tensor[] logits = List.of(trials().resolve("fuzz-layers-pattern-group/adapter"),
                OWN.resolve("peft").resolve("layers-pattern")).stream().map(adapter -> {
                    TaskModel<?, ?, ?> model = base("gpt2-lm");
                    Peft.load(model, adapter);
                    return Fixtures.logits(model, Batch.of(List.of(new int[] {1, 2, 3})));
                }).toArray(Tensor[]::new);
        Fixtures.assertSameBits("logits", logits[0], logits[1]);
    }

    private static Path trials() {
        return OWN.resolve("trials");
    }

    private static TaskModel<?, ?, ?> base(String name) {
        return TaskModel.of(Model.load(OWN.resolve("peft").resolve("bases").resolve(name)));
    }
}
