package dev.lorikeet.cli;

import static dev.lorikeet.cli.Fault.fault;
import static dev.lorikeet.cli.Fault.replace;
import static dev.lorikeet.cli.Fault.replaced;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is wrong ends in one line with the file, the place and the rule, and nothing is written. */
class BadInputTest {
    @TempDir
    private Path directory;
    private TinyTask task;

    @BeforeEach
    void writeTask() throws IOException {
        task = TinyTask.in(directory);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"commandLines", "recipes", "data", "models", "weights"})
    void oneLineSaysWhatIsWrong(String expected, Fault fault) throws IOException {
        String[] arguments = fault.make(task, directory.resolve("out/run"));
        List<String> before = files();
        Outcome outcome = Outcome.of(arguments);
        outcome.requireRefusal(expected.replace("%", directory.toString()));
        assertThat(outcome.out()).isEmpty();
        assertThat(files()).isEqualTo(before);
    }

    static Stream<Arguments> commandLines() {
        return Stream.of(
                flags("Unknown option: '--epoch=3', perhaps --epochs; see lorikeet finetune --help", "--epoch=3"),
                flags("Unknown option: '--lables-column', perhaps --label-column; see", "--lables-column", "x"),
                flags("Unknown option: '--batch_size', perhaps --batch-size; see", "--batch_size", "8"),
                flags("Unknown option: '--droput=0.1', perhaps --dropout; see", "--droput=0.1"),
                flags("Unknown option: '--serch-epochs', perhaps --search-epochs; see", "--serch-epochs", "2"),
                flags("Unknown option: '--zzz'; see lorikeet finetune --help", "--zzz"),
                fault("Unknown option: '--tpo', perhaps --top; see lorikeet predict --help",
                        (_, _) -> new String[] {"predict", "--run", "x", "--tpo", "3", "a"}),
                fault("Unknown option: '--batch-size'; see lorikeet predict --help",
                        (_, _) -> new String[] {"predict", "--run", "x", "--batch-size", "3", "a"}),
                flags("Unmatched argument at index 5: 'more'; see lorikeet finetune --help", "more"),
                flags("--epochs: must be a whole number from 1 on, not \"x\"", "--epochs", "x"),
                flags("--alpha: must be a number above 0 and at most 1e6, not \"x\"", "--alpha", "x"),
                flags("Missing required parameter for option '--limit' (N); see", "--limit"),
                flags("--epochs: must be a whole number from 1 on, not \"0\"", "--epochs", "0"),
                flags("--limit: must be a whole number from 1 on, not \"0\"", "--limit", "0"),
                flags("--rank: must be a whole number from 1 on, not \"-1\"", "--rank", "-1"),
                flags("%/tiny.yaml: method: rank (r): 2000000000 is too large for encoder.layer.0.", "--rank",
                        "2000000000"),
                flags("%/tiny.yaml: method: rank: 9 is more than encoder.layer.0.attention.self.query has, which is "
                        + "(8, 8)",
                        "--rank", "9"),
                flags("%/tiny.yaml: method: rank: 12 is more than encoder.layer.0.", "--method", "adalora"),
                flags("--rank: does not go with the method full, whose keys are name", "--method",
                        "full", "--rank", "8"),
                flags("--method: must be lora or rslora or adalora or autolora or full, not \"dora\"",
                        "--method", "dora"),
                flags("%/tiny.yaml: method: targets (target_modules): \"quer\" matches no layer of the model",
                        "--targets", "quer,key"),
                fault("%: --out: is not empty and holds no run, a folder for the run alone is expected",
                        (task, out) -> task.finetune(task.model().getParent(), "--force")),
                fault("/: --out: is the working directory or above it, a folder of its own is expected",
                        (task, out) -> task.finetune(Path.of("/"))),
                fault("--out: must not be empty", (task, _) -> new String[] {"finetune", "--recipe",
                    task.recipe().toString(), "--out="}),
                flags("--alpha: must be a number above 0 and at most 1e6, not \"NaN\"", "--alpha", "NaN"),
                flags("--threads: must be a whole number from 1 on, not \"0\"", "--threads", "0"),
                flags("threads: at most 1024 expected, not 1000000", "--threads", "1000000"),
                flags("--vector: must be auto or scalar or 128 or", "--vector", "64"),
                flags("nowhere: model: there is no such directory or GGUF file, and no built-in model of this name, "
                        + "there are all-MiniLM-L6-v2, ", "--model", "nowhere"),
                flags("bge-small-en-v1.5, e5-small-v2; a hub may have it as google-bert/bert-base-uncased", "--model",
                        "bert-base-uncased"),
                flags("none.tsv: open: there is no such file", "--train", "none.tsv"),
                fault("there is no verb 'tune', there are finetune, preview, ", (_, _) -> new String[] {"tune"}),
                fault("--test: is missing: files to train and to test with are needed, both",
                        (_, out) -> new String[] {"finetune", "--train", "train.tsv", "--out", out.toString()}),
                fault("%/model/config.json: --out: %/model/config.json is a file, a folder is expected",
                        (task, _) -> task.finetune(task.model().resolve("config.json"))),
                fault("%/model/config.json/run: --out: %/model/config.json is a file, a folder is expected",
                        (task, _) -> task.finetune(task.model().resolve("config.json/run"))));
    }

    static Stream<Arguments> recipes() {
        return Stream.of(
                fault("none.yaml: open: there is no such file", (_, _) -> new String[] {"finetune", "--recipe",
                    "none.yaml"}),
                fault("%/tiny.yaml: data.train: \"a", (task, out) -> {
                    replace(task.recipe(), "train: train.tsv", "train: \"a\\0b\"");
                    return task.finetune(out);
                }),
                flags("--model: \"a\\ud800\" is no name of a file: ", "--model", "a\uD800"),
                recipe("%/tiny.yaml: optimizer: unknown key, known here are name, model,", "optimizer: x"),
                recipe("%/tiny.yaml: line 5, column 1: not valid YAML: ", "method: [rank"),
                recipe("%/tiny.yaml: method: targets (target_modules): \"que.*y\" matches no layer of the model",
                        "method: {targets: que.*y}"),
                recipe("%/tiny.yaml: training.warmup-ratio: the rate is 0 in the first step of a warm-up, and the run "
                        + "has no "
                        + "other: nothing would be trained; a warmup-ratio of 0, more epochs or a smaller batch-size "
                        + "help", "epochs: 4, batch-size: 6", "epochs: 1, batch-size: 24"),
                fault("mine: training.adapter-rate: is 0, as head-rate is: nothing would be trained",
                        (task, out) -> new String[] {"finetune", "--name", "mine", "--model", task.model().toString(),
                            "--train", task.train().toString(), "--test", task.test().toString(), "--adapter-rate",
                            "0", "--head-rate", "0", "--out", out.toString()}),
                recipe("%/tiny.yaml: training.adapter-rate: is 0, as head-rate is: nothing would be trained",
                        "adapter-rate: 0.02, head-rate: 0.1", "adapter-rate: 0, head-rate: 0"),
                recipe("%/tiny.yaml: method: targets (target_modules): \"quer\" matches no layer of the model",
                        "method: {targets: [query, quer]}"),
                recipe("%/tiny.yaml: method: targets (target_modules): encoder.layer.0 is of the class BertLayer, only",
                        "method: {targets: 'encoder.layer.[01]'}"));
    }

    static Stream<Arguments> data() {
        return Stream.of(
                flags("%/train.tsv: line 1: there is no column \"kind\", there are text, label", "--label-column",
                        "kind"),
                flags("%/train.tsv: line 1: there is no column \"gloss\", there are text, label", "--text-column",
                        "gloss"),
                train("%/train.tsv: line 1: the file is empty, a header line", ""),
                train("%/train.tsv: examples: there are none", "text\tlabel\n"),
                train("%/train.tsv: column \"label\": every example is of the class \"x\", at least two are needed",
                        "text\tlabel\na\tx\nb\tx\n"),
                train("%/train.tsv: line 3: 3 fields, the header has 2", "text\tlabel\na\tx\nb\ty\tz\n"),
                fault("%/test.tsv: line 2: unknown label \"stone\", known are animal, plant", (task, out) -> {
                    Files.writeString(task.test(), "text\tlabel\na rock\tstone\n");
                    return task.finetune(out);
                }),
                flags("tiny.yaml: name: the ending must be .tsv, .csv or .jsonl, or .txt of texts alone", "--test",
                        "tiny.yaml"));
    }

    static Stream<Arguments> models() {
        return Stream.of(
                fault("%/out/config.json: open: there is no such file", (task, out) -> {
                    Files.createDirectories(out.getParent());
                    return task.finetune(out, "--model", out.getParent().toString());
                }),
                file("config.json: line 4, column 1: not valid JSON: Unexpected end-of-input: expected close marker "
                        + "for "
                        + "Object\n", "config.json", "}", ""),
                file("config.json: hidden_size: is missing, a whole number", "config.json", "\"hidden_size\": 8,", ""),
                file("model.safetensors: embeddings.word_embeddings.weight: shape (15, 16) is expected from "
                        + "config.json, not (15, 8)", "config.json", "\"hidden_size\": 8", "\"hidden_size\": 16"),
                file("config.json: vocab_size: a whole number below 2^31 is expected, not 99999999999", "config.json",
                        "\"vocab_size\": 15", "\"vocab_size\": 99999999999"),
                file("model.safetensors: embeddings.word_embeddings.weight: shape (2147483647, 8) is expected",
                        "config.json", "\"vocab_size\": 15", "\"vocab_size\": 2147483647"),
                file("model.safetensors: encoder.layer.1.", "config.json", "\"num_hidden_layers\": 2",
                        "\"num_hidden_layers\": 1"),
                file("model.safetensors: encoder.layer.2.", "config.json", "\"num_hidden_layers\": 2",
                        "\"num_hidden_layers\": 2147483647"),
                file("config.json: num_attention_heads: 3 does not divide hidden_size 8", "config.json",
                        "\"num_attention_heads\": 2", "\"num_attention_heads\": 3"),
                file("config.json: model_type: \"xlnet\" is not one of bert, roberta, distilbert, ", "config.json",
                        "\"model_type\": \"bert\"", "\"model_type\": \"xlnet\""),
                file("config.json: layer_norm_eps: must be at least 0, not -1.0", "config.json", "1e-12", "-1"),
                file("config.json: pad_token_id: must be in [0, 15), not 15", "config.json",
                        "\"pad_token_id\": 0", "\"pad_token_id\": 15"),
                file("tokenizer.json: line ", "tokenizer.json", "}}", ""),
                file("tokenizer.json: model.type: WordLevel is not supported, BPE, Unigram and WordPiece are",
                        "tokenizer.json", "\"WordPiece\"", "\"WordLevel\""),
                file("tokenizer.json: model.vocab: 16 tokens, but config.json has a vocab_size of 15",
                        "tokenizer.json", "\"fern\": 14", "\"fern\": 15"));
    }

    static Stream<Arguments> weights() {
        String first = "embeddings.LayerNorm.bias";
        return Stream.of(
                cut("header: the file has 4 bytes, the length of the header alone needs 8", 4),
                cut("header: its length says ", 100),
                cut(".data_offsets: [", 6000),
                fault("%/model/model.safetensors: header: its length says 4294967296 bytes", (task, out) -> {
                    Path file = task.model().resolve("model.safetensors");
                    byte[] bytes = Files.readAllBytes(file);
                    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 1L << 32);
                    Files.write(file, bytes);
                    return task.finetune(out);
                }),
                header(first + ".data_offsets: [0, 9000000000) is no range of the 5376 bytes", "[0,32]",
                        "[0,9000000000]"),
                header(first + ".data_offsets: whole numbers from 0 to 2^63-1 are expected, not -32", "[0,32]",
                        "[-32,0]"),
                header("embeddings.LayerNorm.weight.data_offsets: starts at 0, within another tensor that ends at 32",
                        "[32,64]", "[0,32]"),
                header(first + ".shape: [65536, 65536] has 2^31 elements or more", "\"shape\":[8],\"data_offsets\":[0,",
                        "\"shape\":[65536,65536],\"data_offsets\":[0,"),
                header(first + ".data_offsets: [0, 32) has 32 bytes, shape (9) of F32 needs 36",
                        "\"shape\":[8],\"data_offsets\":[0,", "\"shape\":[9],\"data_offsets\":[0,"),
                header(first + ".dtype: unknown type F33, known are", "{\"dtype\":\"F32\"", "{\"dtype\":\"F33\""),
                header(first + ": there is no tensor of this name", first, "embeddings.bias"),
                fault(first + ": element 0 is NaN, finite numbers are expected", (task, out) -> {
                    Path file = task.model().resolve("model.safetensors");
                    byte[] bytes = Files.readAllBytes(file);
                    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
                    buffer.putFloat(8 + (int) buffer.getLong(0), Float.NaN);
                    Files.write(file, bytes);
                    return task.finetune(out);
                }));
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no locale C")
    void inALocaleWithoutTheLettersWhatCannotBeReadIsRefused() throws Exception {
        String advice = "locale's encoding (sun.jnu.encoding), ANSI_X3.4-1968: LC_ALL=C.UTF-8 has all letters";
        Fork.inLocaleC(directory, "$'tr\\303\\250s bon'", Main.class, "predict", "--run", "run").end()
                .requireRefusal("argument 4: \"tr??s bon\" is no text in the " + advice);
        replace(task.recipe(), "train: train.tsv", "train: donn\u00E9es.tsv");
        Fork.inLocaleC(directory, "out", Main.class, "finetune", "--recipe", "tiny.yaml", "--out").end()
                .requireRefusal("tiny.yaml: data.train: \"donn?es.tsv\" is no name of a file in the " + advice);
    }

    @Test
    void debugShowsWhereItFailed() {
        Outcome outcome = Outcome.of(task.finetune(directory.resolve("out"), "--epochs", "0", "--debug"));
        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).startsWith("dev.lorikeet.transformer.io.InputException: ")
                .contains("\n\tat dev.lorikeet.cli.FinetuneCommand.run(")
                .endsWith("\nlorikeet: --epochs: must be a whole number from 1 on, not \"0\"\n");
    }

    private static Arguments flags(String expected, String... flags) {
        return fault(expected, (task, out) -> task.finetune(out, flags));
    }

    private static Arguments recipe(String expected, String line) {
        return fault(expected, (task, out) -> {
            Files.writeString(task.recipe(), Files.readString(task.recipe()) + line + "\n");
            return task.finetune(out);
        });
    }

    private static Arguments recipe(String expected, String part, String replacement) {
        return fault(expected, (task, out) -> {
            replace(task.recipe(), part, replacement);
            return task.finetune(out);
        });
    }

    private static Arguments train(String expected, String content) {
        return fault(expected, (task, out) -> {
            Files.writeString(task.train(), content);
            return task.finetune(out);
        });
    }

    /** With {@code part} of a file of the model replaced. */
    private static Arguments file(String expected, String name, String part, String replacement) {
        return fault("%/model/" + expected, (task, out) -> {
            replace(task.model().resolve(name), part, replacement);
            return task.finetune(out);
        });
    }

    /** With the weights cut to their first {@code bytes}. */
    private static Arguments cut(String expected, int bytes) {
        return fault(expected, (task, out) -> {
            Path file = task.model().resolve("model.safetensors");
            Files.write(file, Arrays.copyOf(Files.readAllBytes(file), bytes));
            return task.finetune(out);
        });
    }

    /** With {@code part} of the header of the weights replaced, and the header's length as it is then. */
    private static Arguments header(String expected, String part, String replacement) {
        return fault("%/model/model.safetensors: " + expected, (task, out) -> {
            Path file = task.model().resolve("model.safetensors");
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            byte[] header = new byte[(int) bytes.getLong()];
            bytes.get(header);
            byte[] other = replaced(new String(header, StandardCharsets.UTF_8), part, replacement)
                    .getBytes(StandardCharsets.UTF_8);
            Files.write(file, ByteBuffer.allocate(8 + other.length + bytes.remaining()).order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(other.length).put(other).put(bytes).array());
            return task.finetune(out);
        });
    }

    private List<String> files() throws IOException {
        try (Stream<Path> tree = Files.walk(directory)) {
            return tree.map(Path::toString).sorted().toList();
        }
    }
}
