package dev.lorikeet.cli.run;

import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.training.Step;
import java.util.List;

/** A line at every tenth of the run, for files and pipes; in a long run, one at least every minute. */
final class ProgressLines implements Progress {
    private static final long MINUTE = 60_000_000_000L;

    private final Terminal terminal;
    private final Pace pace = new Pace();
    private long lastLine = System.nanoTime();
    private int tenths;

    ProgressLines(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void past(List<Step> steps) {
        steps.forEach(pace::add);
        tenths = steps.isEmpty() ? 0 : (int) (10L * steps.size() / steps.getFirst().steps());
    }

    @Override
    public void stepDone(Step step) {
        pace.add(step);
        int reached = (int) (10L * step.step() / step.steps());
        if (reached > tenths || System.nanoTime() - lastLine > MINUTE) {
            tenths = reached;
            lastLine = System.nanoTime();
            int width = Integer.toString(step.steps()).length();
            terminal.row("  %3d %%   step %" + width + "d of %d   loss %s   %s   %s left",
                    100L * step.step() / step.steps(), step.step(), step.steps(), Format.loss(pace.loss()),
                    Format.speed(pace.tokensPerSecond()), Format.clock(pace.secondsLeft()));
        }
    }

    @Override
    public void close() {}
}
