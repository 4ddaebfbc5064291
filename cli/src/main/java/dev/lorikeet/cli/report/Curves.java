package dev.lorikeet.cli.report;

import dev.lorikeet.transformer.training.Epoch;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.Validation;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** The curves of a run as SVG: the loss and other numbers of every step, the metric whenever it was evaluated. */
final class Curves {
    /** Steps more than this many are drawn as the means of neighbours: the eye sees no more. */
    private static final int MAX_POINTS = 1200;
    private static final int MARKED = 12;
    /** Dots more than this many are not labelled all. */
    private static final int LABELLED = 10;

    /** So many steps a mean is over, so that it is another line than theirs in a short run, too. */
    private static final double FEWEST = 4;

    private Curves() {}

    /** A number of each step; of many the means of neighbours. */
    private record Series(double[] xs, double[] ys) {
        static Series of(List<Step> steps, ToDoubleFunction<Step> number) {
            int group = Math.max(1, Math.ceilDiv(steps.size(), MAX_POINTS));
            int points = Math.ceilDiv(steps.size(), group);
            double[] xs = new double[points];
            double[] ys = new double[points];
            for (int i = 0; i < points; i++) {
                List<Step> some = steps.subList(i * group, Math.min(steps.size(), (i + 1) * group));
                xs[i] = some.getLast().step();
                ys[i] = some.stream().mapToDouble(number).average().orElseThrow();
            }
            return new Series(xs, ys);
        }
    }

    /** Each step's loss, a running mean over it, and that of the held-out examples whenever they were evaluated. */
    static String loss(Run run) {
        List<Step> steps = run.steps();
        Series raw = Series.of(steps, Step::loss);
        int total = steps.getLast().steps();
        Axis x = new Axis(0, total, Plot.LEFT, Plot.RIGHT);
        List<Validation> validations = run.validations();
        double[] ends = validations.stream().mapToDouble(Validation::step).toArray();
        double[] held = validations.stream().mapToDouble(each -> each.evaluation().loss()).toArray();
        Run.Tested tested = run.test();
        double[] test = tested == null ? new double[0] : new double[] {tested.evaluation().loss()};
        double most = Stream.of(raw.ys, held, test).flatMapToDouble(Arrays::stream).max().orElseThrow();
        Axis y = Axis.round(0, most, 5, Plot.BOTTOM, Plot.TOP);
        Plot plot = new Plot("Training loss of " + steps.size() + " steps", x, y)
                .horizontalMarks(5, Format::number)
                .verticalMarks(x.marks(6), value -> Format.count(Math.round(value)), "step");
        for (Epoch epoch : run.epochs()) {
            if (run.lastStep(epoch.epoch()) < total) {
                plot.divider(run.lastStep(epoch.epoch()));
            }
        }
        String on = run.facts().evaluatedOn();
        plot.path("raw", raw.xs, raw.ys).path("smooth", raw.xs, smooth(raw.ys)).path("held", ends, held);
        for (int i = 0; i < held.length; i++) {
            plot.mark("held", ends[i], held[i], on + " loss after step " + validations.get(i).step() + ": "
                    + Format.loss(held[i]));
        }
        plot.legend("raw", "batch").legend("smooth", "running mean").legend("held", on);
        if (tested != null) {
            int at = tested.chosen() == null ? steps.size() : tested.chosen().step();
            plot.mark("tested", at, test[0], "test loss of the model of step " + at + ": " + Format.loss(test[0]))
                    .legend("tested", "test, of the model that was chosen");
        }
        return plot.toString();
    }

    /** A number of each step over the steps. */
    static String steps(List<Step> steps, String what, ToDoubleFunction<Step> number, DoubleFunction<String> label,
            boolean smoothed) {
        Series series = Series.of(steps, number);
        double most = Arrays.stream(series.ys).filter(Double::isFinite).max().orElse(1);
        Axis x = new Axis(0, steps.getLast().steps(), Plot.LEFT, Plot.RIGHT);
        Axis y = Axis.round(0, most == 0 ? 1 : most, 4, Plot.BOTTOM, Plot.TOP);
        Plot plot = new Plot(what + " over " + steps.size() + " steps", x, y).horizontalMarks(4, label)
                .verticalMarks(x.marks(6), value -> Format.count(Math.round(value)), "step")
                .path(smoothed ? "raw" : "smooth", series.xs, series.ys);
        if (smoothed) {
            plot.path("smooth", series.xs, smooth(series.ys)).legend("raw", "step").legend("smooth", "running mean");
        }
        return plot.toString();
    }

    /** An exponential mean over about a thirtieth of the run, or some steps, freed from its bias towards the start. */
    static double[] smooth(double[] values) {
        double keep = 1 - 1 / Math.max(FEWEST, values.length / 30.0);
        double sum = 0;
        double weight = 0;
        double[] means = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            sum = keep * sum + values[i];
            weight = keep * weight + 1;
            means[i] = sum / weight;
        }
        return means;
    }

    /** The metric whenever it was evaluated; baselines as lines across, except those far away. */
    static String metric(Run run) {
        Metric metric = run.metric();
        List<Validation> all = run.validations().stream().filter(each -> !Double.isNaN(each.evaluation().main()))
                .toList();
        if (all.isEmpty()) {
            return new Markup().leaf("p", metric.title() + " is not defined for what was predicted.", "class", "note")
                    .toString();
        }
        if (all.size() == 1) {
            return Bars.of(run, all.getFirst());
        }
        Map<Double, Integer> ends = ends(run);
        double[] xs = all.stream().mapToDouble(Validation::step).toArray();
        double[] ys = all.stream().mapToDouble(each -> each.evaluation().main()).toArray();
        Axis y = range(run, ys);
        Plot plot = new Plot("The " + run.facts().evaluatedOn() + " " + metric.title() + " over " + ends.size()
                + " epochs", new Axis(0, run.steps().getLast().steps(), Plot.LEFT, Plot.RIGHT), y)
                .horizontalMarks(5, metric::mark);
        int marked = Math.ceilDiv(ends.size(), MARKED);
        plot.verticalMarks(ends.entrySet().stream().filter(end -> end.getValue() % marked == 0).map(Map.Entry::getKey)
                .toList(), step -> Format.count(ends.getOrDefault(step, 0)), "epoch");
        plot.path("metric", xs, ys);
        int every = Math.ceilDiv(all.size(), LABELLED);
        for (int i = 0; i < all.size(); i++) {
            String value = metric.text(ys[i]);
            boolean labelled = (all.size() - 1 - i) % every == 0 || all.get(i).best() && isChosen(run, all.get(i));
            plot.dot(xs[i], ys[i], labelled ? value : "", "epoch " + all.get(i).epoch() + ", step "
                    + all.get(i).step() + ": " + metric.title() + " " + value + ", " + run.facts().evaluatedOn()
                    + " loss " + Format.loss(all.get(i).evaluation().loss()));
        }
        for (Run.Baseline baseline : run.baselines()) {
            if (baseline.value() >= y.low() && baseline.value() <= y.high()) {
                plot.reference(baseline.value(), baseline.name() + " " + metric.text(baseline.value()));
            }
        }
        return plot.toString();
    }

    private static boolean isChosen(Run run, Validation validation) {
        return run.test() != null && validation.equals(run.test().chosen());
    }

    /** From the best baseline to the best evaluation, and a little more; no share goes beyond 0 and 1. */
    private static Axis range(Run run, double[] ys) {
        double best = run.bestBaseline().map(Run.Baseline::value).orElse(ys[0]);
        double low = Math.min(best, Arrays.stream(ys).min().orElseThrow());
        double high = Math.max(best, Arrays.stream(ys).max().orElseThrow());
        double room = Math.max(run.metric().isShare() ? 0.02 : 1e-3 * Math.abs(high), 0.25 * (high - low));
        return Axis.round(low < 0 ? low - room : Math.max(0, low - room),
                run.metric().isAtMostOne() ? Math.min(1, high + room) : high + room, 5, Plot.BOTTOM, Plot.TOP);
    }

    /** The last steps of the epochs, in their order; of those that are not over yet about where they will be. */
    private static Map<Double, Integer> ends(Run run) {
        Map<Double, Integer> ends = new LinkedHashMap<>();
        run.epochs().forEach(epoch -> ends.put((double) run.lastStep(epoch.epoch()), epoch.epoch()));
        int done = ends.size();
        int epochs = Math.max(done, run.epochs().getFirst().epochs());
        double last = done == 0 ? 0 : run.lastStep(done);
        for (int epoch = done + 1; epoch <= epochs; epoch++) {
            ends.put(last + (run.steps().getLast().steps() - last) * (epoch - done) / (epochs - done), epoch);
        }
        return ends;
    }
}
