package dev.lorikeet.transformer.task;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.InputFile;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Sha256;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.model.Attachment;
import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.MeanPooledHead;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.ModelName;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A task model on disk. With adapters, {@code adapter/}; the base model is not copied, the adapter names it and holds
 * the hash of its weights. Trained whole, {@code model/}; merged, the model itself. Beside it {@code task.json}, and
 * for a head that is none of Hugging Face's {@code head.safetensors} and a Python script that opens both.
 */
final class SavedTask {
    private static final int FORMAT = 1;
    private static final String ADAPTER = "adapter";
    private static final String MODEL = "model";
    private static final String HEAD = "head.safetensors";
    private static final String SCRIPT = "load.py";
    private static final String TASK = "task.json";
    private static final String LABELS = "id2label";
    /** Of the adapter's weights: the task and the head are of the same run. */
    private static final String ADAPTER_SHA = "adapter_sha256";

    private SavedTask() {}

    static void save(TaskModel<?, ?, ?> model, Path directory, TaskFiles files) {
        if (!files.tasks().containsKey(model.task().kind()) || model.head() instanceof MeanPooledHead
                && !(model.task() instanceof SequenceTask)) {
            throw new IllegalStateException("save: the task " + model.task().kind()
                    + " could not be loaded again with its head");
        }
        requireNo(directory, "config.json", "the model that is saved is a run");
        Attachment attachment = model.attachment();
        if (attachment != null && !attachment.merged()) {
            requireNo(directory, MODEL, "the model that is saved is an adapter");
            Path adapter = directory.resolve(ADAPTER);
            files.attachments().stream().filter(format -> format.writes(attachment)).findFirst()
                    .orElseThrow(() -> new InputException(adapter, "write", "nothing here writes these adapters"))
                    .save(model, attachment, model.model().id(), adapter);
        } else {
            requireNo(directory, ADAPTER, "the model that is saved is whole");
            model.model().write(model.peftRoot(), pretrained(model), directory.resolve(MODEL));
            SentenceTransformersFiles.write(model, directory.resolve(MODEL));
        }
        writeBeside(model, directory);
    }

    /** Whoever loads the directory would take the one for the other. */
    private static void requireNo(Path directory, String other, String saved) {
        if (Files.exists(directory.resolve(other))) {
            throw new InputException(directory, "save", "holds " + other + ", and " + saved
                    + ": another directory is expected");
        }
    }

    static void saveMerged(TaskModel<?, ?, ?> model, Path directory) {
        for (String other : List.of(ADAPTER, MODEL, "adapter_config.json")) {
            requireNo(directory, other, "the model that is saved is merged");
        }
        boolean beside = pretrained(model) == null;
        if (!beside) {
            requireNo(directory, TASK, "the model that is saved has its head with it");
        }
        model.model().write(model.peftRoot(), pretrained(model), directory);
        SentenceTransformersFiles.write(model, directory);
        if (beside) {
            writeBeside(model, directory);
        }
    }

    private static @Nullable Head pretrained(TaskModel<?, ?, ?> model) {
        return model.head().className() == null ? null : model.head();
    }

    private static void writeBeside(TaskModel<?, ?, ?> model, Path directory) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("format", FORMAT);
        json.put("task", model.task().kind());
        json.putAll(new TreeMap<>(model.task().settings())); // a task's own order may be another in each JVM
        if (Files.exists(directory.resolve(ADAPTER))) {
            json.put(ADAPTER_SHA, sha256(directory.resolve(ADAPTER)));
        }
        AtomicFile.write(directory.resolve(TASK), Json.write(json));
        if (model.head() instanceof MeanPooledHead head
                && model.task() instanceof SequenceTask<?, ?, ?> task) {
            writeHead(head, task.labels(), directory.resolve(HEAD));
            AtomicFile.write(directory.resolve(SCRIPT), script());
        }
    }

    private static String sha256(Path adapter) {
        Sha256 digest = new Sha256();
        try (Stream<Path> files = Files.list(adapter)) {
            files.filter(file -> file.toString().endsWith(".safetensors")).sorted().forEach(digest::add);
        } catch (IOException e) {
            throw InputFile.error(adapter, e);
        }
        return digest.hex();
    }

    /** {@code weight} (classes, hidden) and {@code bias} (classes), with the classes as metadata, {@code id2label}. */
    private static void writeHead(MeanPooledHead head, List<String> labels, Path file) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        head.output().namedParameters().forEach((name, parameter) -> tensors.put(name, parameter.value()));
        Map<String, String> names = new LinkedHashMap<>();
        for (int i = 0; i < labels.size(); i++) {
            names.put(Integer.toString(i), labels.get(i));
        }
        Safetensors.writeFinite(file, tensors, Map.of("format", "pt", LABELS, Json.write(names).strip()));
    }

    private static String script() {
        try (InputStream script = SavedTask.class.getResourceAsStream(SCRIPT)) {
            return new String(Objects.requireNonNull(script, SCRIPT).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(SCRIPT, e);
        }
    }

    static TaskModel<?, ?, ?> load(Path directory, @Nullable String base, LoadOptions options,
            TaskFiles files) {
        Path adapter = directory.resolve(ADAPTER);
        Path whole = whole(directory);
        if (whole != null) {
            if (base != null) {
                throw new InputException(directory, "base",
                        "there is no adapter in it that has a base, the model is whole");
            }
            TaskModel<?, ?, ?> model = withHead(Model.load(whole, options), directory, files);
            if (model.head().isNew()) {
                boolean labelled = !(model.task() instanceof LanguageTask);
                throw new InputException(directory.resolve(TASK), labelled ? "labels" : "task",
                        labelled ? "are not those of the head in " + whole : "has no head in " + whole);
            }
            return model;
        }
        requireRun(directory);
        AttachmentFormat format = format(adapter, files.attachments());
        String named = base == null ? base(format, adapter) : base;
        TaskModel<?, ?, ?> model = withHead(Model.load(named, options), directory, files);
        format.attach(model, adapter); // whose files have a new head, or this refuses them
        requireOneRun(directory, adapter);
        model.freeze();
        return model;
    }

    /** The model of a run without an adapter, or null. */
    private static @Nullable Path whole(Path directory) {
        if (Files.exists(directory.resolve(ADAPTER))) {
            return null;
        }
        Path model = directory.resolve(MODEL);
        return Files.exists(model) ? model : Files.exists(directory.resolve("config.json")) ? directory : null;
    }

    private static void requireRun(Path directory) {
        if (!Files.isDirectory(directory)) {
            throw new InputException(directory, "open", "there is no such directory");
        }
        if (Files.exists(directory.resolve("adapter_config.json"))) {
            throw new InputException(directory, "open", "is an adapter by itself, without task or head; the directory "
                    + "above it may be its run");
        }
    }

    /** The head of one run on the adapter of another would answer, and wrongly. */
    private static void requireOneRun(Path directory, Path adapter) {
        JsonObject json = Files.exists(directory.resolve(TASK)) ? JsonObject.read(directory.resolve(TASK)) : null;
        if (json != null && json.has(ADAPTER_SHA) && !json.string(ADAPTER_SHA).equals(sha256(adapter))) {
            throw json.error(ADAPTER_SHA,
                    "is not that of the adapter beside it: task and head are of another run than the "
                            + "adapter; without this line they are taken together none the less");
        }
    }

    /** Where no format knows the files, the first says what is missing. */
    private static AttachmentFormat format(Path adapter, List<AttachmentFormat> formats) {
        return formats.stream().filter(format -> format.reads(adapter)).findFirst()
                .or(() -> formats.stream().findFirst())
                .orElseThrow(() -> new InputException(adapter, "open", "nothing here reads adapters"));
    }

    private static String base(AttachmentFormat format, Path adapter) {
        String id = format.base(adapter);
        if (id == null || !ModelName.isKnown(id)) {
            throw new InputException(adapter.resolve("adapter_config.json"), "base_model_name_or_path", id == null
                    ? "is missing, so that nobody knows the base model"
                    : ModelName.rule(id));
        }
        return id;
    }

    private static TaskModel<?, ?, ?> withHead(Model model, Path directory, TaskFiles files) {
        Path head = directory.resolve(HEAD);
        if (Files.exists(directory.resolve(TASK))) {
            JsonObject json = JsonObject.read(directory.resolve(TASK));
            int format = json.integer("format");
            if (format != FORMAT) {
                throw json.error("format", format + " is not " + FORMAT + ", the one that this version reads");
            }
            Task<?, ?, ?> task = Tasks.read(json, files);
            if (task instanceof SequenceTask<?, ?, ?> sequences && sequences.choice() == HeadChoice.MEAN) {
                MeanPooledHead read = meanPooledHead(model, head);
                if (!sequences.labels().equals(labels(head))) {
                    throw json.error("labels", "are not those of " + head.getFileName());
                }
                return new TaskModel<>(model, sequences, read);
            }
            if (task instanceof SequenceTask || task instanceof TokenClassification || task instanceof LanguageTask) {
                model.tokenizer(); // what reads texts is not loaded without
            }
            return TaskModel.of(model, task, 0);
        }
        return Files.exists(head) || !model.hasHead()
                ? new TaskModel<>(model, Tasks.classification(labels(head)), meanPooledHead(model, head))
                : TaskModel.of(model);
    }

    private static MeanPooledHead meanPooledHead(Model model, Path headFile) {
        int outputs = labels(headFile).size();
        model.tokenizer(); // what reads texts is not loaded without
        try (TensorFile file = Safetensors.open(headFile)) {
            return MeanPooledHead.read(file, outputs, model.backbone().config().hiddenSize());
        }
    }

    /** The names of a head's outputs. */
    private static List<String> labels(Path headFile) {
        try (TensorFile file = Safetensors.open(headFile)) {
            String json = file.metadata().get(LABELS);
            if (json == null) {
                throw new InputException(headFile, "__metadata__." + LABELS, "is missing: this is not a head");
            }
            JsonObject names = new JsonObject(headFile, LABELS, Json.readObject(json, headFile));
            List<String> labels = IntStream.range(0, names.fields().size())
                    .mapToObj(i -> names.string(Integer.toString(i))).toList();
            requireNames(labels, headFile);
            return labels;
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

    /** Generics are not in files: the task itself says what it reads. */
    @SuppressWarnings("unchecked")
    static <X> TaskModel<X, Integer, List<Prediction>> classifier(TaskModel<?, ?, ?> loaded, Reading<X> reading) {
        if (loaded.task() instanceof SequenceClassification<?> task && task.reading().equals(reading)) {
            return (TaskModel<X, Integer, List<Prediction>>) loaded;
        }
        throw expected(loaded, loaded.task() instanceof SequenceClassification<?> task ? task.reading() : null,
                SequenceClassification.KIND, reading);
    }

    @SuppressWarnings("unchecked")
    static <X> TaskModel<X, float[], float[]> regression(TaskModel<?, ?, ?> loaded, Reading<X> reading) {
        if (loaded.task() instanceof SequenceRegression<?> task && task.reading().equals(reading)) {
            return (TaskModel<X, float[], float[]>) loaded;
        }
        throw expected(loaded, loaded.task() instanceof SequenceRegression<?> task ? task.reading() : null,
                SequenceRegression.KIND, reading);
    }

    private static InputException expected(TaskModel<?, ?, ?> loaded, @Nullable Reading<?> own, String kind,
            Reading<?> reading) {
        return new InputException("model: " + loaded.model().id() + " is for the task " + loaded.task().kind()
                + (own == null ? "" : " of " + own.name() + "s") + ", " + kind + " of " + reading.name()
                + "s is expected");
    }

    @SuppressWarnings("unchecked")
    static TaskModel<List<String>, List<String>, List<String>> tokenClassifier(TaskModel<?, ?, ?> loaded) {
        if (loaded.task() instanceof TokenClassification) {
            return (TaskModel<List<String>, List<String>, List<String>>) loaded;
        }
        throw new InputException("model: " + loaded.model().id() + " is for the task " + loaded.task().kind() + ", "
                + TokenClassification.KIND + " is expected");
    }
}
