package dev.lorikeet.cli.run;

import dev.lorikeet.transformer.io.InputException;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a run. It holds the last finished epoch, whole, at every moment. A run that is there already stays
 * until the new one is finished; till then the new one's epochs are in a folder beside it, whose name ends in
 * {@value #NEW}.
 */
public final class RunDirectory implements AutoCloseable {
    private static final String NEW = ".new";
    private static final String HERE = "";
    private static final Set<String> FILES = Set.of("adapter", "model", "task.json", "head.safetensors", "load.py",
            "recipe.yaml",
            "metrics.jsonl", "report.html");

    private final OutputFolder folder;
    /** The end of the name of the folder that the epochs go to. */
    private final String ending;
    private volatile boolean written;

    private RunDirectory(OutputFolder folder, String ending) {
        this.folder = folder;
        this.ending = ending;
    }

    /**
     * Takes the folder for a new run; nothing is written but a lock.
     *
     * @param force whether the run that is there may be replaced
     * @param narrator hears of it when the JVM is told to end before the run has
     * @throws InputException if it holds a run that may not be replaced, or anything that is no run, or cannot be
     *     written, or another process is writing it
     */
    public static RunDirectory open(Path directory, boolean force, Narrator narrator) {
        OutputFolder folder = new OutputFolder(directory, FILES);
        try {
            boolean taken = !folder.isEmpty();
            if (taken && !((folder.has("task.json") || folder.has("head.safetensors")) && folder.has("recipe.yaml"))) {
                throw folder.error("is not empty and holds no run, a folder for the run alone is expected");
            }
            if (taken && !force) {
                throw folder.error("holds a run: another folder keeps both, --force replaces it once the new run is "
                        + "finished");
            }
            RunDirectory opened = new RunDirectory(folder, taken ? NEW : HERE);
            folder.whenStopped(() -> narrator.stopped(directory, opened.lastEpoch()));
            return opened;
        } catch (InputException e) {
            folder.close();
            throw e;
        }
    }

    /** As the user calls it. */
    Path name() {
        return folder.name();
    }

    /** Where the last finished epoch is, or null where none is finished yet. */
    @Nullable
    Path lastEpoch() {
        return written ? folder.beside(ending) : null;
    }

    /** @throws InputException if the model to start from would go when this run takes the place of the old one */
    void requireKeeps(Path model) {
        if (folder.replaces(model)) {
            throw folder.error("has the model to start from, which the run would replace");
        }
    }

    /**
     * Keeps a finished epoch instead of the one before.
     *
     * @param writer writes the run's files into the folder it is given
     * @throws InputException if a file cannot be written; the old ones are as they were then
     */
    void replace(Consumer<Path> writer) {
        folder.write(ending, writer);
        written = true;
    }

    /** After the last epoch: the run takes the place of the one before. */
    void finish() {
        if (!ending.equals(HERE)) {
            folder.replaceBy(ending);
        }
    }

    @Override
    public void close() {
        folder.close();
    }
}
