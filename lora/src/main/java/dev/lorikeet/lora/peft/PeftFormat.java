package dev.lorikeet.lora.peft;

import dev.lorikeet.lora.Attached;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.task.Attachment;
import dev.lorikeet.transformer.task.AttachmentFormat;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** {@link Peft}'s files, as task models are saved with. */
public final class PeftFormat implements AttachmentFormat {
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
        Attached adapter = Peft.load(model.peftRoot(), directory, model.model().hash());
        model.attachment(adapter);
        if (model.head().isNew() && model.peftRoot() == model) {
            model.head().namedParameters().keySet().stream().filter(path -> !adapter.saved().containsKey(path))
                    .findFirst().ifPresent(path -> {
                        throw new InputException(directory.resolve("adapter_config.json"), "modules_to_save", path
                                + " is neither in the base model nor in the adapter");
                    });
        }
    }

    @Override
    public boolean writes(Attachment attachment) {
        return attachment instanceof Attached;
    }

    @Override
    public void save(TaskModel<?, ?, ?> model, Attachment attachment, String base, Path directory) {
        Peft.save((Attached) attachment, base, model.model().hash(), directory);
    }
}
