package dev.lorikeet.cli.run;

import dev.lorikeet.transformer.io.InputException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run keeps beside its end.
 *
 * @param steps where it is, after so many steps each; 0 for as often as takes a hundredth of the time
 * @param epochs the models of so many last epochs
 */
public record Keeping(int steps, int epochs) {
    public static final Keeping STANDARD = new Keeping(0, 0);

    /** In a checkpoint: a run that goes on keeps what it was to keep. */
    private static final String EPOCHS = "keep_epochs";

    public Keeping {
        if (epochs < 0) {
            throw new InputException("--keep-epochs: must be at least 0, not " + epochs);
        }
    }

    /**
     * That of a run.
     *
     * @param steps null for 0
     * @param epochs null for what the run that goes on was told, or none
     */
    public static Keeping of(@Nullable Integer steps, @Nullable Integer epochs, RunDirectory files) {
        return new Keeping(steps == null ? 0 : steps, epochs != null ? epochs
                : files.saved().map(saved -> saved.about().integer(EPOCHS, 0)).orElse(0));
    }

    /** What a checkpoint says of a run, and this. */
    Map<String, Object> with(Map<String, Object> about) {
        Map<String, Object> all = new LinkedHashMap<>(about);
        all.put(EPOCHS, epochs);
        return all;
    }
}
