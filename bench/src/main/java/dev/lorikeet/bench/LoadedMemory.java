package dev.lorikeet.bench;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.weights.DType;
import dev.lorikeet.transformer.weights.GgufWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The most memory that a JVM has resident while it loads a model and runs it once: a random Llama of about so many
 * megabytes is written as a GGUF file, or as a directory with safetensors, and a JVM with this one's options loads it.
 * On Linux alone.
 *
 * <p>While C2 has not compiled the kernels on the Vector API, each vector in them is an object, and what a collector
 * leaves of these until it runs counts too: {@code -Dlorikeet.vector=scalar}, or a small young generation, shows what
 * the model itself takes.
 */
public final class LoadedMemory {
    private static final int HIDDEN = 512;
    private static final int INNER = 1408;
    private static final int HEADS = 8;
    private static final int WORDS = 8192;
    private static final int POSITIONS = 64;
    private static final int[] TEXT = IntStream.range(0, 16).toArray();

    private LoadedMemory() {}

    /** A model's bytes, and the most that were resident while it was loaded and run. */
    public record Peak(long model, long resident) {
        /** What is asked: 1.15 of the model, and 100 MB. */
        public long allowed() {
            return model * 115 / 100 + 100_000_000;
        }
    }

    /** @param arguments megabytes, F16, BF16 or Q8_0, and {@code gguf} or {@code safetensors}; or {@code load PATH} */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments[0].equals("load")) {
            run(Path.of(arguments[1]));
            System.out.println(resident());
            return;
        }
        Path directory = Files.createTempDirectory("loaded-memory");
        try {
            Peak peak = measure(directory, Integer.parseInt(arguments[0]), DType.valueOf(arguments[1]),
                    arguments[2].equals("gguf"), ManagementFactory.getRuntimeMXBean().getInputArguments());
            System.out.printf(Locale.ROOT, "%s in %s: %d MB; at most %d MB resident, %d MB allowed%n", arguments[1],
                    arguments[2], peak.model / 1_000_000, peak.resident / 1_000_000, peak.allowed() / 1_000_000);
        } finally {
            for (Path file : files(directory)) {
                Files.delete(file);
            }
            Files.delete(directory);
        }
    }

    /**
     * Writes a model, and loads it in a JVM.
     *
     * @param directory an empty one
     * @param dtype F16, BF16, or, in a GGUF file, Q8_0
     * @param options of the JVM
     */
    public static Peak measure(Path directory, int megabytes, DType dtype, boolean gguf, List<String> options)
            throws IOException, InterruptedException {
        int layer = 4 * HIDDEN * HIDDEN + 3 * HIDDEN * INNER;
        long elements = megabytes * 1_000_000L / dtype.bytes() * dtype.blockLength();
        int layers = Math.toIntExact((elements - WORDS * HIDDEN) / layer);
        Path model = gguf ? directory.resolve("model.gguf") : directory;
        if (gguf) {
            writeGguf(model, layers, dtype);
        } else {
            writeSafetensors(directory, layers, dtype);
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), LoadedMemory.class.getName(), "load",
                model.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException("a JVM ended with " + process.exitValue() + ": " + output);
        }
        long bytes = 0;
        for (Path file : files(directory)) {
            bytes += Files.size(file);
        }
        return new Peak(bytes, Long.parseLong(output.substring(output.lastIndexOf('\n') + 1)));
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    private static void run(Path path) {
        Model model = Model.load(path);
        Batch batch = Batch.of(List.of(TEXT));
        try (Tape tape = Tape.inference(model.compute(), new Workspace())) {
            Pass pass = batch.pass(tape);
            model.head().logits(pass, model.backbone().forward(pass, batch), batch);
        }
    }

    private static long resident() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", ""))).findFirst().orElseThrow();
    }

    private static Tensor random(int rows, int columns) {
        Tensor tensor = Tensor.zeros(rows, columns);
        Random.fillUniform(tensor, 0.05f, 1);
        return tensor;
    }

    private static void writeGguf(Path file, int layers, DType dtype) {
        GgufWriter writer = new GgufWriter("llama");
        writer.put("llama.block_count", layers);
        writer.put("llama.context_length", POSITIONS);
        writer.put("llama.embedding_length", HIDDEN);
        writer.put("llama.feed_forward_length", INNER);
        writer.put("llama.attention.head_count", HEADS);
        writer.put("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        Tensor square = random(HIDDEN, HIDDEN);
        Tensor wide = random(INNER, HIDDEN);
        Tensor narrow = random(HIDDEN, INNER);
        Tensor words = random(WORDS, HIDDEN);
        Tensor norm = random(1, HIDDEN).reshape(HIDDEN);
        Map<String, Tensor> tensors = new LinkedHashMap<>(Map.of("token_embd", words, "output_norm", norm));
        for (int i = 0; i < layers; i++) {
            String start = "blk." + i + ".";
            for (String name : List.of("attn_q", "attn_k", "attn_v", "attn_output")) {
                tensors.put(start + name, square);
            }
            tensors.putAll(Map.of(start + "ffn_gate", wide, start + "ffn_up", wide, start + "ffn_down", narrow,
                    start + "attn_norm", norm, start + "ffn_norm", norm));
        }
        tensors.forEach((name, tensor) -> writer.tensor(name + ".weight", tensor.shape(), dtype, () -> tensor));
        writer.write(file);
    }

    private static void writeSafetensors(Path directory, int layers, DType dtype) throws IOException {
        Map<String, int[]> shapes = new LinkedHashMap<>(Map.of("model.embed_tokens", new int[] {WORDS, HIDDEN},
                "model.norm", new int[] {HIDDEN}));
        for (int i = 0; i < layers; i++) {
            String start = "model.layers." + i + ".";
            for (String name : List.of("q_proj", "k_proj", "v_proj", "o_proj")) {
                shapes.put(start + "self_attn." + name, new int[] {HIDDEN, HIDDEN});
            }
            shapes.putAll(Map.of(start + "mlp.gate_proj", new int[] {INNER, HIDDEN}, start + "mlp.up_proj",
                    new int[] {INNER, HIDDEN}, start + "mlp.down_proj", new int[] {HIDDEN, INNER},
                    start + "input_layernorm", new int[] {HIDDEN}, start + "post_attention_layernorm",
                    new int[] {HIDDEN}));
        }
        Map<String, Object> header = new LinkedHashMap<>();
        long end = 0;
        for (Map.Entry<String, int[]> next : shapes.entrySet()) {
            long begin = end;
            end += 2L * Shape.of(next.getValue()).size();
            header.put(next.getKey() + ".weight", Map.of("dtype", dtype.name(), "shape",
                    Arrays.stream(next.getValue()).boxed().toList(),
                    "data_offsets", List.of(begin, end)));
        }
        byte[] json = Json.write(header).getBytes(StandardCharsets.UTF_8);
        try (FileChannel channel = FileChannel.open(directory.resolve("model.safetensors"),
                StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length)
                    .put(json).flip());
            ByteBuffer numbers = numbers(dtype);
            for (long left = end; left > 0; left -= numbers.capacity()) {
                channel.write(numbers.clear().limit((int) Math.min(left, numbers.capacity())));
            }
        }
        Files.writeString(directory.resolve("config.json"), Json.write(Map.of("model_type", "llama", "architectures",
                List.of("LlamaForCausalLM"), "vocab_size", WORDS, "hidden_size", HIDDEN, "intermediate_size", INNER,
                "num_hidden_layers", layers, "num_attention_heads", HEADS, "max_position_embeddings", POSITIONS,
                "tie_word_embeddings", true)));
    }

    private static ByteBuffer numbers(DType dtype) {
        float[] values = random(256, 1024).data();
        ByteBuffer numbers = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            numbers.putShort(dtype == DType.F16 ? Float.floatToFloat16(value)
                    : (short) (Float.floatToIntBits(value) >>> 16));
        }
        return numbers;
    }
}
