package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every verb that prints results prints them as one JSON object, too, for programs. */
class JsonVerbsTest {
    @TempDir
    private Path directory;

    private JsonObject json(String... arguments) {
        Outcome outcome = Outcome.of(arguments);
        assertThat(outcome.err()).as(arguments[0]).isEmpty();
        assertThat(outcome.out()).hasLineCount(1);
        return new JsonObject(directory, arguments[0], Json.readLine(outcome.out(), directory, 1));
    }

    @Test
    void resultsAreJsonForPrograms() throws IOException {
        TinyTask task = TinyTask.in(directory);
        String run = directory.resolve("out").toString();
        assertThat(Outcome.of(task.finetune(Path.of(run), "--epochs", "1", "--no-probe")).err()).isEmpty();
        JsonObject preview = json("preview", "--json", "--recipe", task.recipe().toString(), "--examples", "2");
        assertThat(preview.object("train").integer("examples")).isEqualTo(24);
        assertThat(preview.object("train").integer("longest")).isEqualTo(5);
        assertThat(preview.list("labels")).isEqualTo(List.of("animal", "plant"));
        assertThat(preview.objects("examples")).hasSize(2).first().satisfies(example -> {
            assertThat(example.string("target")).isEqualTo("animal");
            assertThat(example.list("tokens")).isEqualTo(List.of(List.of("[CLS]", "a", "cat", "sleeps", "[SEP]")));
        });
        JsonObject model = json("inspect", "--json", task.model().toString());
        assertThat(model.object("config").string("model_type")).isEqualTo("bert");
        List<JsonObject> tensors = model.objects("tensors");
        assertThat(tensors.stream().mapToLong(tensor -> tensor.list("shape").stream()
                .mapToLong(size -> (Integer) size).reduce(1, (one, other) -> one * other)).sum())
                .isEqualTo(model.integer("parameters"));
        assertThat(model.integer("bytes")).isEqualTo(4 * model.integer("parameters"));
        JsonObject adapter = json("inspect", "--json", run);
        assertThat(adapter.string("base")).isEqualTo(task.model().toString());
        assertThat(adapter.object("config").integer("r")).isEqualTo(8);
        JsonObject merged = json("merge", "--json", "--run", run, "--out", directory.resolve("merged").toString());
        assertThat(merged.object("changes").fields()).hasSize(12)
                .allSatisfy((_, change) -> assertThat((Double) change).isBetween(0.0, 10.0));
        JsonObject doctor = json("doctor", "--json");
        assertThat(doctor.string("jdk")).startsWith("25");
        assertThat(doctor.list("models").contains("all-MiniLM-L6-v2")).isTrue();
        assertThat(json("compare", "--json", run).integer("epochs")).isEqualTo(1);
        assertThat(json("evaluate", "--json", "--run", run).integer("examples")).isEqualTo(12);
        assertThat(json("predict", "--json", "--run", run, "a cat").list("predictions")).hasSize(2);
    }
}
