package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.transformer.generation.Generation;
import dev.lorikeet.transformer.generation.GenerationListener;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.generation.Prompt;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Prompts with adapters of their own in one batch write what each writes alone. */
class GenerationAdaptersTest {
    @Test
    void eachPromptOfABatchHasItsAdapter() {
        TaskModel<?, ?, ?> model = TaskModel.of(Model.load(Path.of(System.getProperty("lorikeet.fixtures", "fixtures"),
                "language_models", "llama")));
        LoraWeights first = weights(model, LoraConfig.lora(), 1);
        LoraWeights second = weights(model, LoraConfig.lora().dora(true), 2);
        AdapterSet set = AdapterSet.on(model.peftRoot());
        set.add("first", first);
        set.add("second", second);
        Generator generator = Generator.of(model).withAdapters(set::choose, AdapterSet.BASE);
        GenerationSettings settings = generator.settings().withMaxNewTokens(10)
                .with(GenerationSettings.EOS_TOKEN_ID, List.of());
        Prompt cat = Prompt.of(5, 9, 12);
        Prompt dog = Prompt.of(7, 6, 5, 17, 20);
        List<Prompt> all = List.of(cat, cat.with("first"), dog.with("second"), dog.with("first"), cat.with("second"));
        List<int[]> together = ids(generator, all, settings);
        for (int i = 0; i < all.size(); i++) {
            assertThat(ids(generator, all.subList(i, i + 1), settings).getFirst()).isEqualTo(together.get(i));
        }
        assertThat(together.stream().map(Arrays::toString).distinct()).hasSize(5);
        set.use("first");
        assertThat(ids(Generator.of(model), List.of(cat), settings).getFirst()).isEqualTo(together.get(1));
    }

    private static LoraWeights weights(TaskModel<?, ?, ?> model, LoraConfigBuilder config, long seed) {
        LoraAdapter adapter = Lora.attach(model, config.rank(4).alpha(8).targets(new ModuleSelection.AllLinear())
                .initialization(Initialization.NONE).build(), seed);
        LoraWeights weights = adapter.weights();
        adapter.detach();
        return weights;
    }

    private static List<int[]> ids(Generator generator, List<Prompt> prompts, GenerationSettings settings) {
        return generator.generate(prompts, settings, GenerationListener.NONE).stream().map(Generation::ids).toList();
    }
}
