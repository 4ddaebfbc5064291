package dev.lorikeet.cli.run;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.training.StateFile;
import dev.lorikeet.transformer.training.StateFile.Saved;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.TrainState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a run. It holds the last finished epoch, whole, at every moment. A run that is there already stays
 * until the new one is finished; till then the new one's epochs are in a folder beside it, whose name ends in
 * {@value #NEW}. Till then, too, a file whose name ends in {@value #CHECKPOINT} holds where the run is.
 */
public final class RunDirectory implements AutoCloseable {
    private static final String NEW = ".new";
    private static final String HERE = "";
    private static final String CHECKPOINT = ".checkpoint";
    /** In a checkpoint, the end of the name of the folder that the epochs go to. */
    private static final String ENDING = "epochs_folder_ending";
    private static final Set<String> FILES = Set.of("adapter", "model", "task.json", "head.safetensors", "load.py",
            "recipe.yaml", "metrics.jsonl", "tensorboard", "report.html");

    /** What a run does with what is there. */
    public enum Start {
        /** Begins where there is nothing. */
        NEW,
        /** Begins, and replaces a run that is there in the end. */
        REPLACE,
        /** Goes on with a run that was interrupted, begins where there is none, and leaves a finished one as it is. */
        RESUME
    }

    private final OutputFolder folder;
    /** The end of the name of the folder that the epochs go to. */
    private final String ending;
    private final @Nullable Saved saved;
    private final boolean replaces;
    private volatile boolean written;
    private volatile @Nullable Step kept;

    private RunDirectory(OutputFolder folder, String ending, @Nullable Saved saved, boolean replaces) {
        this.folder = folder;
        this.ending = ending;
        this.saved = saved;
        this.replaces = replaces;
        if (saved != null) {
            written = ending.equals(HERE) ? !folder.isEmpty() : folder.hasBeside(ending);
            kept = saved.state().done().steps().getLast();
        }
    }

    /**
     * Takes the folder for a run; nothing is written but a lock, and nothing goes before {@link #begin}.
     *
     * @param narrator hears of it when the JVM is told to end before the run has
     * @throws InputException if it holds a run that may not be replaced, or anything that is no run, or cannot be
     *     written, or another process is writing it, or where the run was cannot be read
     */
    public static RunDirectory open(Path directory, Start start, Narrator narrator) {
        OutputFolder folder = new OutputFolder(directory, FILES, List.of(NEW, CHECKPOINT));
        try {
            boolean interrupted = folder.hasBeside(CHECKPOINT);
            if (interrupted && start == Start.NEW) {
                throw folder.error("was interrupted: --resume goes on with it, --force begins anew");
            }
            Saved saved = interrupted && start == Start.RESUME ? StateFile.read(folder.readable(CHECKPOINT)) : null;
            boolean taken = !folder.isEmpty();
            if (taken && !isRun(folder)) {
                throw folder.error("is not empty and holds no run, a folder for the run alone is expected");
            }
            if (taken && start == Start.NEW) {
                throw folder.error("holds a run: another folder keeps both, --force replaces it once the new run is "
                        + "finished");
            }
            if (taken && saved == null && start == Start.RESUME && SavedRun.finished(directory).isEmpty()) {
                throw folder.error("holds a run that ended before its last epoch, and nothing to go on with: --force "
                        + "begins anew");
            }
            RunDirectory opened = new RunDirectory(folder,
                    saved != null ? saved.about().string(ENDING) : taken ? NEW : HERE, saved,
                    start == Start.REPLACE);
            folder.whenStopped(() -> narrator.stopped(directory, opened.lastEpoch(), opened.kept));
            return opened;
        } catch (InputException e) {
            folder.close();
            throw e;
        }
    }

    /** Whether the run in {@code directory} was interrupted, and can go on. */
    public static boolean isInterrupted(Path directory) {
        return Files.exists(directory.resolveSibling(directory.getFileName() + CHECKPOINT));
    }

    private static boolean isRun(OutputFolder folder) {
        return (folder.has("task.json") || folder.has("head.safetensors")) && folder.has("recipe.yaml");
    }

    /** As the user calls it. */
    public Path name() {
        return folder.name();
    }

    /** Where a run that goes on was interrupted, or null for one that begins. */
    @Nullable
    Saved saved() {
        return saved;
    }

    /**
     * The recipe of the run that goes on, else {@code otherwise}.
     *
     * @param hardware flags that change what computes
     */
    public Recipe recipe(Recipe otherwise, Map<String, ?> hardware) {
        return saved == null ? otherwise : RunOrigin.recipe(saved.about(), hardware);
    }

    /** The recipe of a finished run, where it holds one and none that was interrupted, so that nothing can go on. */
    public Optional<Recipe> finished() {
        return saved == null ? SavedRun.finished(name()).map(SavedRun::recipe) : Optional.empty();
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

    /** Everything is checked: what an interrupted run has left goes, where this one replaces it. */
    void begin() {
        if (replaces) {
            folder.deleteBeside(CHECKPOINT);
            folder.deleteBeside(NEW);
        }
    }

    /** What to do first when the JVM is told to end before the run has. */
    void whenStopping(Runnable action) {
        folder.whenStopping(action);
    }

    /**
     * Keeps where the run is instead of where it was.
     *
     * @param about what there is to know of it beside
     * @throws InputException if the file cannot be written; the old one is as it was then
     */
    void keep(TrainState state, Map<String, Object> about) {
        Map<String, Object> all = new LinkedHashMap<>(about);
        all.put(ENDING, ending);
        folder.change(CHECKPOINT, file -> StateFile.write(file, state, all));
        kept = state.done().steps().getLast();
    }

    /** Forgets where the run is. */
    void forget() {
        folder.deleteBeside(CHECKPOINT);
        kept = null;
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
        forget();
    }

    @Override
    public void close() {
        folder.close();
    }
}
