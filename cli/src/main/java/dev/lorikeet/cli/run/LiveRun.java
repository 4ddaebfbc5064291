package dev.lorikeet.cli.run;

import dev.lorikeet.cli.report.Report;
import dev.lorikeet.cli.report.Run;
import dev.lorikeet.cli.watch.Watched;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.TrainingListener;
import java.util.function.Supplier;

/**
 * A run as those see it who watch: taken between two steps, and only when somebody looks, so that nothing is slower
 * where nobody does.
 */
public final class LiveRun implements Watched {
    private static final long OFTENEST = 1_000_000_000L;

    private volatile Run run;
    private volatile long version;
    private volatile boolean asked = true;
    private long due; // of the thread that trains

    LiveRun(Run begun) {
        this.run = begun;
    }

    @Override
    public long version() {
        asked = true;
        return version;
    }

    @Override
    public String html() {
        return Report.live(run);
    }

    /** Shows the run as it is now. */
    void show(Run now) {
        run = now;
        version++;
    }

    /** Shows the run between steps. */
    TrainingListener listener(Supplier<Run> snapshot) {
        return new TrainingListener() {
            @Override
            public void stepDone(Step step) {
                if (asked && System.nanoTime() - due >= 0) {
                    asked = false;
                    due = System.nanoTime() + OFTENEST;
                    show(snapshot.get());
                }
            }
        };
    }
}
