package dev.lorikeet.cli.run;

import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.training.Course;
import dev.lorikeet.transformer.training.Epoch;
import dev.lorikeet.transformer.training.Step;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar for each epoch, on a terminal; it makes room for the line about the epoch. */
final class ProgressBars implements Progress {
    private final PrintStream out;
    /** Without it the library asks JLine, which takes the signals of the JVM: Ctrl-C would end it at once. */
    private final int width;
    private final Pace pace = new Pace();
    private @Nullable Course course;
    private @Nullable ProgressBar bar;

    ProgressBars(Terminal terminal) {
        this.out = terminal.out();
        this.width = terminal.width() - 1;
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
            current = new ProgressBarBuilder().setTaskName("  epoch " + step.epoch() + "/" + whole.epochs())
                    .setInitialMax(steps).setStyle(style()).setUpdateIntervalMillis(200).hideEta()
                    .clearDisplayOnFinish().setConsumer(new ConsoleProgressBarConsumer(out, width)).build();
            bar = current;
        }
        int done = step.step() - whole.before(step.epoch());
        current.stepTo(done);
        current.setExtraMessage(done == steps ? " testing"
                : "  loss " + Format.loss(pace.loss()) + "  "
                        + Format.speed(pace.tokensPerSecond()) + "  " + Format.clock(pace.secondsLeft()) + " left");
    }

    private ProgressBarStyle style() {
        return out.charset().equals(StandardCharsets.UTF_8) ? ProgressBarStyle.UNICODE_BLOCK : ProgressBarStyle.ASCII;
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
