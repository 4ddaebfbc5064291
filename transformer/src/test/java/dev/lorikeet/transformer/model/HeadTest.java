package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Rows;
import dev.lorikeet.tensor.CrossEntropy;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.task.CausalLanguageModel;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeadTest {
    @TempDir
    private Path directory;
    private final Map<String, Tensor> gpt2 = TinyModel.gpt2("transformer.");
    private final Map<String, Tensor> llama = TinyModel.llama("model.");
    private final Map<String, Tensor> roberta = TinyModel.roberta();

    private TaskModel<?, ?, ?> gpt2() {
        return TinyModel.load(directory, TinyModel.GPT2, gpt2);
    }

    private TaskModel<?, ?, ?> llama() {
        return TinyModel.load(directory, TinyModel.LLAMA, llama);
    }

    private static float[] logits(TaskModel<?, ?, ?> model, int[]... sequences) {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            return model.logits(tape, Batch.of(List.of(sequences))).value().toArray();
        }
    }

    @Test
    void theConfigDecidesTheClass() {
        TaskModel<?, ?, ?> causal = gpt2();
        assertThat(causal.head()).isInstanceOf(CausalHead.class);
        assertThat(causal.head().className()).isEqualTo("GPT2LMHeadModel");
        assertThat(causal.backbone()).isInstanceOf(Gpt2Model.class);
        assertThat(causal.find("transformer")).isSameAs(causal.backbone());
        TaskModel<?, ?, ?> masked = TinyModel.load(directory, TinyModel.ROBERTA, roberta);
        assertThat(masked.head()).isInstanceOf(MaskedHead.class);
        assertThat(masked.head().className()).isEqualTo("RobertaForMaskedLM");
        assertThat(masked.namedParameters().keySet()).containsExactlyInAnyOrderElementsOf(roberta.keySet());
        TinyBert.add(llama, "score.weight 2 8");
        TinyBert.add(llama, "score.bias 2");
        TaskModel<?, ?, ?> tokens = TinyModel.load(directory,
                TinyModel.LLAMA.replace("CausalLM", "TokenClassification"), llama);
        assertThat(tokens.head()).isInstanceOf(TokenHead.class);
        assertThat(logits(tokens, new int[] {1, 2, 3})).hasSize(6);
    }

    /** As {@code safetensors.torch.save_model} writes what is shared, under the name that comes first. */
    @Test
    void aTiedTableMayStandInTheFileUnderTheHeadsNameAlone() {
        float[] ofGpt2 = logits(gpt2(), new int[] {1, 2, 3});
        gpt2.put("lm_head.weight", gpt2.remove("transformer.wte.weight"));
        assertThat(logits(gpt2(), new int[] {1, 2, 3})).isEqualTo(ofGpt2);
        assertThat(Model.load(directory).backbone().words().weight().value().toArray())
                .isEqualTo(gpt2.get("lm_head.weight").toArray());
        float[] ofRoberta = logits(TinyModel.load(directory, TinyModel.ROBERTA, roberta), new int[] {5, 2, 3});
        roberta.put("lm_head.decoder.weight", roberta.remove("roberta.embeddings.word_embeddings.weight"));
        assertThat(logits(TinyModel.load(directory, TinyModel.ROBERTA, roberta), new int[] {5, 2, 3}))
                .isEqualTo(ofRoberta);
        llama.put("lm_head.weight", llama.remove("model.embed_tokens.weight"));
        assertThatThrownBy(this::llama).as("Llama's head is not tied").isInstanceOf(InputException.class)
                .hasMessageEndingWith("model.embed_tokens.weight: there is no tensor of this name");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "model_type": "gpt2"   | "model_type": "xlnet"   | model_type: "xlnet" is not one of bert, roberta, distilbert, electra, deberta-v2, albert, gpt2, gptj, gpt_neox, llama, mistral, qwen2, qwen3, smollm3, phi3, gemma2, gemma3_text, t5, bart
            "model_type": "gpt2",  | ``                      | model_type: is missing, a string is expected
            "GPT2LMHeadModel"      | "GPT2DoubleHeadsModel"  | architectures: "GPT2DoubleHeadsModel" is not one of GPT2ForQuestionAnswering, GPT2ForSequenceClassification, GPT2ForTokenClassification, GPT2LMHeadModel
            "GPT2LMHeadModel"      | "LlamaForCausalLM"      | architectures: "LlamaForCausalLM" is not one of GPT2ForQuestionAnswering, GPT2ForSequenceClassification, GPT2ForTokenClassification, GPT2LMHeadModel
            "GPT2LMHeadModel"      | "A", "B"                | architectures: one name is expected, not ["A", "B"]
            "GPT2LMHeadModel"      | ``                      | architectures: one name is expected, not []
            ["GPT2LMHeadModel"]    | null                    | architectures: is null, a list is expected
            """)
    void refusesClassesThatItDoesNotKnow(String from, String to, String expected) {
        assertThat(TinyModel.GPT2).contains(from);
        assertThatThrownBy(() -> TinyModel.load(directory, TinyModel.GPT2.replace(from, to), gpt2))
                .isInstanceOf(InputException.class).hasMessage(directory.resolve("config.json") + ": " + expected);
    }

    @Test
    void readsAFileOfTheBaseAloneAndOldBuffers() {
        float[] expected = logits(gpt2(), new int[] {1, 2});
        Map<String, Tensor> bare = TinyModel.gpt2("");
        gpt2.forEach((name, tensor) -> bare.put(name.substring("transformer.".length()), tensor));
        TinyBert.add(bare, "h.0.attn.bias 1 1 6 6");
        TinyBert.add(bare, "h.0.attn.masked_bias 1");
        TaskModel<?, ?, ?> model = TinyModel.load(directory, TinyModel.GPT2, bare);
        assertThat(logits(model, new int[] {1, 2})).isEqualTo(expected);
        assertThat(model.namedParameters().keySet()).containsExactlyInAnyOrderElementsOf(gpt2.keySet());
    }

    @Test
    void aBaseModelLeavesTheHeadBehind() {
        TinyModel.write(directory, TinyModel.ROBERTA, roberta);
        Backbone base = Model.load(directory).backbone();
        assertThat(base).isInstanceOf(RobertaModel.class);
        assertThat(base.namedParameters()).hasSize(roberta.size() - 5);
    }

    @Test
    void refusesTensorsThatBelongToNothing() {
        TinyBert.add(llama, "lm_head.weight 10 8");
        TinyBert.add(llama, "model.layers.0.self_attn.q_proj.bias 8");
        assertThatThrownBy(this::llama).isInstanceOf(InputException.class)
                .hasMessage(directory.resolve("model.safetensors") + ": model.layers.0.self_attn.q_proj.bias: "
                        + "the model of config.json has no such tensor");
    }

    @Test
    void aHeadIsTiedUnlessTheConfigOrTheFileSaysOtherwise() {
        assertThat(gpt2().namedParameters()).doesNotContainKey("lm_head.weight");
        gpt2.put("lm_head.weight", gpt2.get("transformer.wte.weight"));
        float[] tied = logits(gpt2(), new int[] {1, 2});
        assertThat(gpt2().namedParameters()).as("the same twice").doesNotContainKey("lm_head.weight");
        TaskModel<?, ?, ?> apart = TinyModel.load(directory,
                TinyModel.GPT2.replace("\"n_layer\"", "\"tie_word_embeddings\": false, \"n_layer\""), gpt2);
        assertThat(apart.namedParameters()).containsKey("lm_head.weight");
        assertThat(logits(apart, new int[] {1, 2})).isEqualTo(tied);
        TinyBert.add(gpt2, "lm_head.weight 10 8");
        assertThat(gpt2().namedParameters()).as("different ones").containsKey("lm_head.weight");
        assertThat(logits(gpt2(), new int[] {1, 2})).isNotEqualTo(tied);
        assertThatThrownBy(this::llama).as("Llama's is not tied").isInstanceOf(InputException.class)
                .hasMessageStartingWith(
                        directory.resolve("model.safetensors") + ": lm_head.weight: there is no tensor");
    }

    @Test
    void aMaskedHeadIsTiedUnlessTheConfigOrTheFileSaysOtherwise() {
        float[] tied = logits(masked(true), new int[] {5, 2, 3});
        roberta.put("lm_head.decoder.weight", roberta.get("roberta.embeddings.word_embeddings.weight"));
        roberta.put("lm_head.decoder.bias", roberta.get("lm_head.bias"));
        assertThat(masked(true).namedParameters()).as("the same twice").doesNotContainKey("lm_head.decoder.weight");
        assertThat(masked(false).namedParameters()).containsKeys("lm_head.decoder.weight", "lm_head.decoder.bias",
                "lm_head.bias");
        assertThat(logits(masked(false), new int[] {5, 2, 3})).isEqualTo(tied);
        roberta.remove("lm_head.decoder.bias");
        assertThat(logits(masked(false), new int[] {5, 2, 3})).as("as files of transformers 4 have it").isEqualTo(tied);
        TinyBert.add(roberta, "lm_head.decoder.bias 10");
        assertThat(logits(masked(false), new int[] {5, 2, 3})).isNotEqualTo(tied);
        assertThatThrownBy(() -> masked(true)).isInstanceOf(InputException.class).hasMessage(directory.resolve(
                "model.safetensors") + ": lm_head.decoder.bias: differs from the tensor that it is tied to");
        TinyBert.add(roberta, "lm_head.decoder.weight 10 8");
        assertThat(masked(true).namedParameters()).as("different ones").containsKey("lm_head.decoder.weight");
        roberta.remove("lm_head.decoder.weight");
        assertThatThrownBy(() -> masked(false)).isInstanceOf(InputException.class).hasMessage(directory.resolve(
                "model.safetensors") + ": lm_head.decoder.weight: there is no tensor of this name");
    }

    private TaskModel<?, ?, ?> masked(boolean tied) {
        return TinyModel.load(directory, tied ? TinyModel.ROBERTA
                : TinyModel.ROBERTA.replace("\"vocab_size\"", "\"tie_word_embeddings\": false, \"vocab_size\""),
                roberta);
    }

    /** So that decoding with a cache can give the bits of the whole sequence. */
    @Test
    void aDecodersRowDependsOnTheTokensBeforeItAlone() {
        TinyBert.add(llama, "lm_head.weight 10 8");
        for (TaskModel<?, ?, ?> model : List.of(gpt2(), llama())) {
            float[] whole = logits(model, new int[] {7, 1}, new int[] {1, 2, 3, 4, 5});
            float[] beginning = logits(model, new int[] {1, 2, 3});
            assertThat(beginning).isEqualTo(Arrays.copyOfRange(whole, 20, 50));
        }
    }

    @Test
    void robertaCountsPositionsFromItsPaddingOn() {
        TaskModel<?, ?, ?> model = TinyModel.load(directory, TinyModel.ROBERTA, roberta);
        RobertaModel base = (RobertaModel) model.backbone();
        assertThat(base.positions(Rows.tokens(0, 4, 6), new int[] {2, 1, 3, 4, 1, 5}))
                .containsExactly(2, 1, 3, 4, 1, 2);
        assertThat(base.maxTokens()).isEqualTo(4);
        assertThatThrownBy(() -> logits(model, new int[] {2, 3, 4, 5, 6})).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("roberta: sequence 0 has 5 tokens, the model has 4 positions");
        assertThatThrownBy(() -> TinyModel.load(directory, TinyModel.ROBERTA.replace("\"pad_token_id\": 1",
                "\"pad_token_id\": 5"), roberta)).isInstanceOf(InputException.class)
                .hasMessage(directory.resolve("config.json") + ": max_position_embeddings: must be above "
                        + "pad_token_id + 1 = 6, where positions start, not 6");
    }

    /** As {@code nn.Embedding(padding_idx)}, even where the padding is a token of the text. */
    @Test
    void lookingUpPaddingTrainsNothing() {
        TinyModel.write(directory, TinyModel.ROBERTA, roberta);
        Backbone masked = Model.load(directory).backbone();
        assertThat(trainedRows(masked, "embeddings.word_embeddings.weight", 2, 1, 3)).containsExactly(2, 3);
        assertThat(trainedRows(masked, "embeddings.position_embeddings.weight", 2, 1, 3)).containsExactly(2, 3);
        TinyBert.add(llama, "lm_head.weight 10 8");
        assertThat(trainedRows(llama().backbone(), "embed_tokens.weight", 2, 0, 3)).containsExactly(2, 3);
        assertThat(trainedRows(gpt2().backbone(), "wte.weight", 2, 0, 3)).as("GPT-2 has none").containsExactly(0, 2, 3);
    }

    /** The rows of a table that get a gradient from one sequence. */
    private static List<Integer> trainedRows(Backbone model, String name, int... ids) {
        model.unfreeze();
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            Variable hidden = model.forward(tape, Batch.of(List.of(ids)));
            Tensor probe = Tensor.zeros(ids.length, 8);
            Random.fillNormal(probe, 1f, Random.key(1, "probe"));
            tape.backward(Losses.weightedSum(tape, hidden, probe));
        }
        Tensor gradient = model.namedParameters().get(name).gradientOrThrow();
        return IntStream.range(0, gradient.dim(0))
                .filter(row -> IntStream.range(0, 8).anyMatch(i -> gradient.get(row, i) != 0)).boxed().toList();
    }

    @Test
    void checkpointedLayersGiveTheSameBits() {
        TinyBert.add(llama, "lm_head.weight 10 8");
        for (TaskModel<?, ?, ?> model : List.of(TinyModel.load(directory, TinyModel.ROBERTA, roberta), gpt2(),
                llama())) {
            Map<String, float[]> plain = gradients(model);
            model.backbone().gradientCheckpointing(true);
            Map<String, float[]> checkpointed = gradients(model);
            assertThat(checkpointed.keySet()).isEqualTo(plain.keySet());
            plain.forEach((name, gradient) -> assertThat(checkpointed.get(name)).as(name).isEqualTo(gradient));
        }
    }

    private static Map<String, float[]> gradients(TaskModel<?, ?, ?> model) {
        model.unfreeze();
        Batch batch = Batch.of(List.of(new int[] {2, 3, 4}, new int[] {5, 6}));
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            tape.backward(model.loss(tape, Encoded.of(batch, new int[] {3, 4, 5, 6, 7})));
        }
        Map<String, float[]> gradients = new LinkedHashMap<>();
        model.namedParameters().forEach((name, parameter) -> {
            gradients.put(name, parameter.gradientOrThrow().toArray());
            parameter.clearGradient();
        });
        return gradients;
    }

    @Test
    void decodersRefuseSegmentsAndSequencesThatAreTooLong() {
        TinyBert.add(llama, "lm_head.weight 10 8");
        for (TaskModel<?, ?, ?> model : List.of(gpt2(), llama())) {
            String type = model.backbone().architecture().modelType();
            assertThatThrownBy(() -> logits(model, new int[7])).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(type + ": sequence 0 has 7 tokens, the model has 6 positions");
            try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
                assertThatThrownBy(() -> model.logits(tape, new Batch(new int[2], new int[] {0, 1}, new int[] {0, 2})))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage(type + ": segment 1, the model has no embeddings of segments");
            }
        }
    }

    @Test
    void aCausalLossComparesEachRowWithTheNextToken() {
        Batch batch = Batch.of(List.of(new int[] {1, 2, 3}, new int[] {4}, new int[] {5, 6}));
        int[] labels = {7, CrossEntropy.IGNORED, 3, 4, 5, 6};
        CausalLanguageModel<String> task = Tasks.causalLanguageModel();
        List<Encoded> examples = Encoded.of(batch, labels);
        assertThat(examples).extracting(task::count).containsExactly(1, 0, 1);
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            Tensor logits = Tensor.zeros(6, 10);
            logits.data()[1 * 10 + 3] = 100; // row 1 foresees token 3 and row 4 token 6, the others are not asked
            logits.data()[4 * 10 + 6] = 100;
            assertThat(task.loss(tape, Variable.constant(logits), examples, 2).item()).isZero();
        }
        assertThatThrownBy(() -> Encoded.of(batch, new int[4])).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("loss: 4 labels for 6 tokens of 3 sequences");
    }
}
