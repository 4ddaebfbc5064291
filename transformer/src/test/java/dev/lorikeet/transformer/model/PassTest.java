package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Cache;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a pass through a backbone keeps, and for how long. */
class PassTest {
    private static final int MANY = 30;
    private static final int[][] TEXTS = {{4, 7, 1, 9, 2, 2}, {5, 3, 8, 6}};

    /** Models of one layer, and of as many more with the same weights. */
    private enum Kind {
        BERT(TinyBert.CONFIG, "encoder.layer.", "num_hidden_layers\": 2"),
        GPT2(TinyModel.GPT2, "h.", "n_layer\": 1"),
        LLAMA(TinyModel.LLAMA, "layers.", "num_hidden_layers\": 1");

        private final String config;
        private final String layers;
        private final String count;

        Kind(String config, String layers, String count) {
            this.config = config;
            this.layers = layers;
            this.count = count;
        }

        private Map<String, Tensor> one() {
            Map<String, Tensor> tensors = switch (this) {
                case BERT -> TinyBert.tensors();
                case GPT2 -> TinyModel.gpt2("");
                case LLAMA -> TinyModel.llama("");
            };
            tensors.keySet().removeIf(name -> name.startsWith(layers + "1."));
            return tensors;
        }

        Backbone load(Path directory, int number) {
            Map<String, Tensor> tensors = new TreeMap<>(one());
            for (int i = 1; i < number; i++) {
                String path = layers + i + ".";
                one().forEach((name, tensor) -> tensors.put(name.replace(layers + "0.", path), tensor));
            }
            TinyModel.write(directory, config.replace(count, count.replaceFirst(".$", String.valueOf(number))),
                    tensors);
            return Model.load(directory).backbone();
        }
    }

    /** The memory that a pass for inference has taken at its peak: no more is ever in the workspace. */
    private static long peak(Backbone model) {
        Workspace workspace = new Workspace();
        try (Tape tape = Tape.inference(Cpu.shared(), workspace)) {
            model.forward(tape, Batch.of(List.of(TEXTS)));
        }
        return workspace.elements();
    }

    @ParameterizedTest
    @EnumSource
    void aPassThroughManyLayersTakesTheMemoryOfOne(Kind kind, @TempDir Path directory) {
        long one = peak(kind.load(directory, 1));
        assertThat(one).isPositive();
        assertThat((double) peak(kind.load(directory, MANY))).isLessThanOrEqualTo(1.3 * one);
    }

    /** They stay, while those that nobody asked for go. */
    @ParameterizedTest
    @EnumSource
    void hiddenStatesThatAreAskedForStay(Kind kind, @TempDir Path directory) {
        Backbone model = kind.load(directory, 3);
        Batch batch = Batch.of(List.of(TEXTS));
        model.unfreeze();
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace());
                Tape training = Tape.training(Cpu.shared(), new Workspace())) {
            List<Variable> states = model.hiddenStates(batch.pass(tape), batch);
            List<Variable> kept = model.hiddenStates(batch.pass(training), batch);
            assertThat(states).hasSize(4);
            for (int i = 0; i < states.size(); i++) {
                assertThat(states.get(i).value().toArray()).as("state %d", i).isEqualTo(kept.get(i).value().toArray());
            }
            assertThat(model.forward(tape, batch).value().toArray()).isEqualTo(kept.getLast().value().toArray());
        }
    }

    /** A text token by token, and two texts in parts: the logits have the bits of the whole. */
    @ParameterizedTest
    @EnumSource(names = {"GPT2", "LLAMA"})
    void decodingWithACacheGivesTheLogitsOfTheWholePass(Kind kind, @TempDir Path directory) {
        Map<String, Tensor> tensors = kind == Kind.GPT2 ? TinyModel.gpt2("transformer.") : TinyModel.llama("model.");
        if (kind == Kind.LLAMA) {
            TinyBert.add(tensors, "lm_head.weight 10 8");
        }
        TaskModel<?, ?, ?> model = TinyModel.load(directory, kind.config, tensors);
        Tensor whole;
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            whole = model.logits(tape, Batch.of(List.of(TEXTS))).value().copy();
        }
        requireSame(model, new int[][] {TEXTS[0]}, new int[][] {{1}, {1}, {1}, {1}, {1}, {1}}, whole);
        requireSame(model, TEXTS, new int[][] {{3, 1}, {1, 1}, {2, 2}}, whole);
    }

    /** Windows, caps, rotary positions of every kind and a bias by distance: each has the bits of the whole. */
    @ParameterizedTest
    @ValueSource(strings = {"gptj_lm", "gpt_neox_lm", "mistral_lm", "qwen3_lm", "phi3_lm", "gemma2_lm", "t5_v1_0",
        "bart_lm"})
    void everyDecoderDecodesWithACache(String name) {
        Backbone model = Model.load(RecordedModel.MODELS.resolve(name)).backbone();
        int[] text = IntStream.range(3, 25).toArray();
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            Pass.Memory memory = model instanceof EncoderDecoder both
                    ? both.encode(tape, Batch.of(List.of(new int[] {4, 5, 6})))
                    : null;
            Batch all = Batch.of(List.of(text));
            Tensor whole = model.forward(new Pass(tape, all.pass(tape).rows(), null, memory), all).value();
            Cache cache = new Cache(1);
            for (int from = 0; from < text.length;) {
                int to = Math.min(text.length, from + 1 + from % 3);
                Batch more = Batch.of(List.of(Arrays.copyOfRange(text, from, to)));
                Pass pass = new Pass(tape, cache.next(more.offsets()), cache, memory);
                assertThat(model.forward(pass, more).value().toArray()).as("behind %d tokens", from)
                        .isEqualTo(whole.rows(from, to).toArray());
                from = to;
            }
        }
    }

    /** @param parts how many tokens each pass reads of each text */
    private static void requireSame(TaskModel<?, ?, ?> model, int[][] texts, int[][] parts, Tensor whole) {
        Cache cache = new Cache(texts.length);
        for (int[] part : parts) {
            int[][] more = new int[texts.length][];
            for (int s = 0; s < texts.length; s++) {
                more[s] = Arrays.copyOfRange(texts[s], cache.length(s), cache.length(s) + part[s]);
            }
            int[] first = {cache.length(0), TEXTS[0].length + (texts.length > 1 ? cache.length(1) : 0)};
            try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
                Batch batch = Batch.of(List.of(more));
                Tensor logits = model.logits(batch.pass(tape, cache), batch).value();
                for (int s = 0; s < texts.length; s++) {
                    assertThat(logits.rows(batch.offsets()[s], batch.offsets()[s + 1]).toArray())
                            .as("text %d behind %d tokens", s, cache.length(s))
                            .isEqualTo(whole.rows(first[s], first[s] + part[s]).toArray());
                }
            }
        }
        assertThat(cache.length(0)).isEqualTo(texts[0].length);
    }

    @Test
    void refusesMoreTokensThanPositionsAndPassesOverOtherRows(@TempDir Path directory) {
        Backbone model = Kind.GPT2.load(directory, 1);
        Batch batch = Batch.of(List.of(TEXTS));
        Cache cache = new Cache(2);
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            model.forward(batch.pass(tape, cache), batch);
            Batch one = Batch.of(List.of(new int[] {1}, new int[] {2}));
            assertThatThrownBy(() -> model.forward(one.pass(tape, cache), one))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("gpt2: sequence 0 has 7 tokens, the model has 6 positions");
            assertThatThrownBy(() -> model.forward(one.pass(tape), batch)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("gpt2: a pass over sequences that begin at [0, 1, 2], in the batch at [0, 6, 10]");
            assertThat(cache.length(0)).as("after passes that were refused").isEqualTo(6);
        }
    }
}
