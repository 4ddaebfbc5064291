package dev.lorikeet.transformer.task;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** How attachments stand in files; found by {@link java.util.ServiceLoader}. */
public interface AttachmentFormat {
    /** Whether {@code directory} holds one that this reads. */
    boolean reads(Path directory);

    /**
     * By which the base model is found: a name or a directory; null where the files do not say.
     *
     * @throws dev.lorikeet.transformer.io.InputException if they are wrong
     */
    @Nullable
    String base(Path directory);

    /**
     * Puts what is in {@code directory} into the layers of {@code model}, nothing of it trainable.
     *
     * @throws dev.lorikeet.transformer.io.InputException if the files are wrong, or are for another base
     */
    void attach(TaskModel<?, ?, ?> model, Path directory);

    /** Whether this writes {@code attachment}. */
    boolean writes(Attachment attachment);

    /**
     * Writes what is attached to {@code model}.
     *
     * @param base by which the base model is found again
     * @throws dev.lorikeet.transformer.io.InputException if a file cannot be written
     */
    void save(TaskModel<?, ?, ?> model, Attachment attachment, String base, Path directory);
}
