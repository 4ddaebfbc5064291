package dev.lorikeet.cli.run;

import dev.lorikeet.cli.recipe.Method;
import dev.lorikeet.cli.report.Allocation;
import dev.lorikeet.cli.report.Run;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.search.AutoLoraSearch;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.model.BertModel;
import dev.lorikeet.transformer.model.Classifier;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** AutoLoRA: before the training, a search for the ranks, with which the adapters are made. */
final class RankSearch implements Tuning {
    private final Method.AutoLora method;
    private final TrainingSettings training;
    private final BertModel encoder;
    private final LoraConfig config;
    /** With the highest ranks at first, so that everything is checked before the search, and then with those found. */
    private AdapterTuning adapters;
    private @Nullable AutoLoraSearch search;

    /** @param config of adapters with the highest rank */
    RankSearch(Method.AutoLora method, TrainingSettings training, BertModel encoder, LoraConfig config) {
        this.method = method;
        this.training = training;
        this.encoder = encoder;
        this.config = config;
        this.adapters = new AdapterTuning(Lora.attach(encoder, config, training.seed()));
    }

    @Override
    public void prepare(Classifier classifier, Dataset train, Narrator narrator) {
        adapters.adapter().detach();
        AutoLoraSearch own = new AutoLoraSearch(classifier, config, method.search(), training);
        search = own;
        own.listener(narrator::searched);
        LoraConfig found = own.run(train);
        adapters = new AdapterTuning(Lora.attach(encoder, found, training.seed()));
        narrator.found(layers(), own.cost(), own.seconds());
    }

    @Override
    public List<Run.AdaptedLayer> layers() {
        return adapters.layers();
    }

    @Override
    public @Nullable Allocation allocation() {
        AutoLoraSearch own = search;
        return own == null ? null : new Allocation(own.history(), own.cost().steps(), own.seconds(), own.cost());
    }

    @Override
    public void save(Classifier classifier, Path folder) {
        adapters.save(classifier, folder);
    }
}
