package dev.lorikeet.cli.run;

import dev.lorikeet.cli.recipe.Method;
import dev.lorikeet.cli.recipe.Origin;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.report.Run;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfigBuilder;
import dev.lorikeet.lora.LoraSite;
import dev.lorikeet.lora.LoraWeights;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.lora.peft.PeftTask;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Sha256;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Reading;
import dev.lorikeet.transformer.task.SequenceRegression;
import dev.lorikeet.transformer.task.Task;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a run goes on from: the weights of another one, or of an adapter of PEFT's.
 *
 * @param model the base model, or the whole one; nothing is on it
 * @param adapter null where the model was trained whole
 * @param task what that was for, or null where nobody says
 * @param head the weights of its head by their paths
 * @param sha256 of all weights that are not the base model's
 */
record StartingPoint(Path from, Model model, @Nullable LoraWeights adapter, @Nullable Task<?, ?, ?> task,
        Map<String, Tensor> head, String sha256) {
    /**
     * Reads it.
     *
     * @throws InputException if a file is missing or wrong, or the adapter is for another base than the recipe's
     */
    static StartingPoint read(Path from, Recipe recipe, Compute compute) {
        Origin origin = Origin.of(from, "from");
        LoadOptions options = LoadOptions.STANDARD.with(compute);
        Path adapter = origin.adapter();
        if (!origin.isRun()) {
            Model model = Model.load(recipe.model(), options);
            TaskModel<?, ?, ?> whole = PeftTask.of(model, from, Reading.TEXT, null).orElse(null);
            LoraWeights weights = Peft.read(whole == null ? model.backbone() : whole.peftRoot(), from, model.hash());
            Map<String, Tensor> head = new LinkedHashMap<>();
            if (whole != null) {
                whole.head().namedParameters().forEach((path, parameter) -> head.put(path,
                        weights.tensors().getOrDefault(path, parameter.value())));
            }
            return of(from, model, weights, whole == null ? null : whole.task(), head);
        }
        TaskModel<?, ?, ?> run = TaskModel.load(from, adapter == null ? null : recipe.model(), options);
        Map<String, Tensor> head = new LinkedHashMap<>();
        run.head().namedParameters().forEach((path, parameter) -> head.put(path, parameter.value().copy()));
        LoraWeights weights = null;
        if (run.attachment() instanceof LoraAdapter attached) {
            weights = attached.weights();
            attached.detach();
        }
        return of(from, run.model(), weights, run.task(), head);
    }

    private static StartingPoint of(Path from, Model model, @Nullable LoraWeights adapter,
            @Nullable Task<?, ?, ?> task, Map<String, Tensor> head) {
        Sha256 digest = new Sha256();
        if (adapter == null) {
            digest.add(model.hash());
        } else {
            adapter.tensors().forEach((path, tensor) -> digest.add(path).add(tensor.shape().toString()).add(tensor));
        }
        head.forEach((path, tensor) -> digest.add(path).add(tensor));
        return new StartingPoint(from, model, adapter, task, head, digest.hex());
    }

    /** The model for {@code next}, with the head that it had where that tells the same. */
    <X, Y, P> TaskModel<X, Y, P> model(Task<X, Y, P> next, long seed) {
        TaskModel<X, Y, P> made = TaskModel.of(model, next, seed);
        if (keepsHead(next)) {
            Map<String, Tensor> rescaled = rescaled(next);
            made.head().namedParameters().forEach((path, parameter) -> parameter
                    .set(Objects.requireNonNull(rescaled.get(path), path)));
        }
        return made;
    }

    /** Whether the head tells the same by the same names. */
    private boolean keepsHead(Task<?, ?, ?> next) {
        return !head.isEmpty() && task != null && task.kind().equals(next.kind()) && Stream.of("labels", "pooling")
                .allMatch(name -> Objects.equals(task.settings().get(name), next.settings().get(name)));
    }

    /** What becomes of the head, as a person reads it; nothing where the task has none of its own. */
    private String aboutHead(Task<?, ?, ?> next) {
        if (!next.settings().containsKey("labels") && !keepsHead(next)) {
            return "";
        }
        Object before = task == null ? null : task.settings().get("labels");
        return keepsHead(next) ? "with its head"
                : "with a new head, since " + (head.isEmpty() || before == null ? "it has none"
                        : Objects.equals(before, next.settings().get("labels")) ? "its own is of another kind"
                                : "its own tells "
                                        + Shown.names(((List<?>) before).stream().map(String::valueOf).toList()));
    }

    /** What a run says of it that trains {@code next}. */
    Run.Start facts(Task<?, ?, ?> next) {
        return new Run.Start(from, sha256, aboutHead(next));
    }

    /** Numbers are so many deviations from a mean, and the new examples may have others: W·d/d', (b·d + m - m')/d'. */
    private Map<String, Tensor> rescaled(Task<?, ?, ?> next) {
        if (!(task instanceof SequenceRegression<?> old) || !(next instanceof SequenceRegression<?> now)
                || old.scales().equals(now.scales())) {
            return head;
        }
        Map<String, Tensor> rescaled = new LinkedHashMap<>();
        head.forEach((path, tensor) -> {
            Tensor own = tensor.copy();
            int rows = now.scales().size();
            int columns = own.size() / rows;
            for (int row = 0; row < rows; row++) {
                float deviation = old.scales().get(row).deviation();
                float shift = path.endsWith(".bias") ? old.scales().get(row).mean() - now.scales().get(row).mean() : 0;
                for (int i = row * columns; i < (row + 1) * columns; i++) {
                    own.data()[i] = (own.data()[i] * deviation + shift) / now.scales().get(row).deviation();
                }
            }
            rescaled.put(path, own);
        });
        return rescaled;
    }

    /** The layers that the adapter names, as a recipe does. */
    Method.Targets targets() {
        return Origin.targets(Objects.requireNonNull(adapter).plan().config().targets());
    }

    /**
     * Puts the adapter on {@code next} to be trained.
     *
     * @param training what of the configuration the recipe says, whatever it was before
     * @param asked paths of the layers that the recipe says, or null where it says the adapter's own
     * @throws InputException if those are others, or the adapter cannot be on the model
     */
    LoraAdapter attach(TaskModel<?, ?, ?> next, @Nullable Set<String> asked,
            UnaryOperator<LoraConfigBuilder> training) {
        LoraWeights weights = Objects.requireNonNull(adapter).onto(next, training);
        Set<String> own = weights.plan().sites().stream().map(LoraSite::path).collect(Collectors.toSet());
        if (asked != null && !asked.equals(own)) {
            throw new InputException("targets: mean " + asked.size() + " layers, and the adapter in " + from
                    + ", from whose weights the training goes on, has " + own.size()
                    + (own.size() == asked.size() ? " others" : ""));
        }
        LoraAdapter attached = weights.attach();
        attached.unfreeze();
        return attached;
    }
}
