package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A model with its head, as one of Hugging Face's classes: a {@link Backbone}, and what makes logits of its last
 * hidden state.
 */
public abstract class PretrainedModel extends Module {
    /** What files of pre-training hold beside a model whose head does without. */
    private static final String PRETRAINING = "(.*\\.)?pooler\\..*|cls\\.seq_relationship\\..*";

    /** What a head is made from. */
    public record Source(Architecture architecture, String className, JsonObject config, TensorReader files) {
        Backbone base(Pooler pooler) {
            return architecture.load(config, files, pooler);
        }
    }

    private final Backbone base;
    private final String className;
    private final JsonObject config;

    PretrainedModel(Source source, Pooler pooler) {
        this.className = source.className();
        this.config = source.config();
        this.base = child(source.architecture().prefix(), source.base(pooler));
    }

    /** As {@link #load(Path, LoadOptions)}, in float32. */
    public static PretrainedModel load(Path directory) {
        return load(directory, LoadOptions.STANDARD);
    }

    /**
     * Loads a Hugging Face directory: {@code config.json}, whose {@code model_type} and {@code architectures} decide
     * what it is, and {@code model.safetensors}, whole or in shards.
     *
     * @throws InputException if the files do not make a model with a head
     */
    public static PretrainedModel load(Path directory, LoadOptions options) {
        PretrainedModel model = load(JsonObject.read(directory.resolve("config.json")), directory,
                options.architectures());
        options.apply(model.base);
        return model;
    }

    /** As {@link #load(Path)}, with other architectures than the standard ones. */
    public static PretrainedModel load(Path directory, Architectures architectures) {
        return load(directory, LoadOptions.STANDARD.with(architectures));
    }

    static PretrainedModel load(JsonObject config, Path directory, Architectures architectures) {
        Architecture architecture = architectures.of(config);
        String className = className(config);
        Architecture.Head head = architecture.head(className);
        if (head == null) {
            throw config.error("architectures", "\"" + className + "\" is not one of " + architecture.heads().keySet()
                    .stream().map(architecture::className).sorted().collect(Collectors.joining(", ")));
        }
        try (TensorFile weights = Safetensors.openDirectory(directory)) {
            TensorReader files = new TensorReader(weights);
            PretrainedModel model = head.make(new Source(architecture, className, config, files));
            files.requireAllTaken(architecture.buffers() + "|" + PRETRAINING);
            return model;
        }
    }

    private static String className(JsonObject config) {
        List<?> names = config.list("architectures");
        if (names.size() == 1 && names.getFirst() instanceof String name) {
            return name;
        }
        throw config.error("architectures", "one name is expected, not " + Shown.value(names));
    }

    /**
     * Writes a Hugging Face directory that {@link #load(Path)} reads back with the same bits, as {@link Backbone#save}
     * does for a model without its head.
     *
     * @throws InputException if a weight is not finite, or a file cannot be read or written
     * @throws IllegalStateException if a layer has an adapter that is not merged
     */
    public final void save(Path directory) {
        ModelDirectory.write(this, config, changes(), directory);
    }

    /** The fields of {@code config.json} that differ from the source's. */
    Map<String, Object> changes() {
        return Map.of();
    }

    /** The model without its head. */
    public final Backbone base() {
        return base;
    }

    /** The name of Hugging Face's class, for example {@code BertForSequenceClassification}. */
    public final String className() {
        return className;
    }

    /**
     * The logits.
     *
     * @return (sequences, labels) of a sequence classifier, (rows, labels) of a token classifier, (rows, vocabulary) of
     *     a language model
     * @throws IllegalArgumentException as {@link Backbone#hiddenStates}
     */
    public final Variable forward(Tape tape, Batch batch) {
        return logits(tape, base.forward(tape, batch), batch);
    }

    /** The logits of the last hidden state (rows, hidden). */
    abstract Variable logits(Tape tape, Variable hidden, Batch batch);

    /**
     * The mean cross-entropy.
     *
     * @param logits from {@link #forward}
     * @param labels a class for each sequence, or for each row a class or token, or
     *     {@link dev.lorikeet.tensor.CrossEntropy#IGNORED}
     * @return a scalar, NaN where every label is ignored
     * @throws IllegalArgumentException if the labels do not fit, or the model is one of regression
     */
    public Variable loss(Tape tape, Variable logits, Batch batch, int[] labels) {
        return Losses.crossEntropy(tape, logits, labels);
    }
}
