package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Cache;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every row has the bits that it has in its text alone and read at once: with a cache, in parts, whatever stands beside
 * it. Windows, soft caps, learned and rotary positions, T5's bias and cross-attention among the models.
 */
class CachedRowsFixtureTest {
    private static final int[] LENGTHS = {3, 11, 1, 7, 19, 5, 13};

    @ParameterizedTest
    @ValueSource(strings = {"gpt2_lm", "gptj_lm", "gpt_neox_lm", "llama", "llama_bf16", "mistral_lm", "qwen3_lm",
        "smollm3_lm", "phi3_lm", "gemma2_lm", "gemma3_lm", "t5_v1_1", "bart_lm"})
    void aRowHasTheBitsOfItsTextAlone(String name) {
        Model model = Model.load(RecordedModel.MODELS.resolve(name));
        Head head = model.head();
        boolean seq2seq = model.backbone() instanceof EncoderDecoder;
        int vocabulary = model.backbone().config().vocabularySize();
        List<int[]> texts = new ArrayList<>();
        List<int[]> sources = new ArrayList<>();
        for (int length : LENGTHS) {
            texts.add(IntStream.range(0, length).map(i -> (7 * i + 3 * length) % vocabulary).toArray());
            sources.add(IntStream.range(0, length + 2).map(i -> (5 * i + length) % vocabulary).toArray());
        }
        List<Tensor> alone = IntStream.range(0, texts.size())
                .mapToObj(i -> alone(model, head, texts.get(i), seq2seq ? sources.get(i) : null)).toList();
        int[] order = {4, 0, 6, 2, 5, 1, 3};
        Cache cache = new Cache(LENGTHS.length);
        int[] read = new int[LENGTHS.length];
        for (int step = 1; Arrays.stream(order).anyMatch(s -> read[s] < LENGTHS[s]); step++) {
            int most = 1 + step % 4;
            // an encoder is asked in the first pass, which has to be over all of them then
            int[] which = Arrays.stream(order).filter(s -> read[s] < LENGTHS[s]).toArray();
            List<int[]> parts = Arrays.stream(which).mapToObj(s -> Arrays.copyOfRange(texts.get(s), read[s],
                    Math.min(LENGTHS[s], read[s] + most))).toList();
            Batch batch = Batch.of(parts);
            batch = step == 1 && seq2seq
                    ? batch.withSource(Batch.of(Arrays.stream(which).mapToObj(sources::get).toList()))
                    : batch;
            try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
                Pass pass = batch.pass(tape, cache.of(which));
                Tensor logits = head.logits(pass, model.backbone().forward(pass, batch), batch).value();
                for (int i = 0; i < which.length; i++) {
                    int length = parts.get(i).length;
                    assertThat(logits.rows(batch.offsets()[i], batch.offsets()[i + 1]).toArray())
                            .as("text %d, from token %d", which[i], read[which[i]])
                            .isEqualTo(alone.get(which[i]).rows(read[which[i]], read[which[i]] + length).toArray());
                    read[which[i]] += length;
                }
            }
        }
    }

    private static Tensor alone(Model model, Head head, int[] text, int[] source) {
        Batch batch = Batch.of(List.of(text));
        batch = source == null ? batch : batch.withSource(Batch.of(List.of(source)));
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            Pass pass = batch.pass(tape);
            Variable hidden = model.backbone().forward(pass, batch);
            return head.logits(pass, hidden, batch).value().copy();
        }
    }
}
