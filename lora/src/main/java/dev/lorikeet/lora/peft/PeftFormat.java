package dev.lorikeet.lora.peft;

import dev.lorikeet.lora.Attached;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Attachment;
import dev.lorikeet.transformer.task.AttachmentFormat;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@link Peft}'s files, as task models are saved with; an application's own methods by a format of its own. */
public final class PeftFormat implements AttachmentFormat {
    private final AdapterMethods methods;

    /** Of the standard methods. */
    public PeftFormat() {
        this(AdapterMethods.standard());
    }

    /** Of these methods. */
    public PeftFormat(AdapterMethods methods) {
        this.methods = methods;
    }

    @Override
    public boolean reads(Path directory) {
        return Files.exists(directory.resolve("adapter_config.json"));
    }

    @Override
    public @Nullable String base(Path directory) {
        return Peft.baseModelId(directory);
    }

    @Override
    public void attach(TaskModel<?, ?, ?> model, Path directory) {
        Attached adapter = Peft.load(model.peftRoot(), directory, model.model().hash(), methods);
        model.attachment(adapter);
        missing(model, adapter).ifPresent(path -> {
            throw new InputException(directory.resolve("adapter_config.json"), "modules_to_save", path
                    + " is neither in the base model nor in the adapter");
        });
    }

    /** A parameter of a new head of Hugging Face's that the adapter's files would not hold. */
    private static Optional<String> missing(TaskModel<?, ?, ?> model, Attached adapter) {
        return model.peftRoot() == model
                ? model.head().drawn().stream().filter(path -> !adapter.saved().containsKey(path)).findFirst()
                : Optional.empty();
    }

    @Override
    public boolean writes(Attachment attachment) {
        return attachment instanceof Attached attached && methods.has(attached);
    }

    @Override
    public void save(TaskModel<?, ?, ?> model, Attachment attachment, String base, Path directory) {
        Attached adapter = (Attached) attachment;
        missing(model, adapter).ifPresent(path -> {
            throw new IllegalStateException("save: " + path + " is of a new head, and the adapter does not save it "
                    + "(modules_to_save)");
        });
        adapter.root().namedParameters().forEach((path, parameter) -> {
            if (!parameter.isAsLoaded() && !adapter.holds(path)) {
                throw new IllegalStateException("save: " + path + " of the base was trained or changed, and the "
                        + "adapter's files do not hold it");
            }
        });
        Peft.save(adapter, base, model.model().hash(), directory, methods);
    }
}
