package dev.lorikeet.bench;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.Run;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.FineTuning;
import dev.lorikeet.cli.run.Keeping;
import dev.lorikeet.cli.run.Narrator;
import dev.lorikeet.cli.run.RunDirectory;
import dev.lorikeet.cli.run.RunDirectory.Start;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.WordNetGlosses;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.Trainer;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import jdk.jfr.Recording;

/**
 * What all tracking together takes of a step: the built-in recipe's examples, which are ragged, by the command with
 * progress, checkpoints, numbers, TensorBoard's files, the report and Flight Recorder, and by a {@link Trainer} that
 * nobody listens to, in turns. {@code java … dev.lorikeet.bench.TrackingCost ROUNDS FOLDER}
 *
 * <p>Two figures, since the first is of use on a busy machine, too: the time between the steps over the time in them,
 * and the median step with tracking over that without.
 */
public final class TrackingCost {
    private static final int EXAMPLES = 640;
    private static final int BATCH = 32;
    /** Until the code is compiled. */
    private static final int WARM_UP = 5;

    private TrackingCost() {}

    public static void main(String[] arguments) {
        int rounds = Integer.parseInt(arguments[0]);
        List<Double> with = new ArrayList<>();
        List<Double> without = new ArrayList<>();
        double inSteps = 0;
        double between = 0;
        for (int round = 0; round <= rounds; round++) {
            Run run = tracked(Path.of(arguments[1], "run" + round));
            List<Step> bare = bare();
            if (round > 0) { // the first one is for the compiler
                inSteps += run.usage().seconds().getOrDefault("train", 0.0);
                between += run.usage().seconds().getOrDefault("save", 0.0);
                run.steps().stream().skip(WARM_UP).forEach(step -> with.add(step.seconds()));
                bare.stream().skip(WARM_UP).forEach(step -> without.add(step.seconds()));
            }
        }
        System.out.printf(Locale.ROOT,
                "between the steps, files after the epoch included: %.2f %% of the time in them%n"
                        + "median step %.1f ms with tracking, %.1f ms without: %+.2f %%, of %d steps each%n",
                100 * between / inSteps, 1e3 * median(with), 1e3 * median(without),
                100 * (median(with) / median(without) - 1), with.size());
    }

    private static double median(List<Double> values) {
        return Median.of(values.stream().mapToDouble(each -> each).toArray());
    }

    private static Run tracked(Path out) {
        Recipe recipe = RecipeFile.with(RecipeFile.builtIn(), Map.of("training.limit", EXAMPLES, "training.batch-size",
                BATCH, "training.epochs", 1, "training.probe", false));
        Narrator narrator = new Narrator(new Terminal(new ByteArrayInputStream(new byte[0]), quiet(), quiet()));
        try (Recording recording = new Recording(); RunDirectory files = RunDirectory.open(out, Start.NEW, narrator)) {
            recording.enable("dev.lorikeet.Step");
            recording.start();
            return FineTuning.of(recipe, Path.of(recipe.name()), Cpu.shared(), files, Keeping.STANDARD, narrator).run();
        }
    }

    private static PrintStream quiet() {
        return new PrintStream(OutputStream.nullOutputStream());
    }

    private static List<Step> bare() {
        Dataset<String> train = WordNetGlosses.split(1).train().sample(EXAMPLES, 1);
        var classifier = TaskModel.of(Model.load("all-MiniLM-L6-v2"), Tasks.classification(train.labels()), 1);
        Lora.attach(classifier, LoraConfig.rslora().rank(8).alpha(16).targets("all-linear").build(), 1);
        return Trainer.of(classifier).settings(RecipeFile.builtIn().training().withEpochs(1)).run(train).steps();
    }
}
