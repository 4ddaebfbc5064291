package dev.lorikeet.cli.run;

import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.training.Epoch;
import dev.lorikeet.transformer.training.Step;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
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
    private final int epochs;
    private final Pace pace = new Pace();
    private @Nullable ProgressBar bar;

    ProgressBars(Terminal terminal, int epochs) {
        this.out = terminal.out();
        this.width = terminal.width() - 1;
        this.epochs = epochs;
    }

    @Override
    public void past(List<Step> steps) {
        steps.forEach(pace::add);
    }

    @Override
    public void stepDone(Step step) {
        pace.add(step);
        int stepsPerEpoch = step.steps() / epochs;
        ProgressBar current = bar;
        if (current == null) {
            current = new ProgressBarBuilder().setTaskName("  epoch " + step.epoch() + "/" + epochs)
                    .setInitialMax(stepsPerEpoch).setStyle(style()).setUpdateIntervalMillis(200).hideEta()
                    .clearDisplayOnFinish().setConsumer(new ConsoleProgressBarConsumer(out, width)).build();
            bar = current;
        }
        int done = step.step() - (step.epoch() - 1) * stepsPerEpoch;
        current.stepTo(done);
        current.setExtraMessage(done == stepsPerEpoch ? " testing"
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
