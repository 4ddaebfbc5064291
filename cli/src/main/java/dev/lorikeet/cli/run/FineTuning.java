package dev.lorikeet.cli.run;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.Environment;
import dev.lorikeet.cli.report.Report;
import dev.lorikeet.cli.report.Run;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.TunedClassifier;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.transformer.AtomicFile;
import dev.lorikeet.transformer.InputException;
import dev.lorikeet.transformer.model.BertConfig;
import dev.lorikeet.transformer.model.Classifier;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.training.Epoch;
import dev.lorikeet.transformer.training.LinearProbe;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingListener;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;

/** A recipe at work: checks, baselines, training, and the files after each epoch. A run belongs to one thread. */
public final class FineTuning {
    private final Recipe recipe;
    private final Path directory;
    private final Narrator narrator;

    private final TaskData data;
    private final Classifier classifier;
    private final LoraAdapter adapter;
    private final Run.Facts facts;
    private final List<Run.Baseline> baselines = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private final List<Epoch> epochs = new ArrayList<>();

    /**
     * Reads and checks everything that the recipe names; nothing is written.
     *
     * @param recipeName what the user calls the recipe, for error messages
     * @param directory where the run's files go
     * @throws InputException if a file is wrong, or files do not fit together
     */
    public FineTuning(Recipe recipe, Path recipeName, Path directory, Narrator narrator) {
        this.recipe = recipe;
        this.directory = directory;
        this.narrator = narrator;
        this.data = TaskData.read(recipe);
        Model model = Model.load(recipe.model());
        this.adapter = attach(model.encoder(), recipe, recipeName);
        this.classifier = new Classifier(model, data.train().labels(), recipe.training().seed());
        this.facts = facts(model);
    }

    private static LoraAdapter attach(Module encoder, Recipe recipe, Path recipeName) {
        Recipe.Method method = recipe.method();
        LoraConfig.Builder builder = method.name().equals("rslora") ? LoraConfig.rslora() : LoraConfig.lora();
        builder.rank(method.rank()).alpha(method.alpha()).dropout(method.dropout());
        switch (method.targets()) {
            case Recipe.Suffixes suffixes -> builder.targets(suffixes.names().toArray(String[]::new));
            case Recipe.Pattern pattern when pattern.isAllLinear() -> builder.targets("all-linear");
            case Recipe.Pattern pattern -> builder.targetPattern(pattern.regex());
        }
        try {
            return Lora.attach(encoder, builder.build(), recipe.training().seed());
        } catch (InputException e) {
            throw new InputException(recipeName, "method", e.getMessage());
        }
    }

    private Run.Facts facts(Model model) {
        List<Run.AdaptedLayer> layers = adapter.layers().entrySet().stream().map(entry -> new Run.AdaptedLayer(
                entry.getKey(), entry.getValue().rank(), entry.getValue().scaling(), entry.getValue().a().value().size()
                        + entry.getValue().b().value().size()))
                .toList();
        long head = classifier.head().parameterCount();
        return new Run.Facts(recipe, model.id(), architecture(model.config()), data.name(), data.train().size(),
                data.test().size(), classifier.labels(), adapter.parameterCount() + head,
                model.encoder().parameterCount() + head, layers, Environment.current(),
                ZonedDateTime.now().truncatedTo(ChronoUnit.SECONDS));
    }

    private static String architecture(BertConfig config) {
        return "BERT, " + config.layers() + " layers, hidden " + config.hiddenSize() + ", " + config.heads() + " heads";
    }

    /**
     * Trains and writes.
     *
     * @return the finished run
     * @throws InputException if the folder cannot be written
     */
    public Run run() {
        try (RunDirectory files = new RunDirectory(directory, written -> narrator.stopped(directory, written))) {
            narrator.facts(facts);
            baseline("majority class", data::majority);
            baseline("frozen linear probe", () -> LinearProbe.run(classifier, Compute.shared(), data.train(),
                    data.test(), recipe.training().seed()).accuracy());
            train(files);
        }
        Run run = snapshot();
        narrator.finished(run, directory);
        return run;
    }

    private void baseline(String name, DoubleSupplier accuracy) {
        long start = System.nanoTime();
        double value = accuracy.getAsDouble();
        Run.Baseline baseline = new Run.Baseline(name, value, (System.nanoTime() - start) * 1e-9);
        baselines.add(baseline);
        narrator.baseline(baseline);
    }

    private void train(RunDirectory files) {
        Trainer trainer = new Trainer(classifier, Compute.shared(), recipe.training());
        try (Progress progress = narrator.progress(recipe.training().epochs())) {
            trainer.listener(new TrainingListener() {
                @Override
                public void started(int total, long tokensPerEpoch) {
                    narrator.trainingBegins(total, recipe.training(), tokensPerEpoch);
                }

                @Override
                public void stepDone(Step step) {
                    steps.add(step);
                }
            });
            trainer.listener(progress);
            trainer.listener(new TrainingListener() {
                @Override
                public void epochDone(Epoch epoch) {
                    save(files, epoch);
                    narrator.epoch(epoch);
                }
            });
            trainer.run(data.train(), data.test());
        }
    }

    private void save(RunDirectory files, Epoch epoch) {
        epochs.add(epoch);
        Run run = snapshot();
        files.replace(folder -> {
            TunedClassifier.save(classifier, adapter, folder);
            RecipeFile.write(folder.resolve("recipe.yaml"), recipe);
            AtomicFile.write(folder.resolve("metrics.jsonl"), Metrics.jsonl(run));
            AtomicFile.write(folder.resolve("report.html"), Report.html(run));
        });
    }

    private Run snapshot() {
        return new Run(facts, baselines, steps, epochs);
    }
}
