package dev.lorikeet.langchain4j;

import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.spi.model.embedding.EmbeddingModelFactory;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Embedder;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The embedding model of applications that name none: a run of {@code lorikeet finetune --task embeddings}, or a model
 * whose tokens' mean is taken, by the system property {@value #MODEL}; else {@value #USUAL}.
 */
public final class LorikeetEmbeddingModelFactory implements EmbeddingModelFactory {
    /** Names a run's folder, or what {@link Model#load(String)} takes. */
    public static final String MODEL = "lorikeet.langchain4j.embeddings";
    private static final String USUAL = "all-MiniLM-L6-v2";

    @Override
    public EmbeddingModel create() {
        String name = System.getProperty(MODEL, USUAL);
        if (name.isBlank()) {
            throw new InputException(MODEL + ": is empty, a run's folder or a model's name is expected");
        }
        Path run = Path.of(name);
        return LorikeetEmbeddingModel.of(Files.exists(run.resolve("task.json")) ? Embedder.of(TaskModel.load(run))
                : Embedder.of(Model.load(name), true));
    }
}
