package dev.lorikeet.transformer.task;

import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.CausalHead;
import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.MaskedHead;
import dev.lorikeet.transformer.model.Outputs;
import dev.lorikeet.transformer.model.SequenceHead;
import dev.lorikeet.transformer.model.TokenHead;
import dev.lorikeet.transformer.task.SequenceClassification.Pooling;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/** The tasks of this library: how an application makes one, and how files tell which it was. */
public final class Tasks {
    private static final String LABELS = "labels";
    static final Map<String, Function<JsonObject, Task<?, ?, ?>>> KINDS = new TreeMap<>(Map.of(
            SequenceClassification.KIND, Tasks::readClassification,
            SequenceRegression.KIND, json -> regression(names(json)),
            TokenTask.Labels.KIND, _ -> new TokenTask.Labels(),
            TokenTask.Masked.KIND, _ -> new TokenTask.Masked(),
            TokenTask.Causal.KIND, _ -> new TokenTask.Causal()));

    private Tasks() {}

    /** One class of a text, by the mean of its tokens, as a sentence encoder has it. */
    public static SequenceClassification classification(List<String> labels) {
        return new SequenceClassification(labels, Pooling.MEAN);
    }

    /** One class of a text, with Hugging Face's {@code …ForSequenceClassification} of the architecture. */
    public static SequenceClassification pretrainedClassification(List<String> labels) {
        return new SequenceClassification(labels, Pooling.PRETRAINED);
    }

    /** Numbers of a text. */
    public static SequenceRegression regression(List<String> names) {
        return new SequenceRegression(names);
    }

    /** The task of one of Hugging Face's heads. */
    static Task<?, ?, ?> of(Head head) {
        return switch (head) {
            case SequenceHead sequences when sequences
                    .outputs() instanceof Outputs(List<String> names, boolean numbers) ->
                numbers ? regression(names) : pretrainedClassification(names);
            case TokenHead _ -> new TokenTask.Labels();
            case MaskedHead _ -> new TokenTask.Masked();
            case CausalHead _ -> new TokenTask.Causal();
            default -> throw new IllegalArgumentException("task: no task is known for " + head.className());
        };
    }

    /** @param json a {@code task.json} that {@link TaskModel#save} wrote */
    static Task<?, ?, ?> read(JsonObject json, TaskFiles files) {
        String kind = json.string("task");
        Function<JsonObject, Task<?, ?, ?>> reader = files.tasks().get(kind);
        if (reader == null) {
            throw json.error("task", "\"" + kind + "\" is not one of "
                    + String.join(", ", new TreeSet<>(files.tasks().keySet())));
        }
        try {
            return reader.apply(json);
        } catch (IllegalArgumentException e) {
            throw json.error(KINDS.containsKey(kind) ? LABELS : "task", String.valueOf(e.getMessage()));
        }
    }

    private static Task<?, ?, ?> readClassification(JsonObject json) {
        String pooling = json.string("pooling");
        for (Pooling known : Pooling.values()) {
            if (known.name().toLowerCase(Locale.ROOT).equals(pooling)) {
                return new SequenceClassification(names(json), known);
            }
        }
        throw json.error("pooling", "\"" + pooling + "\" is not one of mean, pretrained");
    }

    private static List<String> names(JsonObject json) {
        return json.list(LABELS).stream().map(name -> {
            if (!(name instanceof String text)) {
                throw json.error(LABELS, "names are expected");
            }
            return text;
        }).toList();
    }
}
