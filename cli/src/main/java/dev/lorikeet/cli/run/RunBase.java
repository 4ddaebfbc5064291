package dev.lorikeet.cli.run;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Task;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What a run begins with, loaded when it is first asked for. Belongs to one thread. */
final class RunBase {
    private final Recipe recipe;
    private final @Nullable Once<StartingPoint> start;
    private final Once<Model> model;

    RunBase(Recipe recipe, Compute compute) {
        this.recipe = recipe;
        Path from = recipe.from();
        Once<StartingPoint> other = from == null ? null
                : new Once<>(() -> MemoryException.during("loading " + from, "",
                        () -> StartingPoint.read(from, recipe, compute)));
        start = other;
        model = new Once<>(() -> other != null ? other.get().model()
                : MemoryException.during("loading the model " + recipe.model(), "",
                        () -> Model.load(recipe.model(), LoadOptions.STANDARD.with(compute))));
    }

    /** The weights that the training goes on from; null where they are the model's alone. */
    @Nullable
    StartingPoint start() {
        return start == null ? null : start.get();
    }

    /** The model, without a head. */
    Model model() {
        return model.get();
    }

    /** The model with the head of {@code task}. */
    <X, Y, P> TaskModel<X, Y, P> model(Task<X, Y, P> task) {
        long seed = recipe.training().seed();
        StartingPoint from = start();
        return from != null ? from.model(task, seed)
                : MemoryException.during("making the head", "", () -> TaskModel.of(model(), task, seed));
    }
}
