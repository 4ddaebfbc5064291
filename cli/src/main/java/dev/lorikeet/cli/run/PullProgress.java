package dev.lorikeet.cli.run;

import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.hub.PullListener;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/** Shows how far a model has come: a bar for each file on a terminal, and a line for each that is there. */
public final class PullProgress implements PullListener, AutoCloseable {
    private static final int MEGA = 1_000_000;

    /** Tells what is to come, before any of it does. */
    @FunctionalInterface
    public interface Announcement {
        /** As {@link PullListener#begins}. */
        void begins(String commit, int files, long bytes, long missing);
    }

    private final Terminal terminal;
    private final Announcement announcement;
    private @Nullable ProgressBar bar;
    private boolean announced;
    private int tenths;

    /** @param announcement is made once */
    public PullProgress(Terminal terminal, Announcement announcement) {
        this.terminal = terminal;
        this.announcement = announcement;
    }

    @Override
    public void begins(String commit, int files, long bytes, long missing) {
        announced = true;
        announcement.begins(commit, files, bytes, missing);
    }

    @Override
    public void comes(String file, long bytes, long of) {
        if (!announced) { // an index, which tells what is to come
            return;
        }
        if (bytes == of) {
            close();
            terminal.line("  " + file + "  " + Format.bytes(of));
        } else if (terminal.interactive()) {
            bar(file, of).stepTo(bytes);
        } else if (10 * bytes / of > tenths && of >= 100 * MEGA) {
            tenths = (int) (10 * bytes / of);
            terminal.row("  %s  %3d %%  %s of %s", file, 100 * bytes / of, Format.bytes(bytes), Format.bytes(of));
        }
    }

    private ProgressBar bar(String file, long of) {
        ProgressBar current = bar;
        if (current == null) {
            current = terminal.progress(file, of).setUnit(" MB", MEGA).showSpeed().build();
            bar = current;
        }
        return current;
    }

    @Override
    public void waits(String why) {
        close();
        terminal.line("  waiting: " + why);
    }

    @Override
    public void close() {
        tenths = 0;
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
