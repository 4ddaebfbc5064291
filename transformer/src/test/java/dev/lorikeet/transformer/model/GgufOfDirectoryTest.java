package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.task.Embedder;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import dev.lorikeet.transformer.weights.DType;
import dev.lorikeet.transformer.weights.GgufFile;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A model of a Hugging Face directory, written as a GGUF file, is as good as its source. */
class GgufOfDirectoryTest {
    private static final Path FIXTURES = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"));
    private static final String TEMPLATE = "{% for message in messages %}{{ message['content'] }}{% endfor %}";
    /** Rows of no token, as real models have them. */
    private static final int MORE = 3;
    /** {@code tokenizer_config.json} of each kind of vocabulary. */
    private static final Map<String, Map<String, Object>> PARTS = Map.of(
            "bytelevel_gpt2", Map.of("bos_token", "<|endoftext|>", "eos_token", "<|endoftext|>"),
            "bytelevel_added", Map.of("eos_token", "<|endoftext|>"),
            "bytelevel_gpt2_prefix", Map.of("eos_token", "<|endoftext|>"),
            "qwen2", Map.of("eos_token", "<|im_end|>", "pad_token", "<|endoftext|>", "chat_template", TEMPLATE),
            "llama3", Map.of("bos_token", "<|begin_of_text|>", "eos_token", "<|eot_id|>"),
            "llama2", Map.of("bos_token", "<s>", "eos_token", "</s>", "unk_token", "<unk>"),
            "llama2_metaspace", Map.of("eos_token", "</s>"), "wordpiece_uncased", Map.of("mask_token", "[MASK]"),
            "wordpiece_cased", Map.of());

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"llama, llama2", "llama_tied, qwen2", "llama_bias, bytelevel_gpt2", "llama_rope_llama3, llama3",
        "llama_rope_linear, digits", "llama_bf16, llama3", "smollm2_lm, digits", "qwen2_lm, qwen2",
        "qwen3_lm, qwen2", "gpt2_lm, bytelevel_gpt2", "phi3_lm, llama2", "phi3_long_lm, llama2",
        "gemma2_lm, gemma", "gemma3_lm, gemma", "gpt_neox_lm, bytelevel_gpt2", "phi3_lm, phi3", "gpt_neox_lm, neox"})
    void answersAsItsSource(String name, String vocabulary) throws IOException {
        Path source = directory(name, vocabulary);
        if (name.startsWith("gemma")) { // a scale and windows that no model has
            changeConfig(source, "query_pre_attn_scalar", JsonObject.read(source.resolve("config.json")).integer(
                    "head_dim"));
            changeConfig(source, "layer_types", List.of("sliding_attention", name.startsWith("gemma3")
                    ? "sliding_attention"
                    : "full_attention"));
        }
        Model before = Model.load(source);
        Model after = Model.load(write(before, DType.F32));
        for (String text : texts(vocabulary)) {
            int[] ids = before.tokenizer().encode(text, 1000).ids();
            assertThat(after.tokenizer().encode(text, 1000).ids()).as(text).isEqualTo(ids);
            assertThat(after.tokenizer().decode(ids, true)).isEqualTo(before.tokenizer().decode(ids, true));
        }
        int rows = before.backbone().config().vocabularySize();
        int[] ids = IntStream.range(0, 24).map(i -> (i * 37 + 5) % rows).toArray();
        assertThat(logits(after, ids)).usingComparatorWithPrecision(1e-5f).containsExactly(logits(before, ids));
        assertThat(after.hash().equals(before.hash())).isEqualTo(!name.startsWith("gemma")); // whose norms are less 1
        assertThat(after.endToken()).isEqualTo(before.endToken());
        assertThat(after.specialTokensMap().names()).containsAllEntriesOf(before.specialTokensMap().names());
        assertThat(after.backbone().config().maxPositions()).isEqualTo(before.backbone().config().maxPositions());
    }

    @Test
    void theChatTemplateAndTheRestOfTheRowsAreThere() throws IOException {
        Model before = Model.load(directory("qwen2_lm", "qwen2"));
        Path written = write(before, DType.Q8_0);
        assertThat(Objects.requireNonNull(Model.load(written).chatTemplate()).source()).isEqualTo(TEMPLATE);
        try (GgufFile file = GgufFile.open(written)) {
            assertThat(file.values().strings("tokenizer.ggml.tokens")).hasSize(903 + MORE)
                    .endsWith("<|im_end|>", "[PAD903]", "[PAD904]", "[PAD905]");
            assertThat(file.values().integers("tokenizer.ggml.token_type")).endsWith(1, 3, 3, 3, 5, 5, 5);
            assertThat(file.values().string("tokenizer.ggml.pre")).isEqualTo("qwen2");
            assertThat(file.contains("output.weight")).isEqualTo(!before.ggufNames().tiesHead());
        }
    }

    @Test
    void anEncoderGivesTheStatesOfItsSource() throws IOException {
        Model before = Model.load(directory("bert_base", "wordpiece_uncased"));
        Model after = Model.load(write(before, DType.F32));
        for (String text : texts("wordpiece_uncased")) {
            int[] ids = before.tokenizer().encode(text, 1000).ids();
            assertThat(after.tokenizer().encode(text, 1000).ids()).as(text).isEqualTo(ids);
            int[] some = Arrays.copyOf(ids, Math.min(ids.length, before.backbone().maxTokens()));
            assertThat(states(after, some)).as(text).isEqualTo(states(before, some));
        }
        assertThat(after.specialTokensMap().names()).containsAllEntriesOf(before.specialTokensMap().names());
        Model first = Model.load(GgufOutputTest.pooled(directory.resolve("written.gguf"), 2, directory.resolve(
                "pooled.gguf")));
        float[] vector = Embedder.of(first, true).embed("a cat");
        assertThat(vector).isEqualTo(Embedder.of(after, EmbeddingHead.Pooling.CLS, true).embed("a cat"))
                .isNotEqualTo(Embedder.of(after, true).embed("a cat"));
        Path pooled = directory("bert_sequence", "wordpiece_uncased");
        changeConfig(pooled, "architectures", List.of("BertModel"));
        Model whole = Model.load(pooled);
        assertThat(whole.backbone().hasPooler()).isTrue();
        int[] ids = {5, 6, 7};
        assertThat(states(Model.load(write(whole, DType.F32)), ids)).isEqualTo(states(whole, ids));
    }

    private static float[] states(Model model, int[] ids) {
        try (Tape tape = Tape.inference(model.compute(), new Workspace())) {
            return model.backbone().forward(tape, Batch.of(List.of(ids))).value().toArray();
        }
    }

    /** What is written is read by llama.cpp as by ours: in pairs, with scores that say the merges. */
    @Test
    void theFormsAreThoseOfGguf() throws IOException {
        Path source = directory("llama", "llama2");
        Path written = write(Model.load(source), DType.F32);
        try (GgufFile file = GgufFile.open(written); TensorFile tensors = Safetensors.openDirectory(source)) {
            Tensor query = tensors.read("model.layers.0.self_attn.q_proj.weight"); // 8 heads of 6 rows
            Tensor stored = file.read("blk.0.attn_q.weight");
            assertThat(stored.rows(6, 12).toArray()).isEqualTo(IntStream.of(6, 9, 7, 10, 8, 11)
                    .mapToObj(row -> query.rows(row, row + 1)).map(Tensor::toArray).reduce(new float[0],
                            GgufOfDirectoryTest::joined));
            assertThat(file.values().integers("tokenizer.ggml.token_type")).startsWith(2, 3, 3, 6, 6);
            List<String> tokens = file.values().strings("tokenizer.ggml.tokens");
            float[] scores = file.values().numbers("tokenizer.ggml.scores");
            assertThat(scores[tokens.indexOf("\u2581a")]).isZero();
            assertThat(scores[tokens.indexOf("er")]).isEqualTo(-1);
            assertThat(file.values().flag("tokenizer.ggml.add_bos_token")).isTrue();
        }
    }

    @Test
    void whatHasNoFormInGgufIsRefusedByName() throws IOException {
        refuse("gemma2_lm", "gemma", "config.json: query_pre_attn_scalar: has no place in GGUF files, where it is 10 "
                + "for such a model");
        refuse("llama_sequence", "qwen2", "config.json: architectures: [\"LlamaForSequenceClassification\"] is not "
                + "written as a GGUF file, LlamaForCausalLM is");
        refuse("mistral_lm", "qwen2", "config.json: model_type: \"mistral\" has no GGUF files, these have: ");
        refuse("llama", "bytelevel_gpt2_prefix", "tokenizer.json: pre_tokenizer: has no name in GGUF files, those of "
                + "gpt-2, olmo, smollm, llama-bpe, qwen2 have");
        refuse("llama", "llama2_metaspace", "tokenizer.json: normalizer: has no name in GGUF files");
        refuse("gpt_neox_sequential_lm", "bytelevel_gpt2",
                "config.json: hidden_act: has no place in GGUF files, where it "
                        + "is gelu");
        refuse("llama", "bytelevel_added", "tokenizer.json: added_tokens[9].single_word: of \"single\" has no "
                + "place in GGUF files");
        refuse("llama", "overlaps", "tokenizer.json: added_tokens[1].normalized: \"        \" and \" lead\" may "
                + "overlap in a text");
        refuse("qwen2_lm", "without NFC", "tokenizer.json: normalizer: beside the pre-tokenizer of qwen2, GGUF files "
                + "have NFC");
        refuse("llama", "trained", "tokenizer.json: model.merges: GGUF files have scores in their place");
        refuse("llama", "strips", "tokenizer.json: added_tokens[2].rstrip: of \"</s>\" has no place in GGUF files");
        refuse("llama", "endless", "tokenizer.json: added_tokens: has no \"<stop>\", the eos_token of the tokenizer");
        refuse("bert_base", "wordpiece_cased",
                "tokenizer.json: normalizer: beside WordPiece, GGUF files have BERT's of "
                        + "lower case");
        Path pieces = directory("bert_base", "wordpiece_uncased");
        Map<String, Object> unigram = new LinkedHashMap<>(Json.readObject(FIXTURES.resolve("tokenizers").resolve(
                "unigram_t5").resolve("tokenizer.json")));
        Map<String, Object> untyped = new LinkedHashMap<>(new JsonObject(pieces, "", unigram).object("model").fields());
        untyped.remove("type");
        unigram.put("model", untyped);
        Files.writeString(pieces.resolve("tokenizer.json"), Json.write(unigram));
        assertThatThrownBy(() -> write(Model.load(pieces), DType.F32)).isInstanceOf(InputException.class)
                .hasMessageContaining("tokenizer.json: model.type: Unigram is not written into GGUF files, BPE and "
                        + "WordPiece are");
        Path unnamed = directory("llama", "qwen2");
        Files.delete(unnamed.resolve("tokenizer.json"));
        assertThatThrownBy(() -> write(Model.load(unnamed), DType.F32)).isInstanceOf(InputException.class)
                .hasMessageContaining("tokenizer.json");
        Path window = directory("qwen3_lm", "qwen2");
        changeConfig(window, "attention_bias", false);
        changeConfig(window, "layer_types", List.of("full_attention", "sliding_attention"));
        changeConfig(window, "use_sliding_window", true);
        changeConfig(window, "sliding_window", 4);
        assertThatThrownBy(() -> write(Model.load(window), DType.F32)).isInstanceOf(InputException.class)
                .hasMessageContaining("sliding_window: has no place in GGUF files, where it is for all layers");
    }

    private void refuse(String name, String vocabulary, String message) throws IOException {
        Path source = directory(name, vocabulary);
        assertThatThrownBy(() -> write(Model.load(source), DType.F32)).isInstanceOf(InputException.class)
                .hasMessageContaining(message);
        assertThat(directory.resolve("written.gguf")).doesNotExist();
    }

    private Path write(Model model, DType dtype) {
        Path written = directory.resolve("written.gguf");
        model.writeGguf(model.backbone(), dtype, written);
        return written;
    }

    private static float[] joined(float[] left, float[] right) {
        float[] both = new float[left.length + right.length];
        System.arraycopy(left, 0, both, 0, left.length);
        System.arraycopy(right, 0, both, left.length, right.length);
        return both;
    }

    private static float[] logits(Model model, int[] ids) {
        try (Tape tape = Tape.inference(model.compute(), new Workspace())) {
            Batch batch = Batch.of(List.of(ids));
            Pass pass = batch.pass(tape);
            return model.head().logits(pass, model.backbone().forward(pass, batch), batch).value().toArray();
        }
    }

    private static List<String> texts(String vocabulary) {
        String recorded = Files.exists(FIXTURES.resolve("tokenizers").resolve(vocabulary)) ? vocabulary
                : List.of("digits", "neox").contains(vocabulary) ? "bytelevel_gpt2" : "llama2";
        List<String> texts = new ArrayList<>(List.of("12345 e\u0301 <s>x</s> <|im_end|>y", "it's  3.14\n\n\tDON'T",
                "<|user|> \n a</s>  b <s>  c", "e\u0301      x       \u0301"));
        JsonObject.read(FIXTURES.resolve("tokenizers").resolve(recorded).resolve("expected.json")).objects("strings")
                .stream().limit(100).forEach(string -> texts.add(string.string("text")));
        return texts;
    }

    /** A recorded model, with as many rows for tokens as a recorded vocabulary needs, and some more. */
    private Path directory(String name, String vocabulary) throws IOException {
        Path made = Files.createDirectories(directory.resolve(name + " " + vocabulary));
        String recorded = Files.exists(FIXTURES.resolve("tokenizers").resolve(vocabulary)) ? vocabulary
                : switch (vocabulary) {
                    case "digits" -> "bytelevel_gpt2";
                    case "overlaps" -> "bytelevel_added";
                    case "neox" -> "bytelevel_gpt2";
                    case "without NFC" -> "qwen2";
                    default -> "llama2";
                };
        Map<String, Object> parts = new HashMap<>(PARTS.get(recorded));
        Map<String, Object> json = new LinkedHashMap<>(Json.readObject(FIXTURES.resolve("tokenizers").resolve(recorded)
                .resolve("tokenizer.json")));
        change(json, vocabulary, parts);
        Files.writeString(made.resolve("tokenizer.json"), Json.write(json));
        Files.writeString(made.resolve("tokenizer_config.json"), Json.write(parts));
        int rows = Tokenizer.load(made.resolve("tokenizer.json")).vocabularySize() + MORE;
        Path model = FIXTURES.resolve("models").resolve(name);
        Map<String, Object> config = new LinkedHashMap<>(Json.readObject(model.resolve("config.json")));
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        try (TensorFile file = Safetensors.openDirectory(model)) {
            int had = JsonObject.read(model.resolve("config.json")).integer("vocab_size");
            file.names().forEach(tensor -> tensors.put(tensor, file.shape(tensor).dim(0) == had
                    ? tiled(file.read(tensor), rows)
                    : file.read(tensor)));
        }
        config.put("vocab_size", rows);
        Safetensors.write(made.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
        Files.writeString(made.resolve("config.json"), Json.write(config));
        return made;
    }

    private static void change(Map<String, Object> json, String vocabulary, Map<String, Object> parts) {
        switch (vocabulary) {
            case "digits" -> json.put("pre_tokenizer", Map.of("type", "Sequence", "pretokenizers", List.of(
                    Map.of("type", "Digits", "individual_digits", true), json.get("pre_tokenizer"))));
            case "without NFC" -> json.remove("normalizer");
            case "llama2" -> allMerges(json);
            case "gemma" -> {
                allMerges(json);
                json.put("normalizer", Map.of("type", "Replace", "pattern", Map.of("String", " "), "content",
                        "\u2581"));
                json.put("pre_tokenizer", Map.of("type", "Split", "pattern", Map.of("String", " "), "behavior",
                        "MergedWithPrevious", "invert", false));
                json.computeIfPresent("decoder", (key, decoder) -> changed(decoder, "decoders", list -> list.subList(0,
                        3)));
            }
            case "strips" -> json.computeIfPresent("added_tokens", (key, added) -> ((List<?>) added).stream().map(
                    token -> ((Map<?, ?>) token).get("content").equals("</s>") ? with(token, "rstrip", true) : token)
                    .toList());
            case "overlaps" -> json.computeIfPresent("added_tokens", (key, added) -> ((List<?>) added).stream().map(
                    token -> with(with(with(token, "lstrip", false), "rstrip", false), "single_word", false)).toList());
            case "phi3" -> {
                allMerges(json);
                json.put("added_tokens", Stream.concat(((List<?>) json.get("added_tokens")).stream()
                        .map(token -> ((Map<?, ?>) token).get("content").equals("</s>")
                                ? with(with(token, "rstrip", true), "special", false)
                                : token),
                        Stream.of(added(size(json), "<|endoftext|>", false), added(size(json) + 1, "<|user|>", true)))
                        .toList());
            }
            case "neox" -> {
                json.put("normalizer", Map.of("type", "NFC"));
                json.put("added_tokens", Stream.concat(((List<?>) json.get("added_tokens")).stream(), Stream.of(with(
                        with(added(size(json), "    ", false), "normalized", true), "special", false))).toList());
            }
            case "endless" -> {
                allMerges(json);
                parts.put("eos_token", "<stop>");
            }
            default -> {
            }
        }
    }

    private static int size(Map<String, Object> json) {
        return ((Map<?, ?>) ((Map<?, ?>) json.get("model")).get("vocab")).size();
    }

    private static Map<String, Object> added(int id, String content, boolean rightStrip) {
        return Map.of("id", id, "content", content, "single_word", false, "lstrip", false, "rstrip", rightStrip,
                "normalized", false, "special", true);
    }

    private static Map<Object, Object> with(Object json, String field, Object value) {
        Map<Object, Object> changed = new LinkedHashMap<>((Map<?, ?>) json);
        changed.put(field, value);
        return changed;
    }

    private static Object changed(Object json, String field, UnaryOperator<List<?>> change) {
        return with(json, field, change.apply((List<?>) Objects.requireNonNull(((Map<?, ?>) json).get(field))));
    }

    /** SentencePiece's vocabularies have all pairs that make a token: those that training did not choose, too. */
    private static void allMerges(Map<String, Object> json) {
        JsonObject model = new JsonObject(Path.of("tokenizer.json"), "", json).object("model");
        JsonObject vocab = model.object("vocab");
        List<List<String>> all = new ArrayList<>();
        model.list("merges").stream().map(pair -> (List<?>) pair).map(pair -> pair.get(0) + "" + pair.get(1)).distinct()
                .forEach(token -> IntStream.range(1, token.length()).mapToObj(i -> List.of(token.substring(0, i),
                        token.substring(i))).filter(pair -> pair.stream().allMatch(vocab::has))
                        .sorted(Comparator.comparingInt(pair -> vocab.integer(pair.get(0)))).forEach(all::add));
        json.put("model", with(model.fields(), "merges", all));
    }

    private static Tensor tiled(Tensor tensor, int rows) {
        int size = tensor.size() / tensor.dim(0);
        Tensor tiled = tensor.shape().rank() == 1 ? Tensor.zeros(rows) : Tensor.zeros(rows, size);
        for (int i = 0; i < tiled.size(); i++) {
            tiled.data()[i] = tensor.data()[tensor.offset() + i % tensor.size()] * (1 + i / tensor.size() / 16f);
        }
        return tiled;
    }

    private static void changeConfig(Path source, String field, Object value) throws IOException {
        Map<String, Object> config = new LinkedHashMap<>(Json.readObject(source.resolve("config.json")));
        config.put(field, value);
        Files.writeString(source.resolve("config.json"), Json.write(config));
    }
}
