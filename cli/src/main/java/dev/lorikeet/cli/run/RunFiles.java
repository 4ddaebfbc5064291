package dev.lorikeet.cli.run;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.Report;
import dev.lorikeet.cli.report.Run;
import dev.lorikeet.cli.report.WrittenAnswers;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.peft.GgufAdapter;
import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.task.CausalLanguageModel;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.weights.DType;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;

/** What a run leaves in its folder. */
final class RunFiles {
    /** The adapter of a language model for llama.cpp. */
    static final String GGUF = "adapter.gguf";
    /** What a language model answered. */
    static final String ANSWERS = "answers.jsonl";

    private RunFiles() {}

    /** The model alone, with the recipe that made it. */
    static void writeModel(Path folder, TaskModel<?, ?, ?> model, Recipe recipe) {
        model.save(folder);
        RecipeFile.write(folder.resolve("recipe.yaml"), recipe);
    }

    static void write(Path folder, TaskModel<?, ?, ?> model, Run run, RunOrigin origin) {
        writeModel(folder, model, run.facts().recipe());
        if (model.task() instanceof CausalLanguageModel<?> && model.attachment() instanceof LoraAdapter adapter
                && GgufAdapter.obstacle(adapter, model.model()) == null) {
            GgufAdapter.write(adapter, model.model(), DType.F32, folder.resolve(GGUF));
        }
        ModelCard.write(run, origin, folder);
        AtomicFile.write(folder.resolve("metrics.jsonl"), Metrics.jsonl(run));
        WrittenAnswers answers = run.answers();
        if (answers != null) {
            AtomicFile.write(folder.resolve(ANSWERS), jsonl(answers));
        }
        TensorBoard.files(run)
                .forEach((name, bytes) -> AtomicFile.write(folder.resolve("tensorboard").resolve(name),
                        channel -> channel.write(ByteBuffer.wrap(bytes))));
        AtomicFile.write(folder.resolve("report.html"), Report.html(run));
    }

    /** A line for each prompt. */
    private static String jsonl(WrittenAnswers answers) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < answers.asked().size(); i++) {
            Map<String, Object> line = answers.asked().get(i).json();
            if (answers.before() != null) {
                line.put("before", answers.before().texts().get(i));
            }
            if (answers.after() != null) {
                line.put("answer", answers.after().texts().get(i));
            }
            lines.append(Json.writeLine(line));
        }
        return lines.toString();
    }
}
