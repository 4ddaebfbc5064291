package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareTest {
    @TempDir
    private Path directory;

    @Test
    void runsSideBySide() throws IOException {
        TinyTask task = TinyTask.in(directory);
        Path one = directory.resolve("one");
        Path other = directory.resolve("the other");
        Path test = Files.writeString(directory.resolve("test2.tsv"), Files.readString(task.test()).replace("cat",
                "dog"));
        assertThat(Outcome.of(task.finetune(one, "--rank", "2")).err()).isEmpty();
        assertThat(Outcome.of(task.finetune(other, "--method", "lora", "--seed", "3", "--epochs", "2",
                "--no-probe")).err()).isEmpty();

        Outcome alone = Outcome.of("compare", one.toString());
        assertThat(alone.out().lines().toList()).hasSize(4).first().asString()
                .matches(" +accuracy +macro F1 +loss +trained +time +epochs");
        Outcome both = Outcome.of("compare", one.toString(), other.toString());
        assertThat(both.err()).isEmpty();
        List<String> lines = both.out().lines().map(line -> line.strip().replaceAll(" {2,}", "|")).toList();
        assertThat(lines.get(1)).startsWith(one + "|").endsWith("|4 of 4");
        assertThat(lines.get(2)).startsWith(other + "|").endsWith("|2 of 2");
        assertThat(lines).contains("majority class|50.0 %", "Settings that differ", one + "|" + other,
                "method.name|\"rslora\"|\"lora\"", "method.rank|2|8", "training.epochs|4|2", "training.seed|1|3",
                "training.probe|true|false").noneMatch(line -> line.contains("other examples"))
                .noneMatch(line -> line.startsWith("compute."));

        List<String> json = Outcome.of("compare", "--json", one.toString(), other.toString()).out().lines().toList();
        assertThat(json).hasSize(2);
        JsonObject second = new JsonObject(other, "", Json.readLine(json.getLast(), other, 1));
        assertThat(second.string("run")).isEqualTo(other.toString());
        JsonObject evaluated = new JsonObject(other, "", Json.readLine(
                Outcome.of("evaluate", "--run", other.toString(), "--json").out(), other, 1));
        for (String name : List.of("accuracy", "f1_macro", "matthews", "loss")) {
            assertThat(second.number(name)).as(name).isEqualTo(evaluated.number(name));
        }
        assertThat(second.object("recipe").object("training").integer("seed")).isEqualTo(3);

        assertThat(Outcome.of(task.finetune(other, "--test", test.toString(), "--force")).err()).isEmpty();
        assertThat(Outcome.of("compare", one.toString(), other.toString()).out())
                .contains("The runs were tested with other examples");
        Outcome.of("compare", one.toString(), directory.resolve("typo").toString())
                .requireRefusal(directory.resolve("typo") + ": RUN: there is no such folder");
        Outcome.of("compare", task.model().toString())
                .requireRefusal(task.model() + ": RUN: holds no run with a finished epoch");
        Outcome without = Outcome.of("compare", one.toString(), task.model().toString());
        assertThat(without.out()).isEqualTo(alone.out());
        assertThat(without.err()).isEqualTo("lorikeet: " + task.model() + ": RUN: holds no run with a finished epoch, "
                + "left out\n");
    }
}
