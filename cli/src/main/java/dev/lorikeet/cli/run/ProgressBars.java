package dev.lorikeet.cli.run;

import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.training.Course;
import dev.lorikeet.transformer.training.Epoch;
import dev.lorikeet.transformer.training.Step;
import java.util.List;
import java.util.Objects;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/** A bar for each epoch, on a terminal; it makes room for the line about the epoch. */
final class ProgressBars implements Progress {
    private final Terminal terminal;
    private final Pace pace = new Pace();
    private @Nullable Course course;
    private @Nullable ProgressBar bar;

    ProgressBars(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void past(List<Step> steps) {
        steps.forEach(pace::add);
    }

    @Override
    public void started(Course whole) {
        course = whole;
    }

    @Override
    public void stepDone(Step step) {
        pace.add(step);
        Course whole = Objects.requireNonNull(course);
        int steps = whole.steps(step.epoch());
        ProgressBar current = bar;
        if (current == null) {
            current = terminal.progress("epoch " + step.epoch() + "/" + whole.epochs(), steps).hideEta().build();
            bar = current;
        }
        int done = step.step() - whole.before(step.epoch());
        current.stepTo(done);
        current.setExtraMessage(done == steps ? " testing"
                : "  loss " + Format.loss(pace.loss()) + "  "
                        + Format.speed(pace.tokensPerSecond()) + "  " + Format.clock(pace.secondsLeft()) + " left");
    }

    @Override
    public void epochDone(Epoch epoch) {
        close();
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
