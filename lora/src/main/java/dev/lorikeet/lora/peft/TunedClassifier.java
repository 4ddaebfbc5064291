package dev.lorikeet.lora.peft;

import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.TaskType;
import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.FileNames;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Classifier;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.weights.BuiltInModels;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A fine-tuned {@link Classifier} on disk: the adapter of its encoder in PEFT's layout, its head, and a Python script
 * that opens both with PEFT. The base model is not copied; the adapter names it and holds the hash of its weights.
 * Where the encoder was trained without an adapter, it is there whole instead; where the adapter was merged, beside
 * the head.
 */
public final class TunedClassifier {
    private static final String ADAPTER = "adapter";
    private static final String MODEL = "model";
    private static final String HEAD = "head.safetensors";
    private static final String SCRIPT = "load.py";

    private TunedClassifier() {}

    /**
     * Writes {@code adapter/}, {@code head.safetensors} and {@code load.py} into {@code directory}. The same classifier
     * gives the same bytes.
     *
     * @param adapter on the classifier's encoder
     * @throws InputException if a file cannot be written
     * @throws IllegalArgumentException if the adapter is on another model
     */
    public static void save(Classifier classifier, LoraAdapter adapter, Path directory) {
        Model model = classifier.model();
        if (adapter.model() != model.encoder()) {
            throw new IllegalArgumentException("save: the adapter is not on the classifier's encoder");
        }
        // No class of Hugging Face has mean pooling with a linear head, so to PEFT the encoder is a feature extractor.
        String id = BuiltInModels.isBuiltIn(model.id()) ? model.id() : Path.of(model.id()).toAbsolutePath().toString();
        Peft.save(adapter, id, model.weightsHash(), TaskType.FEATURE_EXTRACTION, directory.resolve(ADAPTER));
        classifier.saveHead(directory.resolve(HEAD));
        AtomicFile.write(directory.resolve(SCRIPT), script());
    }

    /**
     * Writes a classifier whose encoder itself was trained: {@code model/}, a Hugging Face directory, and
     * {@code head.safetensors} and {@code load.py} beside it.
     *
     * @throws InputException if a weight is not finite, or a file cannot be written
     * @throws IllegalStateException if a layer has an adapter that is not merged
     */
    public static void save(Classifier classifier, Path directory) {
        classifier.model().encoder().save(directory.resolve(MODEL));
        classifier.saveHead(directory.resolve(HEAD));
        AtomicFile.write(directory.resolve(SCRIPT), script());
    }

    /**
     * Writes a classifier whose encoder has its adapter merged: a Hugging Face directory, with
     * {@code head.safetensors} and {@code load.py} in it.
     *
     * @throws InputException if a weight is not finite, or a file cannot be written
     * @throws IllegalStateException if a layer has an adapter that is not merged
     */
    public static void saveMerged(Classifier classifier, Path directory) {
        classifier.model().encoder().save(directory);
        classifier.saveHead(directory.resolve(HEAD));
        AtomicFile.write(directory.resolve(SCRIPT), script());
    }

    /** As {@link #load(Path, String)}, on the base model where the adapter says that it is. */
    public static Classifier load(Path directory) {
        return load(directory, null);
    }

    /**
     * The classifier in {@code directory}, on a base model of its own, nothing of it trainable: any number of threads
     * may ask it.
     *
     * @param base a built-in model's name or a directory, for an adapter whose base is elsewhere now; or null
     * @throws InputException if a file is missing or wrong, or an adapter's base model is not there or has other
     *     weights than it had in training
     */
    public static Classifier load(Path directory, @Nullable String base) {
        Path whole = whole(directory);
        if (whole == null) {
            Path adapter = directory.resolve(ADAPTER);
            Model model = base == null ? base(adapter) : Model.load(base);
            Peft.load(model.encoder(), adapter, model.weightsHash());
            return Classifier.load(model, directory.resolve(HEAD));
        }
        if (base != null) {
            throw new InputException(directory, "base",
                    "there is no adapter in it that has a base, the model is whole");
        }
        return Classifier.load(Model.load(whole), directory.resolve(HEAD));
    }

    /** The model of a run without an adapter, or null. */
    private static @Nullable Path whole(Path directory) {
        if (Files.exists(directory.resolve(ADAPTER))) {
            return null;
        }
        Path model = directory.resolve(MODEL);
        return Files.exists(model) ? model : Files.exists(directory.resolve("config.json")) ? directory : null;
    }

    private static Model base(Path adapter) {
        String id = Peft.baseModelId(adapter);
        if (id == null || !(BuiltInModels.isBuiltIn(id) || Files.isDirectory(FileNames.of(id, adapter.toString())))) {
            throw new InputException(adapter.resolve("adapter_config.json"), "base_model_name_or_path", id == null
                    ? "is missing, so that nobody knows the base model"
                    : "there is no directory and no built-in model named " + id);
        }
        return Model.load(id);
    }

    private static String script() {
        try (InputStream script = TunedClassifier.class.getResourceAsStream(SCRIPT)) {
            return new String(Objects.requireNonNull(script, SCRIPT).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(SCRIPT, e);
        }
    }
}
