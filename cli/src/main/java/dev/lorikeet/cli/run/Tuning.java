package dev.lorikeet.cli.run;

import dev.lorikeet.cli.recipe.Method;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.report.Allocation;
import dev.lorikeet.cli.report.Run;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraConfigBuilder;
import dev.lorikeet.lora.LoraPlan;
import dev.lorikeet.lora.LoraSite;
import dev.lorikeet.lora.Scaling;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.Backbone;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.training.EncodedDataset;
import dev.lorikeet.transformer.training.TrainState;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A recipe's method at work on an encoder: what is trained of it. */
sealed interface Tuning permits AdapterTuning, RankSearch, Tuning.Whole {
    /** The adapted layers with their ranks as they are now; none where there are no adapters. */
    List<Run.AdaptedLayer> layers();

    /** How the ranks were found so far, or null where the recipe says them. */
    default @Nullable Allocation allocation() {
        return null;
    }

    /**
     * What there is to do before the training.
     *
     * @param from where that was interrupted, or null
     * @param keeping makes what keeps where it is
     */
    default void prepare(Narrator narrator, @Nullable TrainState from, Supplier<Checkpoints> keeping) {}

    /** What {@link #prepare} found, for {@link #restore}, as JSON has it. */
    default Map<String, Object> found() {
        return Map.of();
    }

    /** In place of {@link #prepare}, where another process has done that. */
    default void restore(JsonObject found) {}

    /**
     * Makes trainable what {@code recipe} says, and nothing else.
     *
     * @param train the examples to train with, as the model reads them
     * @param recipeName what the user calls the recipe, for error messages
     * @param steps of the training
     * @param start whose adapter is trained on, or null
     * @throws InputException if the method does not fit the encoder
     */
    static <X, Y> Tuning of(TaskModel<X, Y, ?> model, EncodedDataset train, Recipe recipe, Path recipeName,
            int steps, @Nullable StartingPoint start) {
        try {
            if (start != null && recipe.method() instanceof Method.Adapted method) {
                return new AdapterTuning(start.attach(model, asked(model, method, start),
                        builder -> builder.dropout(method.dropout()).adaLora(method instanceof Method.AdaLora ranks
                                ? ranks.settings(steps)
                                : null)));
            }
            if (recipe.method() instanceof Method.Adapted method) {
                requireRank(model, method);
            }
            return switch (recipe.method()) {
                case Method.Full _ -> whole(model.backbone());
                case Method.AutoLora method -> new RankSearch<>(method, recipe.training(), model, train,
                        config(method).build());
                case Method.AdaLora method -> new AdapterTuning(Lora.attach(model,
                        config(method).adaLora(method.settings(steps)).build(), recipe.training().seed()));
                case Method.Lora method -> new AdapterTuning(Lora.attach(model, config(method).build(),
                        recipe.training().seed()));
            };
        } catch (InputException e) {
            throw new InputException(recipeName, "method", e.getMessage());
        }
    }

    /** The layers that the recipe says, where it does not say them by the adapter's own names. */
    private static @Nullable Set<String> asked(TaskModel<?, ?, ?> model, Method.Adapted method, StartingPoint start) {
        if (method.targets().equals(start.targets())) {
            return null;
        }
        LoraAdapter made = Lora.attach(model, config(method).build(), 0);
        made.detach();
        return made.layers().keySet();
    }

    private static LoraConfigBuilder config(Method.Adapted method) {
        LoraConfigBuilder builder = LoraConfig.lora().scaling(method.stabilized() ? Scaling.RSLORA : Scaling.LORA)
                .rank(method.rank()).alpha(method.alpha()).dropout(method.dropout());
        return switch (method.targets()) {
            case Method.Suffixes suffixes -> builder.targets(suffixes.names().toArray(String[]::new));
            case Method.Pattern pattern when pattern.isAllLinear() -> builder.targets("all-linear");
            case Method.Pattern pattern -> builder.targetPattern(pattern.regex());
        };
    }

    /** A product of rank r fills a matrix of as many rows or columns: more is nothing but cost. */
    private static void requireRank(TaskModel<?, ?, ?> model, Method.Adapted method) {
        for (LoraSite site : LoraPlan.of(model, config(method).build()).sites()) {
            if (method.rank() > Math.min(site.inputs(), site.outputs())) {
                throw new InputException("rank: " + method.rank() + " is more than " + site.path() + " has, which is ("
                        + site.outputs() + ", " + site.inputs() + ")");
            }
        }
    }

    private static Whole whole(Backbone backbone) {
        backbone.unfreeze();
        backbone.besideHiddenStates().forEach(path -> backbone.freeze(Pattern.quote(path) + "\\..*"));
        return new Whole();
    }

    /** The encoder itself, kept as a Hugging Face directory. */
    record Whole() implements Tuning {
        @Override
        public List<Run.AdaptedLayer> layers() {
            return List.of();
        }
    }
}
