package dev.lorikeet.cli.run;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
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
    /** In the folder, a folder for each epoch whose model is kept beside the run's own. */
    private static final String EPOCHS = "epochs";
    /** In a checkpoint, the end of the name of the folder that the epochs go to. */
    private static final String ENDING = "epochs_folder_ending";
    private static final Set<String> FILES = Set.of("adapter", "model", "task.json", "head.safetensors", "load.py",
            "recipe.yaml", "metrics.jsonl", "tensorboard", "report.html", RunFiles.GGUF, RunFiles.ANSWERS);

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
    private final Optional<Recipe> recipe;
    private volatile Runnable whenStopped = () -> {};
    private volatile boolean written;
    private volatile @Nullable Step kept;

    private RunDirectory(OutputFolder folder, String ending, @Nullable Saved saved, Start start) {
        this.folder = folder;
        this.ending = ending;
        this.saved = saved;
        this.recipe = saved != null ? Optional.of(RunOrigin.recipe(saved.about()))
                : start == Start.RESUME ? SavedRun.finished(folder.name()).map(SavedRun::recipe) : Optional.empty();
        if (saved != null) {
            written = ending.equals(HERE) ? !folder.isEmpty() : folder.hasBeside(ending);
            kept = saved.state().done().steps().getLast();
        }
    }

    /**
     * Takes the folder for a run; nothing is written but a lock, and what is there stays till
     * something of the new run takes its place.
     *
     * @param narrator hears of it when the JVM is told to end before the run has
     * @throws InputException if it holds a run that may not be replaced, or anything that is no run, or cannot be
     *     written, or another process is writing it, or where the run was cannot be read
     */
    public static RunDirectory open(Path directory, Start start, Narrator narrator) {
        OutputFolder folder = new OutputFolder(directory, FILES, List.of(NEW, CHECKPOINT));
        try {
            boolean interrupted = folder.hasBeside(CHECKPOINT);
            if (interrupted && !StateFile.isState(folder.readable(CHECKPOINT))) {
                throw folder.error("the run's checkpoint would be " + folder.beside(CHECKPOINT) + ", and what is there "
                        + "is none: another folder is expected");
            }
            if (interrupted && start == Start.NEW) {
                throw folder.error("was interrupted: --resume goes on with it, --force begins anew");
            }
            Saved saved = interrupted && start == Start.RESUME ? read(folder.readable(CHECKPOINT)) : null;
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
            String ending = saved != null ? saved.about().string(ENDING) : taken ? NEW : HERE;
            if (saved != null && ending.equals(HERE)) {
                requireSame(folder, saved);
            }
            if (start == Start.REPLACE && taken && !interrupted && folder.hasBeside(NEW)) {
                throw folder.error("the run's epochs would be in " + folder.beside(NEW) + ", which is there: another "
                        + "folder is expected");
            }
            RunDirectory opened = new RunDirectory(folder, ending, saved, start);
            folder.whenStopped(() -> {
                narrator.stopped(directory, opened.lastEpoch(), opened.kept);
                opened.whenStopped.run();
            });
            return opened;
        } catch (InputException e) {
            folder.close();
            throw e;
        }
    }

    private static Saved read(Path checkpoint) {
        try {
            Saved saved = StateFile.read(checkpoint);
            RunOrigin.requireReadable(saved.about());
            if (saved.state().updates() == 0 || !List.of(HERE, NEW).contains(saved.about().string(ENDING))) {
                throw new InputException(checkpoint, "about", "is none of a run");
            }
            return saved;
        } catch (InputException e) {
            throw new InputException(e.getMessage() + "; nothing can go on from it, --force begins the run anew");
        }
    }

    /** The folder may have been moved there, from another run. */
    private static void requireSame(OutputFolder folder, Saved saved) {
        SavedRun there = SavedRun.read(folder.name()).orElse(null);
        int most = RunOrigin.isTraining(saved.about()) ? saved.state().done().epochs().size() + 1 : 0;
        if (there != null && (there.epochs() > most
                || !RecipeFile.differences(there.recipe(), RunOrigin.recipe(saved.about())).isEmpty())) {
            throw folder.error("holds another run than the one that was interrupted: nothing can go on in it");
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

    /** Where a run that goes on was interrupted; nothing for one that begins, or is finished. */
    public Optional<Saved> saved() {
        return Optional.ofNullable(saved);
    }

    /** The recipe of the run that goes on, or of a finished one that was to go on; of none where a run begins. */
    public Optional<Recipe> recipe() {
        return recipe;
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

    /** What to do first when the JVM is told to end before the run has. */
    void whenStopping(Runnable action) {
        folder.whenStopping(action);
    }

    /** What to do last then. */
    void whenStopped(Runnable action) {
        whenStopped = action;
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

    /** Forgets where the run is; what another run has left stays. */
    void forget() {
        if (kept != null) {
            folder.deleteBeside(CHECKPOINT);
            kept = null;
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

    /**
     * Keeps an epoch's model beside that of the run, and those of the epochs before it, as far as they are wanted.
     *
     * @param epoch from 1 on
     * @param last so many are kept
     * @param writer writes the model into the folder it is given
     * @throws InputException if a file cannot be written
     */
    void keepEpoch(int epoch, int last, Consumer<Path> writer) {
        folder.writeInto(ending, EPOCHS + "/" + epoch, writer);
        for (int old = epoch - last; old > 0; old--) {
            folder.deleteBeside(ending + "/" + EPOCHS + "/" + old);
        }
    }

    /** After the last epoch: the run takes the place of the one before. */
    void finish() {
        if (!ending.equals(HERE)) {
            folder.replaceBy(ending, Set.of(EPOCHS));
        }
        folder.deleteBeside(CHECKPOINT);
    }

    @Override
    public void close() {
        folder.close();
    }
}
