package dev.lorikeet.cli.report;

import dev.lorikeet.cli.report.Run.Baseline;
import dev.lorikeet.cli.report.Run.Facts;
import dev.lorikeet.transformer.training.Epoch;
import dev.lorikeet.transformer.training.Step;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The page about a run: one HTML file that needs no other. */
public final class Report {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm", Locale.ROOT);

    /** So many steps a mean is over, of a run that is under way. */
    private static final int LATELY = 20;

    private final Run run;
    private final Facts facts;
    private final @Nullable Epoch last;
    private final Page page = new Page();

    private Report(Run run) {
        this.run = run;
        this.facts = run.facts();
        this.last = run.epochs().isEmpty() ? null : run.epochs().getLast();
    }

    /**
     * The page as text.
     *
     * @param run with one finished epoch at least
     */
    public static String html(Run run) {
        return new Report(run).html(Objects.requireNonNull(run.epochs().getLast()));
    }

    /** The page while the run is under way, as far as it has come, be it nowhere yet. */
    public static String live(Run run) {
        return new Report(run).live();
    }

    private String html(Epoch end) {
        begin();
        header(end);
        numbers(end);
        results();
        adapters();
        training();
        new Appendix(run, page).write();
        return ended();
    }

    private String live() {
        begin();
        page.add(title().leaf("p", underWay(), "class", "note").close() + "\n");
        if (!run.steps().isEmpty()) {
            lately();
        }
        if (last != null) {
            results();
        } else if (!run.steps().isEmpty()) {
            page.section("Loss", "of each step's batch, and its running mean", Curves.steps(run.steps(), "Loss",
                    Step::loss, Format::number, true));
        }
        adapters();
        if (!run.steps().isEmpty()) {
            training();
        }
        return ended();
    }

    private void begin() {
        page.add("""
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                """);
        page.add(new Markup().leaf("title", facts.recipe().name() + " – Lorikeet") + "\n<style>\n" + style()
                + "</style>\n</head>\n<body>\n");
    }

    private void results() {
        curves();
        page.wide("Methods", "the run beside its baselines, on the same test examples", MethodTable.of(run));
        Outcomes.write(run, page);
        if (run.answers() != null) {
            AnswerTable.write(run.answers(), page);
        }
    }

    private String ended() {
        page.add("<footer>Made by " + facts.environment().version() + " on " + DATE.format(facts.started())
                + ". Rows of metrics.jsonl hold every number behind the curves.</footer>\n</body>\n</html>\n");
        return page.toString();
    }

    /** The style sheet. */
    static String style() {
        try (InputStream css = Report.class.getResourceAsStream("report.css")) {
            return new String(Objects.requireNonNull(css, "report.css").readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("report.css", e);
        }
    }

    /** How far the run is. */
    private String underWay() {
        if (run.steps().isEmpty()) {
            return run.baselines().isEmpty() ? "The run begins."
                    : "Baselines: " + run.baselines().stream()
                            .map(each -> each.name() + " " + run.metric().text(each.value()))
                            .collect(Collectors.joining(", "))
                            + ".";
        }
        Step step = run.steps().getLast();
        return "Under way: step " + Format.count(step.step()) + " of " + Format.count(step.steps()) + ".";
    }

    /** What the last steps say. */
    private void lately() {
        List<Step> steps = run.steps();
        List<Step> some = steps.subList(Math.max(0, steps.size() - LATELY), steps.size());
        Step step = steps.getLast();
        String over = some.size() == 1 ? "of one step" : "of the last " + some.size() + " steps";
        Markup cards = new Markup().open("div", "class", "cards");
        card(cards, Math.floorDiv(100L * step.step(), step.steps()) + " %", "of the steps",
                "in epoch " + step.epoch() + " of " + facts.recipe().training().epochs(), "");
        card(cards, Format.loss(some.stream().mapToDouble(Step::loss).average().orElseThrow()), "training loss", over,
                "");
        card(cards, Format.count(Math.round(some.stream().mapToLong(Step::tokens).sum()
                / some.stream().mapToDouble(Step::seconds).sum())), "tokens per second", over, "");
        card(cards, last == null ? "–" : run.metric().text(run.result().main()),
                run.resultOf() + " " + run.metric().title(),
                last == null ? "after the first epoch" : "after epoch " + last.epoch(), "");
        page.add(cards.close() + "\n");
    }

    private Markup title() {
        Markup header = new Markup().open("header").leaf("h1", facts.recipe().name());
        header.open("p").text(facts.recipe().method().title() + " on ").leaf("b", facts.model())
                .text(", trained for " + facts.learned().task() + " (" + facts.learned().outputs() + ") on ")
                .leaf("b", facts.data()).close();
        return header;
    }

    private void header(Epoch end) {
        Markup header = title();
        Run.Tested test = run.test();
        if (test != null && test.chosen() != null) {
            header.leaf("p", "The model of step " + test.chosen().step() + ", in epoch " + test.chosen().epoch()
                    + ", the best of the validation, after "
                    + Format.count(end.epoch(), "epoch", "epochs") + " of " + end.epochs() + ".");
        }
        if (end.epoch() < end.epochs() && test == null) {
            header.leaf("p",
                    "After epoch " + end.epoch() + " of " + end.epochs() + ": the run goes on, or was stopped.",
                    "class", "note");
        }
        page.add(header.close() + "\n");
    }

    private void numbers(Epoch end) {
        Markup cards = new Markup().open("div", "class", "cards");
        double value = run.result().main();
        Metric metric = run.metric();
        Baseline best = run.bestBaseline().orElse(null);
        card(cards, metric.text(value), run.resultOf() + " " + metric.title(),
                best == null ? "" : metric.beside(value, best.value(), best.name()),
                best == null || value == best.value() ? "" : metric.isBetter(value, best.value()) ? "main" : "loss");
        card(cards, Format.seconds(run.trainSeconds()), "of training", Format.count(end.epoch(), "epoch", "epochs")
                + " over " + Format.count(facts.trainExamples(), "example", "examples"), "");
        card(cards, Format.count(Math.round(run.tokensPerSecond())), "tokens per second",
                facts.environment().kernels() + ", " + Format.count(facts.environment().threads(), "thread", "threads"),
                "");
        card(cards, Format.percent((double) run.trained() / run.total()), "of the parameters trained",
                Format.count(run.trained()) + " of " + Format.count(run.total()), "");
        page.add(cards.close() + "\n");
    }

    private static void card(Markup cards, String number, String what, String more, String type) {
        cards.open("div", "class", ("card " + type).strip()).leaf("strong", number).leaf("span", what)
                .leaf("small", more).close();
    }

    private void curves() {
        Metric metric = run.metric();
        String below = run.baselines().stream().map(baseline -> baseline.name() + " " + metric.text(
                baseline.value())).reduce((a, b) -> a + ", " + b).orElse("none");
        page.columns().section(metric.heading(), "on "
                + (facts.validationExamples() > 0 ? Format.count(facts.validationExamples()) + " validation"
                        : Format.count(facts.testExamples()) + " test")
                + " examples; baselines, on the test examples: " + below, Curves.metric(run));
        page.section("Loss", "of each step's batch, its running mean, and of the " + facts.evaluatedOn()
                + " examples whenever they were evaluated", Curves.loss(run)).end();
    }

    private void adapters() {
        List<Run.AdaptedLayer> layers = run.layers();
        if (layers.isEmpty()) {
            return;
        }
        long parameters = layers.stream().mapToLong(Run.AdaptedLayer::parameters).sum();
        page.wide("Adapter", Format.count(layers.size(), "adapter", "adapters") + " with "
                + Format.count(parameters) + " parameters; each cell is a rank and its parameters",
                AdapterTable.of(layers));
        Allocation allocation = run.allocation();
        if (allocation != null && allocation.steps() > 0) { // of a run that begins there is nothing to see
            page.wide("Ranks over time", "over the steps of " + (allocation.searchSeconds() > 0
                    ? "the search, before the training"
                    : "the training")
                    + "; a row for each layer's adapter, those of one module together; the deeper the colour, the "
                    + "higher the rank; on the right, the rank in the end",
                    RankPicture.of(facts.layers(), allocation.history(), allocation.steps()));
        }
    }

    private void training() {
        List<Step> steps = run.steps();
        page.columns();
        page.section("Learning rate", "the schedule's factor on the peak rates of the settings",
                Curves.steps(steps, "Learning rate", Step::rate, Format::number, false));
        if (steps.stream().noneMatch(step -> Double.isNaN(step.gradientNorm()))) {
            page.section("Gradient norm", "of all gradients together, before they were clipped",
                    Curves.steps(steps, "Gradient norm", Step::gradientNorm, Format::number, true));
        }
        page.section("Speed", "tokens per second of each step", Curves.steps(steps, "Tokens per second",
                step -> step.tokens() / step.seconds(), value -> Format.count(Math.round(value)), true));
        List<Long> heap = run.usage().heapBytes();
        if (!heap.isEmpty()) {
            int first = steps.size() - heap.size();
            page.section("Memory", "what objects had after each step, garbage that was not collected yet among it; the "
                    + "heap may have " + Format.bytes(facts.environment().heapBytes()),
                    Curves.steps(steps.subList(first, steps.size()), "Memory",
                            step -> heap.get(step.step() - 1 - first),
                            value -> Format.bytes(Math.round(value)).replace(".0 ", " "), false));
        }
        page.end();
    }
}
