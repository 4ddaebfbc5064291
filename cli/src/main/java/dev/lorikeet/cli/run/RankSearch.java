package dev.lorikeet.cli.run;

import dev.lorikeet.cli.recipe.Method;
import dev.lorikeet.cli.report.Allocation;
import dev.lorikeet.cli.report.Run;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.search.AutoLoraSearch;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** AutoLoRA: before the training, a search for the ranks, with which the adapters are made. */
final class RankSearch implements Tuning {
    private final Method.AutoLora method;
    private final TrainingSettings training;
    private final TaskModel<String, Integer, ?> model;
    private final LoraConfig config;
    /** With the highest ranks at first, so that everything is checked before the search, and then with those found. */
    private AdapterTuning adapters;
    private @Nullable AutoLoraSearch<String, Integer> search;

    /** @param config of adapters with the highest rank */
    RankSearch(Method.AutoLora method, TrainingSettings training, TaskModel<String, Integer, ?> model,
            LoraConfig config) {
        this.method = method;
        this.training = training;
        this.model = model;
        this.config = config;
        this.adapters = new AdapterTuning(Lora.attach(model, config, training.seed()));
    }

    @Override
    public void prepare(Dataset train, Narrator narrator) {
        adapters.adapter().detach();
        AutoLoraSearch<String, Integer> own = new AutoLoraSearch<>(model, config, method.search(), training);
        search = own;
        own.listener(narrator::searched);
        LoraConfig found = own.run(train);
        adapters = new AdapterTuning(Lora.attach(model, found, training.seed()));
        narrator.found(layers(), own.cost(), own.seconds());
    }

    @Override
    public List<Run.AdaptedLayer> layers() {
        return adapters.layers();
    }

    @Override
    public @Nullable Allocation allocation() {
        AutoLoraSearch<String, Integer> own = search;
        return own == null ? null : new Allocation(own.history(), own.cost().steps(), own.seconds(), own.cost());
    }
}
