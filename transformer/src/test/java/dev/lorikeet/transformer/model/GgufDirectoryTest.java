package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import dev.lorikeet.transformer.weights.DType;
import dev.lorikeet.transformer.weights.GgufFile;
import dev.lorikeet.transformer.weights.GgufWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that was read from a GGUF file, written as a Hugging Face directory, is as good as its source. */
class GgufDirectoryTest {
    private static final Path MODELS = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "gguf", "models");
    private static final String PREFIX = "tokenizer.ggml.";
    private static final List<String> TEXTS = List.of("", "the cat", "The cat, the hat; 2026!", "\u00e9\n\t zebra");

    @TempDir
    private Path directory;

    @Test
    void aDecoderKeepsItsByteLevelVocabulary() {
        Path source = source("llama", writer -> {
            writer.put(PREFIX + "model", "gpt2");
            writer.put(PREFIX + "pre", "smollm");
            writer.put(PREFIX + "tokens", Stream.concat(Stream.of("<s>", "\u0120", "th", "the", "\u0120the"),
                    letters('!', 90)).toList());
            writer.put(PREFIX + "merges", List.of("t h", "th e", "\u0120 the"));
            writer.put(PREFIX + "bos_token_id", 0);
            writer.put(PREFIX + "add_bos_token", true);
        });
        Model read = assertWrittenAsRead(source);
        assertThat(read.tokenizer().encode("the the", 9).ids()).containsExactly(0, 3, 4);
    }

    @Test
    void anEncoderKeepsItsWordPieces() {
        Path source = source("bert-q8_0", writer -> {
            writer.put(PREFIX + "model", "bert");
            writer.put(PREFIX + "tokens", Stream.concat(Stream.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "cat")
                    .map(token -> "\u2581" + token), letters('a', 26)).toList());
            writer.put(PREFIX + "unknown_token_id", 1);
            writer.put(PREFIX + "cls_token_id", 2);
            writer.put(PREFIX + "seperator_token_id", 3);
        });
        Model read = assertWrittenAsRead(source);
        assertThat(read.tokenizer().encode("The cats", 9).ids()).containsExactly(2, 4, 5, 6 + 's' - 'a', 3);
    }

    @Test
    void whereThereIsNoVocabularyThereIsNoTokenizer() throws IOException {
        Path written = write(Model.load(MODELS.resolve("bert-q8_0.gguf")));
        try (Stream<Path> files = Files.list(written)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("config.json",
                    "model.safetensors");
        }
    }

    /** The same ids, words and results, and the same bytes once more. */
    private Model assertWrittenAsRead(Path source) {
        Model before = Model.load(source);
        Path written = write(before);
        Model after = Model.load(written);
        Tokenizer tokenizer = before.tokenizer();
        assertThat(after.specialTokensMap()).isEqualTo(before.specialTokensMap());
        assertThat(JsonObject.read(written.resolve("tokenizer_config.json")).string("tokenizer_class"))
                .isEqualTo("PreTrainedTokenizerFast");
        for (String text : TEXTS) {
            int[] ids = tokenizer.encode(text, 40).ids();
            assertThat(after.tokenizer().encode(text, 40).ids()).isEqualTo(ids);
            assertThat(after.tokenizer().encode(text, "cat", 40).ids())
                    .isEqualTo(tokenizer.encode(text, "cat", 40).ids());
            assertThat(after.tokenizer().decode(ids, false)).isEqualTo(tokenizer.decode(ids, false));
        }
        int[] ids = tokenizer.encode("the cat", 40).ids();
        assertThat(results(after, ids)).isEqualTo(results(before, ids));
        assertThat(after.isHeadless()).isEqualTo(before.isHeadless()).isEqualTo(!before.hasHead());
        return after;
    }

    private static float[] results(Model model, int[] ids) {
        try (Tape tape = Tape.inference(model.compute(), new Workspace())) {
            Batch batch = Batch.of(List.of(ids));
            Pass pass = batch.pass(tape);
            var hidden = model.backbone().forward(pass, batch);
            return (model.hasHead() ? model.head().logits(pass, hidden, batch) : hidden).value().toArray();
        }
    }

    /** Whole, with its head where it has one. */
    private Path write(Model model) {
        Path to = directory.resolve("written");
        if (model.hasHead()) {
            TaskModel<?, ?, ?> whole = TaskModel.of(model);
            model.write(whole, whole.head(), to);
        } else {
            model.write(model.backbone(), null, to);
        }
        return to;
    }

    /** The recorded model in float32, with a vocabulary. */
    private Path source(String name, Consumer<GgufWriter> vocabulary) {
        Path source = directory.resolve("source.gguf");
        try (GgufFile recorded = GgufFile.open(MODELS.resolve(name + ".gguf"))) {
            GgufWriter writer = new GgufWriter(recorded.values().string("general.architecture"));
            recorded.values().keys().stream().filter(key -> !key.matches("general\\.(architecture|alignment)"))
                    .forEach(key -> writer.put(key, recorded.values()));
            vocabulary.accept(writer);
            recorded.names().forEach(tensor -> writer.tensor(tensor, recorded.shape(tensor), DType.F32,
                    () -> recorded.read(tensor)));
            writer.write(source);
        }
        return source;
    }

    private static Stream<String> letters(char first, int count) {
        return IntStream.range(first, first + count).mapToObj(Character::toString);
    }
}
