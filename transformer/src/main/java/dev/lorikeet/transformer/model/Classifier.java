package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Softmax;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.tokenizer.Encoding;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A text classifier: the mean of the encoder's last hidden state over the real tokens, then a linear head. Once
 * trained, {@link #predict} may be called by any number of threads.
 */
public final class Classifier {
    private static final String LABELS = "id2label";

    private final Model model;
    private final List<String> labels;
    private final Linear head;

    private Classifier(Model model, List<String> labels, Linear head) {
        this.model = model;
        this.labels = List.copyOf(labels);
        this.head = head;
    }

    /** A classifier with a new head, uniform in ±1/√hidden as PyTorch's {@code nn.Linear}, drawn from {@code seed}. */
    public Classifier(Model model, List<String> labels, long seed) {
        this(model, labels, newHead(labels.size(), model.config().hiddenSize(), seed));
    }

    /** A head as {@code nn.Linear} makes it: uniform in ±1/√hidden. */
    public static Linear newHead(int classes, int hidden, long seed) {
        Tensor weight = Tensor.zeros(classes, hidden);
        Tensor bias = Tensor.zeros(classes);
        float bound = (float) (1 / Math.sqrt(hidden));
        Random.fillUniform(weight, bound, Random.key(seed, "head.weight"));
        Random.fillUniform(bias, bound, Random.key(seed, "head.bias"));
        return new Linear(weight, bias);
    }

    public Model model() {
        return model;
    }

    /** The names of the classes, in the order of the logits. */
    public List<String> labels() {
        return labels;
    }

    public Linear head() {
        return head;
    }

    /** The tokens of a text, cut to what the model can read. */
    public Encoding encoding(String text) {
        return model.tokenizer().encode(text, model.config().maxPositions());
    }

    /** The token ids of {@link #encoding}. */
    public int[] encode(String text) {
        return encoding(text).ids();
    }

    /** The mean of the last hidden state over each sequence: (sequences, hidden). */
    public Variable features(Tape tape, Batch batch) {
        return SequenceOps.mean(tape, model.encoder().forward(tape, batch), batch.offsets());
    }

    /** (sequences, classes). */
    public Variable logits(Tape tape, Batch batch) {
        return head.forward(tape, features(tape, batch));
    }

    /** Every class with its probability, the most probable first. */
    public List<Prediction> predict(String text) {
        Compute compute = Cpu.shared();
        try (Tape tape = Tape.inference(compute, new Workspace())) {
            Tensor logits = logits(tape, Batch.of(List.of(encode(text)))).value();
            Tensor probabilities = Tensor.zeros(logits.shape());
            Softmax.forward(compute, logits, probabilities);
            return IntStream.range(0, labels.size())
                    .mapToObj(i -> new Prediction(labels.get(i), probabilities.get(0, i)))
                    .sorted(Comparator.comparing(Prediction::probability).reversed()).toList();
        }
    }

    /**
     * Writes the head as safetensors: {@code weight} (classes, hidden) and {@code bias} (classes), and the names of the
     * classes as {@code id2label} in the metadata.
     *
     * @throws InputException if the file cannot be written
     */
    public void saveHead(Path file) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        head.namedParameters().forEach((name, parameter) -> tensors.put(name, parameter.value()));
        Map<String, String> names = new LinkedHashMap<>();
        for (int i = 0; i < labels.size(); i++) {
            names.put(Integer.toString(i), labels.get(i));
        }
        Safetensors.write(file, tensors, Map.of("format", "pt", LABELS, Json.write(names).strip()));
    }

    /**
     * A classifier with a head that {@link #saveHead} wrote.
     *
     * @throws InputException if the file is not a head, or does not fit the model
     */
    public static Classifier load(Model model, Path headFile) {
        try (TensorFile weights = Safetensors.open(headFile)) {
            String json = weights.metadata().get(LABELS);
            if (json == null) {
                throw new InputException(headFile, "__metadata__." + LABELS, "is missing: this is not a head");
            }
            JsonObject names = new JsonObject(headFile, LABELS, Json.readObject(json, headFile));
            List<String> labels = IntStream.range(0, names.fields().size())
                    .mapToObj(i -> names.string(Integer.toString(i))).toList();
            requireNames(labels, headFile);
            TensorReader files = new TensorReader(weights);
            Linear head = files.linear("", model.config().hiddenSize(), labels.size());
            files.requireAllTaken("");
            return new Classifier(model, labels, head);
        }
    }

    private static void requireNames(List<String> labels, Path headFile) {
        if (labels.isEmpty()) {
            throw new InputException(headFile, LABELS, "names no class");
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < labels.size(); i++) {
            if (labels.get(i).isBlank()) {
                throw new InputException(headFile, LABELS + "." + i, "is empty, the name of a class is expected");
            }
            if (!seen.add(labels.get(i))) {
                throw new InputException(headFile, LABELS + "." + i, "is " + Shown.value(labels.get(i))
                        + ", which is another class's name already");
            }
        }
    }
}
