package dev.lorikeet.bench.fuzz;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraWeights;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.EncoderDecoder;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The readers of models' configurations and adapters. */
final class ModelReaders {
    /** Fields that no recorded config.json has. */
    private static final List<String> FIELDS = List.of("rope_scaling", "rope_parameters", "rope_theta",
            "partial_rotary_factor", "original_max_position_embeddings", "num_labels", "problem_type", "is_decoder",
            "hidden_size", "num_attention_heads", "n_inner", "type", "factor", "is_causal", "tie_word_embeddings");
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
        return Reader.ofJson("config.json of " + recorded.getFileName(), directory, seeds, FIELDS, input -> {
            Files.write(file, input);
            Model loaded = Model.load(directory);
            if (loaded.backbone() instanceof EncoderDecoder) {
                return; // no task has one
            }
            TaskModel<?, ?, ?> model = TaskModel.of(loaded);
            try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
                model.logits(tape, Batch.of(List.of(
                        Arrays.copyOf(new int[] {1, 2, 3}, Math.min(3, model.backbone().maxTokens())))));
            }
        });
    }

    /** Any JSON object, which is the same after it was written and read. */
    static Reader json(Path directory, List<Path> recorded) {
        Path file = directory.resolve("a.json");
        List<JsonTree> seeds = recorded.stream().map(path -> JsonTree.of(Json.readObject(path))).toList();
        return Reader.ofJson("JSON", directory, seeds, List.of(), input -> {
            Files.write(file, input);
            Map<String, Object> read = Json.readObject(file);
            if (!Json.readObject(Json.write(read), file).equals(read)) {
                throw new AssertionError("is written as " + Json.write(read));
            }
        });
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
            return beside(recorded.get(at), WeightReaders.utf8(seeds.get(at).changed(names, random)));
        }, () -> IntStream.of(0, recorded.size() / 2).boxed().flatMap(at -> Breaks.json(List.of(seeds.get(at)))
                .map(config -> beside(recorded.get(at), config))), input -> {
                    String text = new String(input, StandardCharsets.UTF_8);
                    int end = text.indexOf('\n');
                    Files.writeString(directory.resolve("adapter_config.json"), text.substring(end + 1));
                    Path tensors = directory.resolve("adapter_model.safetensors");
                    Files.copy(
                            recorded.getFirst().resolveSibling(text.substring(0, end)).resolve(tensors.getFileName()),
                            tensors,
                            StandardCopyOption.REPLACE_EXISTING);
                    roundTrip(model, directory, WeightReaders.isWrittenAgain(input));
                });
    }

    private static byte[] beside(Path recorded, byte[] config) {
        return (recorded.getFileName() + "\n" + new String(config, StandardCharsets.UTF_8))
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Tensors of an adapter whose configuration is right. */
    static Reader adapterFile(Path directory, Path base, Path recorded) throws IOException {
        Files.createDirectories(directory);
        Path file = directory.resolve("adapter_model.safetensors");
        Files.copy(recorded.resolve("adapter_config.json"), directory.resolve("adapter_config.json"));
        TaskModel<?, ?, ?> model = TaskModel.of(Model.load(base));
        byte[] seed = Files.readAllBytes(recorded.resolve(file.getFileName()));
        return new Reader("adapter_model.safetensors", directory, random -> Mutants.bytes(seed, random),
                () -> Stream.concat(Breaks.cuts(seed), Breaks.everywhere(seed, Long.BYTES)), input -> {
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
