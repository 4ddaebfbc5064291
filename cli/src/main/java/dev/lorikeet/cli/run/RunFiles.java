package dev.lorikeet.cli.run;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.Report;
import dev.lorikeet.cli.report.Run;
import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** What is in a run's folder. */
final class RunFiles {
    private RunFiles() {}

    /** The model, and how to make it again. */
    static void writeModel(Path folder, TaskModel<?, ?, ?> model, Recipe recipe) {
        model.save(folder);
        RecipeFile.write(folder.resolve("recipe.yaml"), recipe);
    }

    /** These and all that is known of the run. */
    static void write(Path folder, TaskModel<?, ?, ?> model, Run run, RunOrigin origin) {
        writeModel(folder, model, run.facts().recipe());
        ModelCard.write(run, origin, folder);
        AtomicFile.write(folder.resolve("metrics.jsonl"), Metrics.jsonl(run));
        TensorBoard.files(run)
                .forEach((name, bytes) -> AtomicFile.write(folder.resolve("tensorboard").resolve(name),
                        channel -> channel.write(ByteBuffer.wrap(bytes))));
        AtomicFile.write(folder.resolve("report.html"), Report.html(run));
    }
}
