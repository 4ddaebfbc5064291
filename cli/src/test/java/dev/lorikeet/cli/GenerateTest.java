package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.lora.Initialization;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.ModuleSelection;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code lorikeet generate} and {@code chat}, by a Llama of random weights. */
class GenerateTest {
    private static final Path LLAMA = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "language_models",
            "llama");
    private static final String CAT = "the cat";

    @TempDir
    static Path directory;

    private static String model = "";

    @BeforeAll
    static void aModelThatTalks() throws IOException {
        Path own = Files.createDirectory(directory.resolve("talker"));
        try (Stream<Path> files = Files.list(LLAMA)) {
            for (Path file : files.toList()) {
                Files.copy(file, own.resolve(file.getFileName()));
            }
        }
        Files.writeString(own.resolve("chat_template.jinja"),
                "{% for message in messages %}{{ message.content }} {% endfor %}");
        model = own.toString();
        for (int seed = 1; seed <= 2; seed++) {
            TaskModel<?, ?, ?> whole = TaskModel.of(Model.load(own));
            Peft.save(Lora.attach(whole, LoraConfig.lora().targets(new ModuleSelection.AllLinear())
                    .initialization(Initialization.NONE).build(), seed), model, null,
                    directory.resolve(seed == 1 ? "one" : "two"));
        }
    }

    private static Map<String, Object> json(String line) {
        return Json.readObject(line, Path.of("out"));
    }

    @Test
    void aTextGoesToTheTerminalOrIsAnObject() {
        Outcome text = Outcome.of("generate", "--model", model, CAT, "--max-new-tokens", "8");
        assertThat(text.err()).isEmpty();
        assertThat(text.status()).isZero();
        Outcome line = Outcome.of("generate", "--model", model, "--json", CAT, "--max-new-tokens", "8");
        Map<String, Object> object = json(line.out());
        assertThat(object).containsEntry("text", CAT).containsEntry("completion_tokens", 8)
                .containsEntry("finish_reason", "length").containsKeys("prompt_tokens", "tokens_per_second")
                .containsEntry("generated_text", text.out().stripTrailing());
        Outcome several = Outcome.of("generate", "--model", model, "--json", CAT, "--seed", "3", "--max-new-tokens",
                "4",
                "--num-return-sequences", "3");
        assertThat((List<?>) json(several.out()).get("generated_texts")).hasSize(3);
    }

    @Test
    void promptsComeFromFilesAndStandardInput() throws IOException {
        String[] greedy = {"generate", "--model", model, "--max-new-tokens", "4"};
        Path prompt = Files.writeString(directory.resolve("prompt.txt"), "the cat\nthe dog\n");
        Path data = Files.writeString(directory.resolve("data.jsonl"), "{\"text\": \"the cat\", \"id\": 7}\n");
        String whole = Outcome.of(with(greedy, "the cat\nthe dog")).out();
        assertThat(Outcome.of(with(greedy, "--prompt-file", prompt.toString())).out()).isEqualTo(whole);
        assertThat(Outcome.ofInput(Files.readAllBytes(prompt), with(greedy, "--prompt-file", "-")).out())
                .isEqualTo(whole);
        String cat = Outcome.of(with(greedy, CAT)).out();
        assertThat(Outcome.ofInput("the cat\n".getBytes(StandardCharsets.UTF_8), greedy).out()).isEqualTo(cat);
        Path out = directory.resolve("out.jsonl");
        assertThat(Outcome.of(with(greedy, "--data", data.toString(), "--output", out.toString())).status()).isZero();
        assertThat(json(Files.readString(out))).containsEntry("id", 7).containsEntry("generated_text",
                cat.stripTrailing());
        Files.writeString(prompt, "the cat\n\n" + "the dog ".repeat(400) + "\n");
        Outcome tooLong = Outcome.of(with(greedy, "--data", prompt.toString()));
        assertThat(tooLong.status()).isEqualTo(2);
        assertThat(tooLong.err()).contains(prompt + ": line 3: prompt: has ", " tokens, and the model has ");
    }

    private static String[] with(String[] arguments, String... more) {
        return Stream.concat(Stream.of(arguments), Stream.of(more)).toArray(String[]::new);
    }

    @Test
    void eachOfSeveralAdaptersAnswers() {
        String one = directory.resolve("one").toString();
        String two = directory.resolve("two").toString();
        Map<String, Object> both = json(Outcome.of("generate", "--adapter", one, "--adapter", two, "--json", CAT,
                "--max-new-tokens", "8").out());
        Map<?, ?> answers = (Map<?, ?>) both.get("adapters");
        assertThat(answers.keySet()).hasToString("[one, two]");
        for (String name : List.of("one", "two")) {
            assertThat(((Map<?, ?>) answers.get(name)).get("generated_text")).isEqualTo(Outcome.of("generate",
                    "--adapter", directory.resolve(name).toString(), CAT, "--max-new-tokens", "8").out()
                    .stripTrailing());
        }
        Outcome.of("generate", "--adapter", one, "--adapter", one, CAT)
                .requireRefusal("another one is called one, too");
    }

    @Test
    void chatRemembersForgetsAndChangesAdapters() {
        String[] chat = {"chat", "--model", model, "--max-new-tokens", "3", "--adapter",
            directory.resolve("one").toString()};
        List<String> answers = talk("the cat\nthe cat\n/reset\nthe cat\n/adapter none\n/reset\nthe cat\n/adapter two\n"
                + "/wrong\n/exit\nthe cat\n", chat);
        assertThat(answers).hasSize(9);
        assertThat(answers.get(1)).as("it has read the first answer").isNotEqualTo(answers.get(0));
        assertThat(answers.get(2)).isEqualTo("(forgotten)");
        assertThat(answers.get(3)).isEqualTo(answers.get(0));
        assertThat(answers.get(4)).isEqualTo("(by the model alone from here on)");
        assertThat(answers.get(6)).isEqualTo(talk("the cat\n", "chat", "--model", model, "--max-new-tokens", "3")
                .getFirst());
        assertThat(answers.get(7)).isEqualTo("(there is no adapter two; by none, of one and none)");
        assertThat(answers.get(8)).isEqualTo("(there is no /wrong; /help tells what there is)");
        assertThat(talk("the \\\ncat\n", chat)).hasSize(1);
        // 32 positions
        assertThat(Outcome.ofInput("the cat the cat the cat\n".repeat(4).getBytes(StandardCharsets.UTF_8), chat).err())
                .contains("(the model reads 32 tokens: the first ");
    }

    private static List<String> talk(String lines, String... arguments) {
        Outcome outcome = Outcome.ofInput(lines.getBytes(StandardCharsets.UTF_8), arguments);
        assertThat(outcome.status()).as(outcome.err()).isZero();
        return outcome.out().lines().toList();
    }

    @Test
    void refusesWhatIsNotThere() {
        Outcome.of("generate", CAT).requireRefusal("--model: is missing, or an --adapter that names its base");
        Outcome.of("generate", "--model", model, CAT, "--top-p", "2")
                .requireRefusal("--top-p: must be a number in [0, 1], not \"2\"");
        Outcome.of("generate", "--model", model, CAT, "--num-beams", "2", "--stop-strings", "x")
                .requireRefusal("stop-strings: go without num-beams");
        Outcome.of("generate", "--model", LLAMA.resolveSibling("bert").toString(), CAT)
                .requireRefusal("which is no language model that writes");
        Outcome.of("chat", "--model", LLAMA.toString()).requireRefusal("has no chat template");
    }
}
