package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.Origin;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.EmbeddingHead.Pooling;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Embedder;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What makes vectors of texts: a run for that, or a model as it is. */
final class EmbedderOptions {
    @Option(names = "--run", paramLabel = "DIR", description = "The folder that finetune wrote for embeddings.")
    @Nullable
    private Path run;

    @Option(names = "--model", paramLabel = "MODEL",
            description = "Without a run, a Hugging Face directory, the name of a built-in model, or ORG/NAME of a hub "
                    + "(default: all-MiniLM-L6-v2).")
    @Nullable
    private String model;

    @Option(names = "--adapter", paramLabel = "DIR", description = "Without a run, an adapter of PEFT's on the model "
            + "(default model: what the adapter says); or the folder of a run that has one.")
    @Nullable
    private Path adapter;

    @Option(names = "--pooling", paramLabel = "mean|cls|lasttoken", converter = PoolingNames.class,
            description = "Without a run, how the tokens of a "
                    + "text become one vector (default: what the model's files say, else mean).")
    @Nullable
    private Pooling pooling;

    @Option(names = "--no-normalize", description = "Without a run, leave vectors as long as they are.")
    private boolean raw;

    @Mixin
    private HubOption hub = new HubOption();

    /**
     * Reads texts and gives their vectors.
     *
     * @throws InputException if the files are not there, or are not for that
     */
    Embedder embedder(Terminal terminal) {
        if (run != null) {
            String given = model != null ? "--model"
                    : adapter != null ? "--adapter" : pooling != null ? "--pooling" : raw ? "--no-normalize" : null;
            if (given != null) {
                throw new InputException(given + ": goes without --run, which says it itself");
            }
            return ofRun(run);
        }
        if (model != null) {
            hub.fetch(model, terminal);
        }
        Path folder = adapter == null ? null : Origin.adapter(adapter, "--adapter");
        Model base = Model.load(folder != null ? Origin.base(folder, model)
                : model == null ? "all-MiniLM-L6-v2" : model, LoadOptions.STANDARD.with(Cpu.shared()));
        return of(base, folder, pooling, !raw);
    }

    /** By a run that was for that. */
    static Embedder ofRun(Path run) {
        return Embedder.of(TaskModel.load(run, LoadOptions.STANDARD.with(Cpu.shared())));
    }

    /**
     * By a model as it is.
     *
     * @param adapter its folder, or null for none
     * @param pooling null for the usual one
     */
    static Embedder of(Model base, @Nullable Path adapter, @Nullable Pooling pooling, boolean normalize) {
        if (adapter != null) {
            Peft.load(base.backbone(), adapter, base.hash());
        }
        return pooling == null ? Embedder.of(base, normalize) : Embedder.of(base, pooling, normalize);
    }
}
