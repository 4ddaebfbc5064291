package dev.lorikeet.transformer.task;

import dev.lorikeet.transformer.model.Attachment;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** How attachments stand in files. */
public interface AttachmentFormat {
    /** Those on the class path or module path, which {@link ServiceLoader} finds: Hugging Face PEFT's, where it is. */
    static List<AttachmentFormat> standard() {
        return ServiceLoader.load(AttachmentFormat.class, AttachmentFormat.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get).toList();
    }

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
