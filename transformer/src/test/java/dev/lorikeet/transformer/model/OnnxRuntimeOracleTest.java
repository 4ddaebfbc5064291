package dev.lorikeet.transformer.model;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.data.Example;
import dev.lorikeet.transformer.data.WordNetGlosses;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The built-in models' last hidden states, beside those that ONNX Runtime computes from the original files. */
@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class OnnxRuntimeOracleTest {
    private static final double ERROR = 1e-5;
    private static final int HIDDEN = 384;
    private static final int SENTENCES = 100;
    private static final int LONGEST = 10;
    private static final int BATCH = 10;

    @ParameterizedTest
    @CsvSource({"all-MiniLM-L6-v2, /all-minilm-l6-v2.onnx", "bge-small-en-v1.5, /bge-small-en-v1.5.onnx",
        "e5-small-v2, /e5-small-v2.onnx"})
    void everyTokenOfAHundredSentencesHasTheSameHiddenState(String name, String resource) throws Exception {
        Model model = Model.load(name);
        List<int[]> sentences = sentences(model);
        try (OrtSession oracle = session(resource)) {
            for (int b = 0; b < SENTENCES / BATCH; b++) {
                // packed without padding, short ones beside long ones; the oracle gets them one by one
                List<int[]> together = new ArrayList<>();
                for (int i = b; i < SENTENCES; i += SENTENCES / BATCH) {
                    together.add(sentences.get(i));
                }
                Batch batch = Batch.of(together);
                Tensor hidden = hidden(model, batch);
                for (int s = 0; s < batch.sequences(); s++) {
                    RecordedModel.assertClose("hidden", hidden.rows(batch.offsets()[s], batch.offsets()[s + 1]),
                            hidden(oracle, together.get(s)), ERROR);
                }
            }
        }
    }

    /** Real definitions by length: the longest, and as many as are missing from the shortest to those. */
    private static List<int[]> sentences(Model model) {
        List<int[]> all = WordNetGlosses.split(0).train().examples().stream().map(Example::input)
                .map(text -> model.tokenizer().encode(text, model.backbone().maxTokens()).ids())
                .sorted(Comparator.comparingInt(ids -> ids.length)).toList();
        int others = all.size() - LONGEST;
        List<int[]> chosen = new ArrayList<>(all.subList(others, all.size()));
        for (int i = 0; chosen.size() < SENTENCES; i++) {
            chosen.add(all.get(i * others / (SENTENCES - LONGEST)));
        }
        return chosen;
    }

    private static OrtSession session(String resource) throws OrtException, IOException {
        try (InputStream onnx = OnnxRuntimeOracleTest.class.getResourceAsStream(resource);
                OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1); // its idle threads would spin and take the cores from ours
            return OrtEnvironment.getEnvironment().createSession(onnx.readAllBytes(), options);
        }
    }

    private static Tensor hidden(Model model, Batch batch) {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            return model.backbone().forward(tape, batch).value().copy();
        }
    }

    private static Tensor hidden(OrtSession oracle, int[] ids) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        long[][] tokens = {Arrays.stream(ids).asLongStream().toArray()};
        long[][] ones = {new long[ids.length]};
        Arrays.fill(ones[0], 1);
        try (OnnxTensor input = OnnxTensor.createTensor(environment, tokens);
                OnnxTensor mask = OnnxTensor.createTensor(environment, ones);
                OnnxTensor types = OnnxTensor.createTensor(environment, new long[1][ids.length]);
                OrtSession.Result result = oracle.run(
                        Map.of("input_ids", input, "attention_mask", mask, "token_type_ids", types))) {
            OnnxTensor hidden = (OnnxTensor) result.get("last_hidden_state").orElseThrow();
            return Tensor.of(hidden.getFloatBuffer().array(), ids.length, HIDDEN);
        }
    }
}
