package dev.lorikeet.cli.run;

import dev.lorikeet.cli.mlflow.MlflowRun;
import dev.lorikeet.cli.mlflow.MlflowRun.About;
import dev.lorikeet.cli.mlflow.MlflowRun.Patience;
import dev.lorikeet.cli.mlflow.MlflowRun.Status;
import dev.lorikeet.cli.mlflow.MlflowServer;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.Run;
import dev.lorikeet.cli.report.WrittenAnswers.Written;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.training.StateFile.Saved;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.TrainingResult;
import dev.lorikeet.transformer.training.Validation;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A run on an MLflow server: its settings as parameters, the numbers that TensorBoard gets, and how it ended. */
final class MlflowTracker implements Tracker {
    /** In a checkpoint, the run's own key there. */
    private static final String RUN = "mlflow_run";
    /** The longest value that servers of any version take. */
    private static final int LONGEST = 500;

    private final MlflowRun run;
    private final String key;
    private final String evaluatedOn;
    private int last;

    /**
     * Begins the run there, or goes on with it.
     *
     * @param saved of a run that goes on, or null
     * @param warning hears of trouble, in any thread
     */
    MlflowTracker(MlflowServer server, Run.Facts facts, Path folder, @Nullable Saved saved, Consumer<String> warning) {
        String before = saved == null ? "" : saved.about().string(RUN, "");
        key = before.isEmpty() ? UUID.randomUUID().toString() : before;
        evaluatedOn = facts.evaluatedOn();
        run = new MlflowRun(server, new About(facts.recipe().name(), facts.started().toInstant().toEpochMilli(),
                key, parameters(facts), tags(facts, folder)), Patience.USUAL, warning);
    }

    private static Map<String, String> parameters(Run.Facts facts) {
        Map<String, String> parameters = new LinkedHashMap<>();
        put(parameters, "", RecipeFile.tree(facts.recipe()));
        put(parameters, "", Map.of("examples.train", facts.trainExamples(), "examples.validation",
                facts.validationExamples(), "examples.test", facts.testExamples(), "parameters.trained",
                facts.trained(), "parameters.total", facts.total()));
        return parameters;
    }

    /** The leaves of a tree. */
    private static void put(Map<String, String> parameters, String prefix, Map<?, ?> tree) {
        tree.forEach((key, value) -> {
            if (value instanceof Map<?, ?> section) {
                put(parameters, prefix + key + ".", section);
            } else if (value != null) {
                String text = value.toString();
                parameters.put(prefix + key, text.substring(0, Math.min(text.length(), LONGEST)));
            }
        });
    }

    private static Map<String, String> tags(Run.Facts facts, Path folder) {
        return Map.of("mlflow.source.name", "lorikeet finetune", "mlflow.source.type", "LOCAL", "mlflow.user",
                System.getProperty("user.name", ""), "lorikeet.version", facts.environment().version(),
                "lorikeet.kernels", facts.environment().kernels(), "lorikeet.task", facts.learned().task(),
                "lorikeet.model_hash", facts.modelHash(), "lorikeet.folder", folder.toAbsolutePath().toString());
    }

    private void tell(int step, Map<String, Double> scalars) {
        scalars.forEach((name, value) -> run.tell(name, value, step));
    }

    @Override
    public void baseline(Run.Baseline baseline) {
        run.tell("baseline/" + baseline.name(), baseline.value(), 0);
    }

    @Override
    public void past(TrainingResult done) {
        done.steps().forEach(this::stepDone);
        done.validations().forEach(this::validated);
    }

    @Override
    public void stepDone(Step step) {
        last = step.step();
        tell(last, Scalars.of(step));
    }

    @Override
    public void validated(Validation validation) {
        tell(validation.step(), Scalars.of(evaluatedOn, validation.evaluation()));
    }

    @Override
    public void answered(String when, Written written) {
        written.scores().forEach((name, value) -> run.tell(when.replace(' ', '_') + "/" + name, value, last));
    }

    @Override
    public void tested(Evaluation evaluation) {
        tell(last, Scalars.of("test", evaluation));
    }

    @Override
    public Map<String, Object> with(Map<String, Object> about) {
        Map<String, Object> all = new LinkedHashMap<>(about);
        all.put(RUN, key);
        return all;
    }

    @Override
    public void end(Status status) {
        run.end(status);
    }
}
