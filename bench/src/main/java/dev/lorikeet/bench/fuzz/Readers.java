package dev.lorikeet.bench.fuzz;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.transformer.data.DataFile;
import dev.lorikeet.transformer.io.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** All readers of files, with small files of the fixtures to begin with. */
public final class Readers {
    private static final List<String> ADAPTERS = List.of("rslora", "dora-bert", "patterns", "tokens-bert", "bias-all",
            "layers-to-transform", "exclude-regex", "adalora-pruned", "embedding-bert", "lora-bias", "target-regex");
    /** One of each way to read a config.json. */
    private static final List<String> MODELS = List.of("bert_sequence", "roberta_masked", "gpt2_sequence",
            "llama_rope_llama3", "deberta_v3_sequence", "gemma3_lm", "phi3_long_lm", "t5_v1_1");
    private static final String VOCABULARY = "{\"a\": 0, \"g\": 1, \"\u0120\": 2, \"\u0120a\": 3, \"gg\": 4, "
            + "\"gggg\": 5, \"<|endoftext|>\": 6}";
    private static final String MERGES = "#version: 0.2\n\u0120 a\ng g\ngg gg\n";
    private static final List<String> TABLES = List.of("""
            text,label
            a small bird,animal
            "a ""deep"", quiet
            feeling",feeling

            é,animal
            """, "id,label,text\r\n1,x,\"a,b\"\r\n2,y,b\r\n", "\uFEFFlabel,text\n0,a\n1,b");
    private static final List<String> LINES = List.of("""
            {"text": "a small bird", "label": "animal"}
            {"label": 1, "text": "a \\"deep\\" feeling", "more": [1, {"a": null}]}

            {"text": "\\u00e9\\ud83d\\ude00", "label": true}
            """, "{\"text\":\"a\",\"label\":\"b\"}");
    private static final List<String> RECIPES = List.of("""
            # one of one's own
            name: mine
            model: ../models/bert
            data:
              train: a/train.tsv
              test: "b/test.tsv"
              text-column: gloss
            method:
              name: adalora
              rank: 12
              target-rank: 8
              targets: [query, value]
            training: {epochs: 3, batch-size: 32, adapter-rate: 1.0e-3, schedule: linear, clip-norm: 1}
            """, """
            method: {name: autolora, search-epochs: 1, selection: sigmoid, targets: '.*\\.(query|value)'}
            training:
              limit: 100
              gradient-checkpointing: true
              seed: 7
            compute:
              threads: 2
              vector: 256
            """, "data: {source: wordnet-supersenses, seed: 3}\nmethod:\n  name: full\n");
    /** What is JSON is YAML, too, and its tree can be changed. */
    private static final JsonTree RECIPE = JsonTree.of(Json.readObject("""
            {"name": "mine", "model": "../m", "data": {"train": "a.csv", "test": "b.csv", "label-column": "kind"},
             "method": {"name": "adalora", "rank": 12, "alpha": 3.5, "dropout": 0.1, "scaling": "rslora",
                        "targets": ["query"], "initial-share": 0.2, "mask-interval": 5, "orthogonal-weight": 0.1},
             "training": {"epochs": 2, "accumulation": 2, "head-rate": 1e-3, "weight-decay": 0, "warmup-ratio": 0.1},
             "compute": {"threads": null, "vector": "auto"}}
            """, Path.of("recipe.json")));

    private Readers() {}

    /**
     * All readers.
     *
     * @param directory an empty one for their files
     * @param fixtures the recorded models and adapters
     */
    static List<Reader> all(Path directory, Path fixtures) throws IOException {
        Path models = fixtures.resolve("models");
        Path adapters = fixtures.resolve("peft");
        Path base = adapters.resolve("bases/bert-seqcls");
        List<Reader> readers = new ArrayList<>();
        readers.add(WeightReaders.safetensors(directory));
        readers.add(WeightReaders.shards(directory.resolve("shards"), models.resolve("llama_sharded")));
        readers.add(WeightReaders.onnx(directory));
        readers.add(GgufReaders.file(directory));
        readers.add(GgufReaders.model(directory.resolve("gguf"), fixtures.resolve("gguf/models/qwen2-q4_1.gguf")));
        for (String model : MODELS) {
            readers.add(ModelReaders.config(directory.resolve(model), models.resolve(model)));
        }
        readers.add(ModelReaders.json(directory, Stream.of("case.json", "config.json")
                .map(models.resolve("gpt2_sequence")::resolve).toList()));
        readers.addAll(tokenizers(directory, fixtures));
        readers.addAll(texts(directory, fixtures));
        readers.add(RunReaders.generation(directory.resolve("writer"), fixtures.resolve("completions/model")));
        readers.addAll(RunReaders.run(directory.resolve("run"), fixtures.resolve("completions/model")));
        readers.add(ModelReaders.adapterConfig(directory.resolve("adapter"), base,
                ADAPTERS.stream().map(adapters::resolve).toList()));
        readers.add(ModelReaders.adapterFile(directory.resolve("tensors"), base, adapters.resolve("patterns")));
        readers.add(recipe(directory.resolve("recipe.yaml")));
        readers.add(data(directory.resolve("a.csv"), TABLES));
        readers.add(data(directory.resolve("a.tsv"), TABLES.stream().map(table -> table.replace(',', '\t')).toList()));
        readers.add(data(directory.resolve("a.jsonl"), LINES));
        return readers;
    }

    private static List<Reader> tokenizers(Path directory, Path fixtures) throws IOException {
        String config = "{\"tokenizer_class\": \"GPT2Tokenizer\", \"add_prefix_space\": false}";
        Map<String, String> bytes = Map.of("vocab.json", VOCABULARY, "merges.txt", MERGES, "tokenizer_config.json",
                config);
        return List.of(
                TokenizerReaders.tokenizer(directory,
                        fixtures.resolve("trials/fuzz-added-token-space/tokenizer.json")),
                TokenizerReaders.sentencePiece(directory.resolve("pieces")),
                TokenizerReaders.files(directory.resolve("vocab"), "vocab.json", "vocab.json", bytes),
                TokenizerReaders.files(directory.resolve("merges"), "merges.txt", "merges.txt", bytes),
                TokenizerReaders.files(directory.resolve("settings"), "tokenizer_config.json", "tokenizer_config.json",
                        bytes),
                TokenizerReaders.files(directory.resolve("words"), "vocab.txt", "vocab.txt", Map.of("vocab.txt",
                        "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\ng\n##v\n##g\ntag\n\u00e9\n")));
    }

    private static List<Reader> texts(Path directory, Path fixtures) throws IOException {
        return List.of(TextReaders.template(directory.resolve("chat"), fixtures.resolve("chats/templates")),
                TextReaders.schema(directory, fixtures.resolve("forms/forms.json")), TextReaders.pattern(directory),
                TextReaders.completions(directory.resolve("completions.jsonl")),
                TextReaders.talks(directory.resolve("talks.jsonl")), TextReaders.tags(directory.resolve("tags.conll")));
    }

    private static Reader data(Path file, List<String> seeds) {
        return Reader.ofText("data in " + file.getFileName(), directory(file), seeds, input -> {
            Files.write(file, input);
            DataFile.read(file, "text", "label");
        });
    }

    /** A recipe is the same after it was written with every value. */
    private static Reader recipe(Path file) {
        List<String> keys = Stream.concat(JsonTree.names(List.of(RECIPE)).stream(),
                Stream.of("source", "seed", "limit", "schedule", "selection", "target-rank", "r")
                        .map(key -> '"' + key + '"'))
                .toList();
        Path written = file.resolveSibling("written.yaml");
        Path again = file.resolveSibling("again.yaml");
        return new Reader("recipe", directory(file),
                random -> random.nextBoolean() ? Mutants.lines(Mutants.one(RECIPES, random), RECIPES, random)
                        : WeightReaders.utf8(RECIPE.changed(keys, random)),
                () -> Stream.concat(RECIPES.stream().flatMap(Breaks::cuts), Breaks.json(List.of(RECIPE))), input -> {
                    Files.write(file, input);
                    Recipe recipe = RecipeFile.read(file);
                    if (!WeightReaders.isWrittenAgain(input)) {
                        return;
                    }
                    RecipeFile.write(written, recipe);
                    RecipeFile.write(again, RecipeFile.read(written));
                    if (Files.mismatch(written, again) >= 0) {
                        throw new AssertionError("is written as\n" + Files.readString(written, StandardCharsets.UTF_8)
                                + "and then as\n" + Files.readString(again, StandardCharsets.UTF_8));
                    }
                });
    }

    private static Path directory(Path file) {
        return file.toAbsolutePath().resolveSibling("");
    }
}
