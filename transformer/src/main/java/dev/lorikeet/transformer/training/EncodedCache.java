package dev.lorikeet.transformer.training;

import dev.lorikeet.transformer.data.StreamedExamples;
import dev.lorikeet.transformer.hub.HubFiles;
import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.Sha256;
import dev.lorikeet.transformer.model.Backbone;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.weights.CacheDirectory;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Encoded examples that are too many for the heap: a file of the {@link CacheDirectory} for each data set, whose name
 * is a SHA-256 of all that they are made from. It may be deleted at any time, and is made again then; so is one that is
 * damaged.
 */
final class EncodedCache {
    /** Goes up with every change of this library that gives a text other tokens: older files are not read then. */
    private static final int ENCODING = 1;
    private static final int NARROW = 1 << 16;

    private EncodedCache() {}

    static Path folder() {
        return CacheDirectory.path().resolve("examples");
    }

    /**
     * Examples as {@code model} reads them, from their file, which is made where it is not there.
     *
     * @throws dev.lorikeet.transformer.io.InputException if the data are wrong, or the file cannot be written
     */
    static <X, Y> EncodedFile of(TaskModel<X, Y, ?> model, StreamedExamples<X, Y> data) {
        return of(model, data, folder());
    }

    static <X, Y> EncodedFile of(TaskModel<X, Y, ?> model, StreamedExamples<X, Y> data, Path folder) {
        String key = key(model, data);
        Path file = folder.resolve(key);
        EncodedFile there = EncodedFile.open(file, key);
        if (there == null) {
            if (Files.exists(file)) {
                System.getLogger(EncodedCache.class.getName()).log(Level.WARNING, () -> file
                        + " is damaged, and is made again");
            }
            deleteLeftovers(file);
            boolean wide = model.backbone().config().vocabularySize() > NARROW;
            EncodedFile.write(file, key, wide, action -> ExampleEncoder.encode(model, data, action));
            there = EncodedFile.open(file, key);
        }
        if (there == null) {
            throw new IllegalStateException(file + ": is damaged as soon as it is written");
        }
        return there;
    }

    /** What processes have left that were killed while they wrote the file. */
    private static void deleteLeftovers(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            for (Path left : AtomicFile.leftovers(file)) {
                if (ProcessHandle.of(AtomicFile.process(left)).isEmpty()) {
                    Files.deleteIfExists(left);
                }
            }
        } catch (IOException e) {
            System.getLogger(EncodedCache.class.getName()).log(Level.DEBUG, () -> "left behind beside " + file, e);
        }
    }

    private static <X, Y> String key(TaskModel<X, Y, ?> model, StreamedExamples<X, Y> data) {
        Backbone backbone = model.backbone();
        Sha256 key = new Sha256().add(ENCODING + "\n" + data.key() + "\n" + model.task().kind() + "\n"
                + Json.writeLine(model.task().settings()) + "\n" + backbone.config() + "\n" + backbone.maxTokens());
        Path tokenizer = model.model().tokenizer().file(); // or a GGUF file, which has more
        for (String name : HubFiles.TOKENIZER) {
            Path file = tokenizer.resolveSibling(name);
            if (!file.equals(tokenizer) && Files.isRegularFile(file)) {
                key.add("\n" + name + "\n").add(file);
            }
        }
        key.add("\n").add(tokenizer);
        return key.hex();
    }
}
