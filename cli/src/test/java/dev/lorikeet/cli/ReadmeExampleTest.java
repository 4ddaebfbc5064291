package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.transformer.data.DataFile;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.generation.Generation;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.generation.Prompt;
import dev.lorikeet.transformer.hub.Hub;
import dev.lorikeet.transformer.hub.HubName;
import dev.lorikeet.transformer.hub.PullListener;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.training.Trainer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of README and other pages, as {@code SnippetsTest} sees to; README's example does what it says. */
class ReadmeExampleTest {
    static void main() {
        Dataset<String> train = DataFile.read(Path.of("train.tsv"), "text", "label");
        Dataset<String> test = DataFile.read(Path.of("test.tsv"), "text", "label", train.labels());
        Model base = Model.load("all-MiniLM-L6-v2"); // or a Hugging Face directory
        var model = TaskModel.of(base, Tasks.classification(train.labels()), 1);
        Lora.attach(model, LoraConfig.rslora().rank(8).alpha(16).targets("all-linear").build(), 1);
        Trainer.of(model).epochs(3).validation(test).run(train);
        model.save(Path.of("out/mine")); // out/mine/adapter opens in PEFT
        var tuned = TaskModel.load(Path.of("out/mine")).asClassifier();
        Prediction best = tuned.predict("a small domesticated animal").getFirst();
        System.out.println(best.label() + " " + best.probability());
    }

    /** Compiled alone: the model is large. {@code SmolLm2Test} has it write. */
    static void write() {
        var generator = Generator.of(Model.load("SmolLM2-135M-Instruct.Q4_1.gguf"));
        generator.stream("Once upon a time", generator.settings().sampling(0.8, 1)).forEach(System.out::print);
    }

    /** That of docs/generation.md, compiled alone. */
    static List<Generation> generate(List<String> texts) {
        var generator = Generator.of(Model.load("smollm2.gguf")); // or of a TaskModel with its adapter
        generator.generate("The capital of France is").text();

        var settings = generator.settings().sampling(0.8, 1).withMaxNewTokens(64).with(GenerationSettings.TOP_P, 0.9);
        generator.stream("Once upon a time", settings).forEach(System.out::print);

        List<Prompt> prompts = texts.stream().map(generator::prompt).toList(); // any lengths, without padding
        List<Generation> all = generator.generate(prompts, settings, (prompt, token, text) -> goesOn(prompt, text));
        return all;
    }

    private static boolean goesOn(int prompt, String text) {
        return prompt >= 0 && !text.isEmpty();
    }

    /** That of docs/models.md, compiled alone. */
    static Path pull() {
        Path files = Hub.standard().pull(HubName.of("Qwen/Qwen3-0.6B").orElseThrow(), PullListener.NONE);
        return files;
    }

    @Test
    @Tag("slow")
    void theExampleTrainsAndPredicts(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("train.tsv"), """
                text	label
                a young cat	animal
                a tall evergreen tree	plant
                any of several large birds of prey	animal
                an annual herb with yellow flowers	plant
                a breed of small dogs	animal
                a climbing vine with red berries	plant
                """);
        Files.writeString(directory.resolve("test.tsv"), "text\tlabel\na kind of horse\tanimal\na fern\tplant\n");
        Outcome outcome = Fork.of(directory, ReadmeExampleTest.class).end();
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out()).matches("(animal|plant) 0\\.\\d+(E-\\d)?\n");
        assertThat(directory.resolve("out/mine/adapter")).isDirectoryContaining("glob:**adapter_config.json")
                .isDirectoryContaining("glob:**adapter_model.safetensors");
    }
}
