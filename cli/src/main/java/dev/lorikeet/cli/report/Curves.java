package dev.lorikeet.cli.report;

import dev.lorikeet.transformer.training.Epoch;
import dev.lorikeet.transformer.training.Step;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** The curves of a run as SVG: the loss of every step, the metric after every epoch. */
final class Curves {
    /** Steps more than this many are drawn as the means of neighbours: the eye sees no more. */
    private static final int MAX_POINTS = 1200;

    private Curves() {}

    /** Each step's loss, a running mean over it, and that of the held-out examples after each epoch. */
    static String loss(Run run) {
        List<Step> steps = run.steps();
        List<Epoch> epochs = run.epochs();
        int group = Math.ceilDiv(steps.size(), MAX_POINTS);
        int points = Math.ceilDiv(steps.size(), group);
        double[] xs = new double[points];
        double[] raw = new double[points];
        for (int i = 0; i < points; i++) {
            List<Step> some = steps.subList(i * group, Math.min(steps.size(), (i + 1) * group));
            xs[i] = some.getLast().step();
            raw[i] = some.stream().mapToDouble(Step::loss).average().orElseThrow();
        }
        int total = steps.getLast().steps();
        Axis x = new Axis(0, total, Plot.LEFT, Plot.RIGHT);
        double[] ends = epochs.stream().mapToDouble(epoch -> run.lastStep(epoch.epoch())).toArray();
        double[] held = epochs.stream().mapToDouble(epoch -> epoch.test().loss()).toArray();
        double most = DoubleStream.concat(Arrays.stream(raw), Arrays.stream(held)).max().orElseThrow();
        Axis y = Axis.round(0, most, 5, Plot.BOTTOM, Plot.TOP);
        Plot plot = new Plot("Training loss of " + steps.size() + " steps", x, y)
                .horizontalMarks(5, Format::number)
                .verticalMarks(x.marks(6), value -> Format.count(Math.round(value)), "step");
        for (int i = 0; i < epochs.size() - 1; i++) {
            plot.divider(ends[i]);
        }
        plot.path("raw", xs, raw).path("smooth", xs, smooth(raw)).path("held", ends, held);
        for (int i = 0; i < held.length; i++) {
            plot.mark("held", ends[i], held[i], run.facts().evaluatedOn() + " loss after epoch "
                    + epochs.get(i).epoch() + ": " + Format.loss(held[i]));
        }
        return plot.legend(List.of("raw", "smooth", "held"), List.of("batch", "running mean",
                run.facts().evaluatedOn())).toString();
    }

    /** An exponential mean over about a thirtieth of the run, freed from its bias towards the start. */
    static double[] smooth(double[] values) {
        double keep = 1 - 1 / Math.max(1, values.length / 30.0);
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

    /** The test metric after each epoch; baselines as lines across, except those far below. */
    static String metric(Run run) {
        Metric metric = run.metric();
        List<Epoch> epochs = run.epochs().stream().filter(epoch -> !Double.isNaN(epoch.test().main())).toList();
        if (epochs.isEmpty()) {
            return new Markup().leaf("p", metric.title() + " is not defined for what was predicted.", "class", "note")
                    .toString();
        }
        double[] xs = epochs.stream().mapToDouble(Epoch::epoch).toArray();
        double[] ys = epochs.stream().mapToDouble(epoch -> epoch.test().main()).toArray();
        double best = run.bestBaseline().map(Run.Baseline::value).orElse(ys[0]);
        double low = Math.min(best, Arrays.stream(ys).min().orElseThrow());
        double high = Math.max(best, Arrays.stream(ys).max().orElseThrow());
        double room = Math.max(0.02, 0.25 * (high - low));
        Axis x = new Axis(0.5, Math.max(2, epochs.getFirst().epochs()) + 0.5, Plot.LEFT, Plot.RIGHT);
        Axis y = Axis.round(low < 0 ? low - room : Math.max(0, low - room), Math.min(1, high + room), 5, Plot.BOTTOM,
                Plot.TOP);
        Plot plot = new Plot("The " + run.facts().evaluatedOn() + " " + metric.title() + " after each epoch", x, y)
                .horizontalMarks(5, metric::mark)
                .verticalMarks(shown(epochs.getFirst().epochs()), value -> Format.count(Math.round(value)), "epoch");
        for (Run.Baseline baseline : run.baselines()) {
            if (baseline.value() >= y.low() && baseline.value() <= y.high()) {
                // where the curve is farther away
                boolean atRight = ys.length < epochs.getFirst().epochs() || ys.length == 1
                        || Math.abs(ys[ys.length - 1] - baseline.value()) > Math.abs(ys[0] - baseline.value());
                plot.reference(baseline.value(), baseline.name() + " " + metric.text(baseline.value()), atRight);
            }
        }
        plot.path("metric", xs, ys);
        int every = Math.ceilDiv(epochs.size(), 10);
        for (Epoch epoch : epochs) {
            boolean labelled = (epochs.size() - epoch.epoch()) % every == 0;
            String value = metric.text(epoch.test().main());
            plot.dot(epoch.epoch(), epoch.test().main(), labelled ? value : "", "epoch " + epoch.epoch() + ": "
                    + metric.title() + " " + value + ", " + run.facts().evaluatedOn() + " loss "
                    + Format.loss(epoch.test().loss()));
        }
        return plot.toString();
    }

    private static List<Double> shown(int epochs) {
        int every = Math.ceilDiv(epochs, 12);
        return IntStream.rangeClosed(1, epochs).filter(epoch -> epoch % every == 0).mapToObj(epoch -> (double) epoch)
                .toList();
    }
}
