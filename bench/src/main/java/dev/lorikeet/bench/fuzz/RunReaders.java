package dev.lorikeet.bench.fuzz;

import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The readers of what a run leaves, and of how a model writes. */
final class RunReaders {
    private RunReaders() {}

    /**
     * A small run: {@code task.json}, and the head beside it.
     *
     * @param base a model with a tokenizer
     */
    static List<Reader> run(Path directory, Path base) throws IOException {
        TaskModel<String, ?, ?> model = TaskModel.of(Model.load(base),
                Tasks.classification(List.of("animal", "feeling", "\u00e9")), 1);
        Lora.attach(model, LoraConfig.rslora().rank(2).alpha(4).targets("all-linear").build(), 1);
        model.save(directory);
        Path task = directory.resolve("task.json");
        Path head = directory.resolve("head.safetensors");
        byte[] tasks = Files.readAllBytes(task);
        byte[] heads = Files.readAllBytes(head);
        String path = base.toString(); // which the adapter names by where it was
        return List.of(
                Reader.ofJson("task.json", directory, List.of(JsonTree.of(Json.readObject(task))),
                        List.of("block_size", "separator", "tags", "pooling", "smoothing"), input -> {
                            Files.write(head, heads);
                            Files.write(task, input);
                            TaskModel.load(directory, path, LoadOptions.STANDARD);
                        }),
                new Reader("head.safetensors", directory, random -> Mutants.bytes(heads, random),
                        () -> Stream.concat(Breaks.cuts(heads), Breaks.everywhere(heads, Long.BYTES)), input -> {
                            Files.write(task, tasks);
                            Files.write(head, input);
                            TaskModel.load(directory, path, LoadOptions.STANDARD);
                        }));
    }

    /** {@code generation_config.json} beside a model that writes. */
    static Reader generation(Path directory, Path recorded) throws IOException {
        Files.createDirectories(directory);
        for (String name : List.of("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")) {
            Files.copy(recorded.resolve(name), directory.resolve(name));
        }
        Path file = directory.resolve("generation_config.json");
        JsonTree seed = JsonTree.of(Json.readObject("""
                {"_from_model_config": true, "bos_token_id": 1, "eos_token_id": [2, 3], "pad_token_id": 0,
                 "do_sample": true, "temperature": 0.7, "top_k": 20, "top_p": 0.9, "min_p": 0.05, "num_beams": 2,
                 "repetition_penalty": 1.1, "no_repeat_ngram_size": 3, "max_length": 40, "max_new_tokens": 5,
                 "length_penalty": 1.0, "early_stopping": false, "min_new_tokens": 1, "use_cache": true,
                 "transformers_version": "5.23.0"}
                """, file));
        return Reader.ofJson("generation_config.json", directory, List.of(seed),
                List.of("typical_p", "min_length", "suppress_tokens", "forced_bos_token_id"), input -> {
                    Files.write(file, input);
                    Generator.of(Model.load(directory));
                });
    }
}
