package dev.lorikeet.cli.report;

import dev.lorikeet.transformer.generation.Generation;
import dev.lorikeet.transformer.generation.GenerationListener;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/** Shows how many prompts are answered: a bar on a terminal, elsewhere a line at every tenth that takes a while. */
public final class AnsweringProgress implements GenerationListener, AutoCloseable {
    private static final long WHILE = 10_000_000_000L;

    private final Terminal terminal;
    private final int prompts;
    private final @Nullable ProgressBar bar;
    private final LongSupplier clock;
    private long lastLine;
    private int done;
    private int tenths;

    public AnsweringProgress(Terminal terminal, int prompts) {
        this(terminal, prompts, System::nanoTime);
    }

    /** @param clock in nanoseconds */
    AnsweringProgress(Terminal terminal, int prompts, LongSupplier clock) {
        this.terminal = terminal;
        this.prompts = prompts;
        this.clock = clock;
        this.lastLine = clock.getAsLong();
        this.bar = terminal.interactive() ? terminal.progress("answers", prompts).build() : null;
    }

    @Override
    public boolean onToken(int prompt, int token, String text) {
        return true;
    }

    @Override
    public void onEnd(int prompt, Generation generation) {
        done++;
        if (bar != null) {
            bar.stepTo(done);
        } else if (10 * done / prompts > tenths && done < prompts && clock.getAsLong() - lastLine > WHILE) {
            tenths = 10 * done / prompts;
            lastLine = clock.getAsLong();
            terminal.row("  %3d %%   %d of %d answered", 100 * done / prompts, done, prompts);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
