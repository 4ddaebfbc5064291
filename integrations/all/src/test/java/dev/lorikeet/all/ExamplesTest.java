package dev.lorikeet.all;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.weights.BuiltInModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each program of {@code examples} as its own first lines say to run it, with the jar alone. */
@Tag("slow")
class ExamplesTest {
    private static final Path EXAMPLES = Path.of(System.getProperty("lorikeet.basedir"), "examples");
    private static final String SMOLLM2 = "LORIKEET_SMOLLM2";

    @TempDir
    private Path work;

    /** Where there is no artefact of it on the class path, it is found in the cache. */
    @BeforeAll
    static void theModelIsInTheCache() {
        assertThat(BuiltInModels.directory("all-MiniLM-L6-v2")).isDirectory();
    }

    @Test
    void whatFineTuneLeavesClassifies() throws Exception {
        Files.writeString(work.resolve("train.csv"), """
                text,label
                a young cat,animal
                a tall evergreen tree,plant
                any of several large birds of prey,animal
                an annual herb with yellow flowers,plant
                """);
        assertThat(run("", "FineTune", "train.csv", "text", "label", "out"))
                .matches("4 examples of \\[animal, plant], last loss \\d\\.\\d{3}\\R");
        assertThat(run("", "Classify", "out", "a horse", "a fern").lines())
                .allMatch(line -> line.matches("(animal|plant) {14,15} 0\\.\\d{3}  a (horse|fern)")).hasSize(2);
    }

    @Test
    void searchFindsByMeaning() throws Exception {
        Files.writeString(work.resolve("notes.txt"), "buy milk\nthe meeting is on Friday\n\nthe cat is ill\n");
        assertThat(
                run("", "Search", "notes.txt", "an animal that needs a doctor").lines().map(line -> line.substring(7)))
                .containsExactly("the cat is ill", "buy milk", "the meeting is on Friday");
    }

    @Test
    void chatAnswersInATalk() throws Exception {
        assertThat(run("What is the capital of France?\n\n", "Chat", smolLm2())).contains("Paris");
    }

    /** What has not learned anything writes as the base does. */
    @Test
    void adaptersWriteBesideTheirBase() throws Exception {
        String base = smolLm2();
        TaskModel<?, ?, ?> fresh = TaskModel.of(Model.load(Path.of(base)), Tasks.causalLanguageModel(), 1);
        Lora.attach(fresh, LoraConfig.lora().rank(4).alpha(8).targets("q_proj", "v_proj").build(), 1);
        fresh.save(work.resolve("first"));
        String said = run("", "Adapters", base, "The capital of France is", "first/adapter");
        String[] texts = said.split("first/adapter:", -1);
        assertThat(texts).hasSize(2);
        assertThat(texts[0]).startsWith("__base__:").contains("Paris").endsWith(texts[1]);
    }

    @Test
    void allAreTried() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("FineTune.java",
                    "Classify.java", "Search.java", "Chat.java", "Adapters.java");
        }
    }

    private static String smolLm2() {
        String file = System.getenv(SMOLLM2);
        if (file == null) {
            abort(SMOLLM2 + " names no file: the examples with a language model WERE NOT TESTED");
        }
        return file;
    }

    /** What a program writes, given some text on its standard input. */
    private String run(String given, String name, String... arguments) throws Exception {
        Path source = EXAMPLES.resolve(name + ".java");
        assertThat(source).content().contains("<pre>java --add-modules jdk.incubator.vector -cp lorikeet-all.jar "
                + name + ".java ", "//DEPS dev.lorikeet:lorikeet-all:", "//JAVA 25");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--add-modules",
                "jdk.incubator.vector", "-cp", OneJar.PATH.toString(), source.toString()));
        command.addAll(List.of(arguments));
        Path in = Files.writeString(work.resolve("in"), given);
        Path out = work.resolve("out.txt");
        Path err = work.resolve("err.txt");
        int status = new ProcessBuilder(command).directory(work.toFile()).redirectInput(in.toFile())
                .redirectOutput(out.toFile()).redirectError(err.toFile()).start().waitFor();
        assertThat(status).as(Files.readString(err)).isZero();
        return Files.readString(out);
    }
}
