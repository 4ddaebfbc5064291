package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.transformer.data.DataFile;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.training.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's example is this program, word for word, and it does what it says. */
class ReadmeExampleTest {
    private static final Path ROOT = Path.of(System.getProperty("lorikeet.basedir", ""));

    static void main() {
        // README: begin
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
        // README: end
    }

    @Test
    void theReadmeHasTheExample() throws IOException {
        String source = Files.readString(ROOT.resolve("cli/src/test/java/dev/lorikeet/cli/ReadmeExampleTest.java"));
        String example = source.lines().dropWhile(line -> !line.strip().equals("// README: begin")).skip(1)
                .takeWhile(line -> !line.strip().equals("// README: end"))
                .map(line -> line.replaceFirst("^ {8}", "") + "\n").reduce("", String::concat);
        assertThat(ROOT.resolve("README.md")).content()
                .contains("<!-- example -->\n```java\n" + example + "```\n<!-- /example -->\n");
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
