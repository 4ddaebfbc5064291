package dev.lorikeet.bench.fuzz;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraWeights;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.constraint.TextForm;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The readers of models' configurations, tokenizers and adapters. */
final class ModelReaders {
    /** Fields that no recorded config.json has. */
    private static final List<String> FIELDS = List.of("rope_scaling", "rope_parameters", "rope_theta",
            "partial_rotary_factor", "original_max_position_embeddings", "num_labels", "problem_type", "is_decoder",
            "hidden_size", "num_attention_heads", "n_inner", "type", "factor", "is_causal", "tie_word_embeddings");
    private static final List<String> TEXTS = List.of("", "a gv!  [SEP] Tag tag", "\t\n\u2029a\u0301\u00A0",
            "é\uD83D\uDE00\uD83D",
            "g".repeat(300));

    private static final List<String> TOKENIZERS = List.of("""
            {"version": "1.0", "added_tokens": [{"id": 7, "content": "<s>", "single_word": false, "lstrip": true,
              "rstrip": false, "normalized": true, "special": true}],
             "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Replace",
              "pattern": {"Regex": "v+"}, "content": "g"}, {"type": "Prepend", "prepend": "a"}, {"type": "Nmt"}]},
             "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": true},
              {"type": "Split", "pattern": {"Regex": " +|g"}, "behavior": "MergedWithNext", "invert": false},
              {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}]},
             "post_processor": {"type": "RobertaProcessing", "sep": ["<s>", 7], "cls": ["<s>", 7],
              "trim_offsets": true, "add_prefix_space": true},
             "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
             "model": {"type": "BPE", "unk_token": null, "ignore_merges": true, "vocab": {"a": 0, "g": 1, "Ġ": 2,
              "Ġa": 3, "gg": 4, "gggg": 5, "Ã": 6}, "merges": [["Ġ", "a"], "g g", ["gg", "gg"]]}}
            """, """
            {"added_tokens": [], "normalizer": {"type": "Strip", "strip_left": true, "strip_right": true},
             "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": true},
             "post_processor": null, "decoder": {"type": "Sequence", "decoders": [{"type": "Replace",
              "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
              {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
             "model": {"unk_id": 0, "byte_fallback": true, "vocab": [["?", 0], ["▁", -2.5], ["g", -1.25],
              ["gg", -2.125], ["▁a", -3]]}}
            """);

    private ModelReaders() {}

    /**
     * {@code config.json} beside the weights of a recorded model, which computes three tokens where it can be loaded.
     */
    static Reader config(Path directory, Path recorded) throws IOException {
        Files.createDirectories(directory);
        Files.copy(recorded.resolve("model.safetensors"), directory.resolve("model.safetensors"));
        List<JsonTree> seeds = Stream.of("config.json", "config.v4.json")
                .map(name -> JsonTree.of(Json.readObject(recorded.resolve(name)))).toList();
        Path file = directory.resolve("config.json");
        return new Reader("config.json of " + recorded.getFileName(), directory, json(seeds, FIELDS), input -> {
            Files.write(file, input);
            TaskModel<?, ?, ?> model = TaskModel.of(Model.load(directory));
            try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
                model.logits(tape, Batch.of(List.of(
                        Arrays.copyOf(new int[] {1, 2, 3}, Math.min(3, model.backbone().maxTokens())))));
            }
        });
    }

    private static Reader.Inputs json(List<JsonTree> seeds, List<String> more) {
        List<String> names = Stream.concat(JsonTree.names(seeds).stream(), more.stream().map(name -> '"' + name + '"'))
                .toList();
        return random -> {
            JsonTree seed = Mutants.one(seeds, random);
            return random.nextInt(8) == 0 ? Mutants.bytes(WeightReaders.utf8(seed), random)
                    : WeightReaders.utf8(seed.changed(names, random));
        };
    }

    /** Any JSON object, which is the same after it was written and read. */
    static Reader json(Path directory, List<Path> recorded) {
        Path file = directory.resolve("a.json");
        List<JsonTree> seeds = recorded.stream().map(path -> JsonTree.of(Json.readObject(path))).toList();
        return new Reader("JSON", directory, json(seeds, List.of()), input -> {
            Files.write(file, input);
            Map<String, Object> read = Json.readObject(file);
            if (!Json.readObject(Json.write(read), file).equals(read)) {
                throw new AssertionError("is written as " + Json.write(read));
            }
        });
    }

    /** A schema that texts are kept to. */
    static Reader schema(Path directory, Path recorded) {
        Path file = directory.resolve("schema.json");
        List<JsonTree> seeds = JsonObject.read(recorded).objects("cases").stream()
                .map(each -> JsonTree.of(each.object("schema").fields())).toList();
        return new Reader("JSON schema", directory, json(seeds, List.of("oneOf", "minimum", "$ref", "enum")), input -> {
            Files.write(file, input);
            TextForm.jsonSchema(JsonObject.read(file));
        });
    }

    /** {@code tokenizer.json}, which cuts some texts where it can be loaded. */
    static Reader tokenizer(Path directory, Path recorded) {
        Path file = directory.resolve("tokenizer.json");
        Map<String, Object> bert = Json.readObject(recorded);
        Map<String, Object> template = new TreeMap<>(bert);
        template.put("post_processor", Map.of("type", "TemplateProcessing", "single",
                List.of(piece("SpecialToken", "[CLS]"), piece("Sequence", "A"), piece("SpecialToken", "[SEP]")), "pair",
                List.of(), "special_tokens", Map.of("[CLS]", special("[CLS]", 2), "[SEP]", special("[SEP]", 3))));
        List<JsonTree> seeds = Stream.concat(Stream.of(bert, template), TOKENIZERS.stream()
                .map(json -> Json.readObject(json, file))).map(JsonTree::of).toList();
        return new Reader("tokenizer.json", directory, json(seeds, List.of("strip_accents", "byte_fallback")),
                input -> {
                    Files.write(file, input);
                    Tokenizer tokenizer = Tokenizer.load(file);
                    for (String text : TEXTS) {
                        tokenizer.decode(tokenizer.encode(text, 64).ids(), true);
                    }
                });
    }

    /** A vocabulary of SentencePiece's. */
    static Reader sentencePiece(Path directory) throws IOException {
        Path file = directory.resolve("tokenizer.model");
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"LlamaTokenizer\"}");
        Wire model = new Wire().message(1, new Wire().text(1, "<unk>").number(3, 2))
                .message(1, new Wire().text(1, "<s>").number(3, 3));
        for (String piece : List.of("\u2581", "a", "b", "\u2581a", "ab", "\u2581ab", "<0x0A>")) {
            model.message(1, new Wire().text(1, piece).number(3, piece.startsWith("<") ? 6 : 1));
        }
        model.message(2, new Wire().number(3, 2).number(4, 9).number(35, 1).number(40, 0))
                .message(3,
                        new Wire().text(1, "identity").number(3, 1).number(4, 1).number(5, 1));
        return new Reader("tokenizer.model", directory,
                random -> random.nextInt(3) == 0 ? Mutants.bytes(model.toBytes(), random)
                        : model.changed(random).toBytes(),
                input -> {
                    Files.write(file, input);
                    Tokenizer tokenizer = Tokenizer.ofDirectory(directory);
                    for (String text : TEXTS) {
                        tokenizer.decode(tokenizer.encode(text, 64).ids(), true);
                    }
                });
    }

    private static Map<String, Object> piece(String kind, String id) {
        return Map.of(kind, Map.of("id", id, "type_id", 0));
    }

    private static Map<String, Object> special(String token, int id) {
        return Map.of("id", token, "ids", List.of(id), "tokens", List.of(token));
    }

    /**
     * Adapters of all kinds on one base; an input's first line says which one's tensors stand beside the configuration
     * that follows.
     */
    static Reader adapterConfig(Path directory, Path base, List<Path> recorded) throws IOException {
        Files.createDirectories(directory);
        List<JsonTree> seeds = recorded.stream()
                .map(path -> JsonTree.of(Json.readObject(path.resolve("adapter_config.json")))).toList();
        List<String> names = JsonTree.names(seeds);
        TaskModel<?, ?, ?> model = TaskModel.of(Model.load(base));
        return new Reader("adapter_config.json", directory, random -> {
            int at = random.nextInt(seeds.size());
            byte[] config = WeightReaders.utf8(seeds.get(at).changed(names, random));
            String text = recorded.get(at).getFileName() + "\n" + new String(config, StandardCharsets.UTF_8);
            return text.getBytes(StandardCharsets.UTF_8);
        }, input -> {
            String text = new String(input, StandardCharsets.UTF_8);
            int end = text.indexOf('\n');
            Files.writeString(directory.resolve("adapter_config.json"), text.substring(end + 1));
            Path tensors = directory.resolve("adapter_model.safetensors");
            Files.copy(recorded.getFirst().resolveSibling(text.substring(0, end)).resolve(tensors.getFileName()),
                    tensors,
                    StandardCopyOption.REPLACE_EXISTING);
            roundTrip(model, directory, WeightReaders.isWrittenAgain(input));
        });
    }

    /** Tensors of an adapter whose configuration is right. */
    static Reader adapterFile(Path directory, Path base, Path recorded) throws IOException {
        Files.createDirectories(directory);
        Path file = directory.resolve("adapter_model.safetensors");
        Files.copy(recorded.resolve("adapter_config.json"), directory.resolve("adapter_config.json"));
        TaskModel<?, ?, ?> model = TaskModel.of(Model.load(base));
        byte[] seed = Files.readAllBytes(recorded.resolve(file.getFileName()));
        return new Reader("adapter_model.safetensors", directory, random -> Mutants.bytes(seed, random), input -> {
            Files.write(file, input);
            roundTrip(model, directory, WeightReaders.isWrittenAgain(input));
        });
    }

    /** What could be read is the same after it was written and read, unless it is refused to be written. */
    private static void roundTrip(TaskModel<?, ?, ?> model, Path directory, boolean again) {
        LoraWeights read = Peft.read(model, directory, null);
        if (again) {
            requireSameAgain(model, read, directory);
        }
    }

    private static void requireSameAgain(TaskModel<?, ?, ?> model, LoraWeights read, Path directory) {
        Path copy = directory.resolve("again");
        LoraAdapter adapter = read.attach();
        try {
            Peft.save(adapter, "base", null, copy);
        } catch (InputException e) {
            return;
        } finally {
            adapter.detach();
        }
        LoraWeights again = Peft.read(model, copy, null);
        WeightReaders.requireSame(again.tensors(), read.tensors());
        for (int i = 0; i < read.plan().sites().size(); i++) {
            if (again.plan().sites().get(i).scaling() != read.plan().sites().get(i).scaling()) {
                throw new AssertionError(read.plan().sites().get(i).path() + " has another factor after writing");
            }
        }
    }
}
