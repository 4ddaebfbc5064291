package dev.lorikeet.cli.run;

import dev.lorikeet.cli.recipe.Method;
import dev.lorikeet.cli.report.Allocation;
import dev.lorikeet.cli.report.Run;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.rank.RankAllocator.Cost;
import dev.lorikeet.lora.rank.RankAllocator.RanksAt;
import dev.lorikeet.lora.search.AutoLoraSearch;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.training.Course;
import dev.lorikeet.transformer.training.EncodedDataset;
import dev.lorikeet.transformer.training.TrainState;
import dev.lorikeet.transformer.training.TrainingListener;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** AutoLoRA: before the training, a search for the ranks, with which the adapters are made. */
final class RankSearch<X, Y> implements Tuning {
    private final Method.AutoLora method;
    private final TrainingSettings training;
    private final TaskModel<X, Y, ?> model;
    private final EncodedDataset train;
    private final LoraConfig config;
    /** With the highest ranks at first, so that everything is checked before the search, and then with those found. */
    private AdapterTuning adapters;
    private @Nullable Allocation allocation;

    /** @param config of adapters with the highest rank */
    RankSearch(Method.AutoLora method, TrainingSettings training, TaskModel<X, Y, ?> model, EncodedDataset train,
            LoraConfig config) {
        this.method = method;
        this.training = training;
        this.model = model;
        this.train = train;
        this.config = config;
        this.adapters = new AdapterTuning(Lora.attach(model, config, training.seed()));
    }

    @Override
    public void prepare(Narrator narrator, @Nullable TrainState from, Supplier<Checkpoints> keeping) {
        adapters.adapter().detach();
        AutoLoraSearch<X, Y> search = new AutoLoraSearch<>(model, config, method.search(), training);
        search.listener(narrator::searched);
        try (Checkpoints checkpoints = keeping.get()) {
            search.loopListener(new TrainingListener() {
                @Override
                public void started(Course course) {
                    narrator.searchBegins(from == null ? 0 : from.updates(), course.steps());
                }
            });
            search.loopListener(checkpoints);
            attach(from == null ? search.run(train) : search.resume(from, train),
                    new Allocation(search.history(), search.cost().steps(), search.seconds(), search.cost()));
        }
        narrator.found(layers(), search.cost(), search.seconds());
    }

    private void attach(LoraConfig found, Allocation how) {
        adapters = new AdapterTuning(Lora.attach(model, found, training.seed()));
        allocation = how;
    }

    @Override
    public Map<String, Object> found() {
        Allocation how = allocation;
        if (how == null) {
            return Map.of();
        }
        Map<String, Integer> ranks = new LinkedHashMap<>();
        adapters.adapter().layers().forEach((path, layer) -> ranks.put(path, layer.rank()));
        return Map.of("ranks", ranks, "history", how.history().stream()
                .map(each -> Map.of("step", each.step(), "ranks", each.ranks())).toList(),
                "steps", how.steps(), "seconds", how.searchSeconds(), "extra_passes", how.cost().extraPasses(),
                "extra_seconds", how.cost().extraSeconds());
    }

    @Override
    public void restore(JsonObject found) {
        adapters.adapter().detach();
        Cost cost = new Cost(found.integer("steps"), (long) found.number("extra_passes"),
                found.number("extra_seconds"));
        attach(config.withRanks(ranks(found)), new Allocation(found.objects("history").stream()
                .map(each -> new RanksAt(each.integer("step"), ranks(each))).toList(), cost.steps(),
                found.number("seconds"), cost));
    }

    private static Map<String, Integer> ranks(JsonObject json) {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        JsonObject byPath = json.object("ranks");
        byPath.fields().keySet().forEach(path -> ranks.put(path, byPath.integer(path)));
        return ranks;
    }

    @Override
    public List<Run.AdaptedLayer> layers() {
        return adapters.layers();
    }

    @Override
    public @Nullable Allocation allocation() {
        return allocation;
    }
}
