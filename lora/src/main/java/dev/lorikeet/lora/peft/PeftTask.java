package dev.lorikeet.lora.peft;

import dev.lorikeet.lora.TaskType;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.metrics.Thresholds;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.Outputs;
import dev.lorikeet.transformer.model.Outputs.Problem;
import dev.lorikeet.transformer.task.HeadChoice;
import dev.lorikeet.transformer.task.MultiLabelClassification;
import dev.lorikeet.transformer.task.Reading;
import dev.lorikeet.transformer.task.SequenceClassification;
import dev.lorikeet.transformer.task.SequenceRegression;
import dev.lorikeet.transformer.task.Task;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.task.TokenClassification;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What an adapter by itself is for, as PEFT leaves one: {@code task_type}, or the class in {@code auto_mapping}, says
 * which head the model has, and the head's tensors how many outputs. Their names are in no file of PEFT's: they are
 * those of {@code id2label} in a {@code config.json} beside the adapter, else in the base model's, where that has as
 * many; else {@code LABEL_0} and so on, as Hugging Face calls them.
 */
public final class PeftTask {
    private static final String SEQUENCES = TaskType.SEQ_CLS.ending();
    private static final String TOKENS = TaskType.TOKEN_CLS.ending();
    private static final String ANSWERS = TaskType.QUESTION_ANS.ending();
    /** The last layer of a head for sequences or tokens, as Hugging Face's classes call it. */
    private static final Pattern OUTPUT = Pattern.compile("(?:.*\\.)?(?:classifier|score)(?:\\.out_proj)?\\.weight");

    private PeftTask() {}

    /**
     * {@code model} with the head that the adapter in {@code directory} was trained with, the adapter not yet on it;
     * nothing where the adapter is for the bare encoder.
     *
     * @param reading what the model reads, which no file says
     * @param names of its outputs, in their order, or null for those that a file has
     * @throws InputException if there are more or fewer outputs than names, a file is wrong, or neither the adapter
     *     nor the base model has a head
     */
    public static Optional<TaskModel<?, ?, ?>> of(Model model, Path directory, Reading<?> reading,
            @Nullable List<String> names) {
        JsonObject config = JsonObject.read(directory.resolve("adapter_config.json"));
        String ending = ending(model, config);
        if (ending.equals(ANSWERS)) {
            return Optional.of(TaskModel.of(model, Tasks.questionAnswering(), 0));
        }
        if (!ending.equals(SEQUENCES) && !ending.equals(TOKENS)) {
            return ending.isEmpty() ? Optional.empty() : Optional.of(TaskModel.of(model));
        }
        OptionalInt count = outputs(directory);
        if (count.isEmpty() && !model.hasHead()) {
            throw new InputException(directory, "modules_to_save", "the adapter holds no classifier or score, and the "
                    + "base model " + model.id() + " has no head: nothing says what the hidden states mean");
        }
        Outputs outputs = count.isEmpty() ? model.outputs() : named(model, directory, count.getAsInt());
        if (names != null && names.size() != outputs.count()) {
            throw new InputException(directory, "labels", names.size() + " names for the " + outputs.count()
                    + " outputs of the head");
        }
        outputs = names == null ? outputs : new Outputs(names, outputs.problem());
        return Optional.of(TaskModel.of(model, task(ending, outputs, reading), 0));
    }

    /** The end of the name of Hugging Face's class; empty where it has no head. */
    private static String ending(Model model, JsonObject config) {
        String type = config.string(CommonFields.TASK_TYPE, "");
        String mapped = config.has("auto_mapping") ? config.object("auto_mapping").string("base_model_class", "") : "";
        return TaskType.named(type).filter(named -> named != TaskType.FEATURE_EXTRACTION).map(TaskType::ending)
                .orElseGet(() -> model.architecture().heads().keySet().stream()
                        .filter(each -> mapped.equals(model.architecture().className(each))).findFirst().orElse(""));
    }

    /** How many outputs the head in the adapter's file has, if there is one. */
    private static OptionalInt outputs(Path directory) {
        try (TensorFile weights = Safetensors.open(directory.resolve("adapter_model.safetensors"))) {
            return weights.names().stream().filter(name -> OUTPUT.matcher(name.replaceAll(
                    "\\.modules_to_save(\\.[^.]+(?=\\.[^.]+$))?", "")).matches())
                    .mapToInt(name -> weights.shape(name).dim(0)).findFirst();
        }
    }

    private static Outputs named(Model model, Path directory, int count) {
        Path own = directory.resolve("config.json");
        Outputs known = Files.exists(own) ? Outputs.read(JsonObject.read(own)) : model.outputs();
        return known.count() == count ? known
                : new Outputs(IntStream.range(0, count).mapToObj(i -> "LABEL_" + i).toList(),
                        count == 1 ? Problem.REGRESSION : Problem.SINGLE_LABEL);
    }

    private static Task<?, ?, ?> task(String ending, Outputs outputs, Reading<?> reading) {
        List<String> labels = outputs.labels();
        if (ending.equals(TOKENS)) {
            return new TokenClassification(labels);
        }
        return switch (outputs.problem()) {
            case SINGLE_LABEL -> new SequenceClassification<>(reading, labels, HeadChoice.PRETRAINED);
            case MULTI_LABEL -> new MultiLabelClassification<>(reading, labels, HeadChoice.PRETRAINED,
                    Thresholds.usual(labels.size()));
            case REGRESSION -> new SequenceRegression<>(reading, labels, HeadChoice.PRETRAINED,
                    Collections.nCopies(labels.size(), SequenceRegression.Scale.NONE));
        };
    }

    /**
     * {@code model} with its head and the adapter in {@code directory}, nothing of it trainable.
     *
     * @throws InputException as {@link #of}, if the files do not fit together, or say of no task
     */
    public static TaskModel<?, ?, ?> load(Model model, Path directory, Reading<?> reading,
            @Nullable List<String> names) {
        TaskModel<?, ?, ?> made = of(model, directory, reading, names).orElseThrow(() -> new InputException(
                directory.resolve("adapter_config.json"), CommonFields.TASK_TYPE, "is none of a model with a head "
                        + "(SEQ_CLS, TOKEN_CLS, QUESTION_ANS, CAUSAL_LM, SEQ_2_SEQ_LM): the adapter is for the encoder "
                        + "alone, and says nothing of a task"));
        new PeftFormat().attach(made, directory);
        made.freeze();
        return made;
    }
}
