package dev.lorikeet.lora.search;

import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraConfigBuilder;
import dev.lorikeet.lora.rank.AdaLora;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;

/** Ten steps of every method on a classifier and on a language model; {@link GoldenRunsTest} knows what they give. */
public final class GoldenRuns {
    /** Of 20 examples: two epochs of five steps. */
    private static final TrainingSettings TRAINING = TrainingSettings.defaults().withEpochs(2).withBatchSize(4)
            .withRates(0.01, 0.02).with(TrainingSettings.CLIP_NORM, 0.0);
    /** Five epochs of two steps, on 8 of the examples. */
    private static final AutoLora AUTOLORA = AutoLora.defaults().withEpochs(5).withTrainingShare(0.4)
            .withSelectionRate(0.05);

    /** A method of fine-tuning: makes trainable, then trains. */
    private interface Method {
        void run(GoldenTask task, Digest digest);
    }

    private record Case(String name, Method method) {}

    /** In the order of the table. */
    private static final List<Case> METHODS = List.of(
            new Case("lora", (task, digest) -> adapt(task, lora().build(), TRAINING, digest)),
            new Case("rslora-dropout", (task, digest) -> adapt(task,
                    LoraConfig.rslora().rank(4).alpha(8).targets("all-linear").dropout(0.1).build(), TRAINING, digest)),
            new Case("adalora", (task, digest) -> adapt(task, LoraConfig.lora().alpha(16).targets("all-linear")
                    .adaLora(AdaLora.defaults().withRanks(2, 4).withSchedule(2, 3, 1)).build(), TRAINING, digest)),
            new Case("autolora", (task, digest) -> adapt(task,
                    task.search(lora().dropout(0.1).build(), AUTOLORA, TRAINING, digest), TRAINING, digest)),
            new Case("full", (task, digest) -> {
                task.backbone().unfreeze();
                task.train(TRAINING.with(TrainingSettings.CLIP_NORM, 1.0).with(TrainingSettings.GRADIENT_CHECKPOINTING,
                        true), digest::loss);
            }));

    private GoldenRuns() {}

    /** Prints {@link #lines}, on the kernels and threads of this JVM, with models in a directory to be made anew. */
    public static void main(String[] arguments) throws IOException {
        lines(Files.createDirectories(Path.of(arguments[0]))).forEach(System.out::println);
    }

    /** The name of each run with the hash of what it gives. */
    static List<String> lines(Path directory) throws IOException {
        Path bert = Files.createDirectory(directory.resolve("bert"));
        Path llama = Files.createDirectory(directory.resolve("llama"));
        GoldenModels.writeBert(bert);
        GoldenModels.writeLlama(llama);
        List<String> lines = new ArrayList<>();
        METHODS.forEach(method -> lines.add(line("classification", GoldenClassification.load(bert), method)));
        // Gradients of micro-batches add up in place here; where they are added as whole sums, this one has other bits.
        lines.add(line("classification", GoldenClassification.load(bert), new Case("lora-accumulation", (task,
                digest) -> adapt(task, lora().build(), TRAINING.withBatchSize(2).with(TrainingSettings.ACCUMULATION, 2),
                        digest))));
        METHODS.forEach(method -> lines.add(line("causal", GoldenLanguageModel.load(llama), method)));
        return lines;
    }

    private static String line(String kind, GoldenTask task, Case method) {
        Digest digest = new Digest();
        method.method.run(task, digest);
        task.parts().forEach(part -> new TreeMap<>(ParameterGroup.trained("", part)).values()
                .forEach(parameter -> digest.add(parameter.value())));
        return kind + " " + method.name + " " + digest.hex();
    }

    private static LoraConfigBuilder lora() {
        return LoraConfig.lora().rank(4).alpha(8).targets("all-linear");
    }

    private static void adapt(GoldenTask task, LoraConfig config, TrainingSettings training, Digest digest) {
        Lora.attach(task.backbone(), config, training.seed());
        task.train(training, digest::loss);
    }

    /** SHA-256 of float32, little-endian: the losses in their order, then the parameters by their paths. */
    private static final class Digest implements GoldenTask.Found {
        private final MessageDigest sha256;

        Digest() {
            try {
                sha256 = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError(e);
            }
        }

        void loss(double loss) {
            add((float) loss);
        }

        void add(Tensor tensor) {
            add(tensor.toArray());
        }

        private void add(float... values) {
            ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            sha256.update(bytes);
        }

        @Override
        public void losses(double training, double validation) {
            loss(training);
            loss(validation);
        }

        @Override
        public void selection(String path, Tensor beta) {
            add(beta);
        }

        String hex() {
            return HexFormat.of().formatHex(sha256.digest());
        }
    }
}
