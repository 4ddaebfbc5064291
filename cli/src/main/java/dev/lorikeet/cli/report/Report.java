package dev.lorikeet.cli.report;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.report.Run.Baseline;
import dev.lorikeet.cli.report.Run.Facts;
import dev.lorikeet.transformer.metrics.ConfusionMatrix;
import dev.lorikeet.transformer.metrics.Fit;
import dev.lorikeet.transformer.metrics.NamedScores;
import dev.lorikeet.transformer.metrics.RegressionScores;
import dev.lorikeet.transformer.training.Epoch;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The page about a run: one HTML file that needs no other. */
public final class Report {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm", Locale.ROOT);

    private final Run run;
    private final Facts facts;
    private final Epoch last;
    private final StringBuilder page = new StringBuilder();

    private Report(Run run) {
        this.run = run;
        this.facts = run.facts();
        this.last = run.epochs().getLast();
    }

    /**
     * The page as text.
     *
     * @param run with one finished epoch at least
     */
    public static String html(Run run) {
        return new Report(run).html();
    }

    private String html() {
        page.append("""
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                """);
        page.append(new Markup().leaf("title", facts.recipe().name() + " – Lorikeet")).append("\n<style>\n")
                .append(style()).append("</style>\n</head>\n<body>\n");
        header();
        numbers();
        curves();
        section("Methods", "the run beside its baselines, on the same test examples",
                "<div class=\"scroll\">" + MethodTable.of(run) + "</div>");
        details();
        adapters();
        page.append("\n<div class=\"columns\">\n");
        section("Settings", "as in recipe.yaml", settings());
        section("Environment", facts.environment().exact() ? "the results do not depend on it"
                : "a device computed: the results depend on it in their last digits", environment());
        page.append("</div>\n<footer>Made by Lorikeet on ").append(DATE.format(facts.started()))
                .append(". Rows of metrics.jsonl hold every number behind the curves.</footer>\n</body>\n</html>\n");
        return page.toString();
    }

    private static String style() {
        try (InputStream css = Report.class.getResourceAsStream("report.css")) {
            return new String(Objects.requireNonNull(css, "report.css").readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("report.css", e);
        }
    }

    private void header() {
        Markup header = new Markup().open("header").leaf("h1", facts.recipe().name());
        header.open("p").text(facts.recipe().method().title() + " on ").leaf("b", facts.model())
                .text(", trained for " + facts.learned().task() + " (" + facts.learned().outputs() + ") on ")
                .leaf("b", facts.data()).close();
        Run.Tested test = run.test();
        if (test != null && test.chosen() != null) {
            header.leaf("p", "The model of epoch " + test.chosen().epoch() + ", the best of the validation, after "
                    + Format.count(last.epoch(), "epoch", "epochs") + " of " + last.epochs() + ".");
        }
        if (last.epoch() < last.epochs() && test == null) {
            header.leaf("p",
                    "After epoch " + last.epoch() + " of " + last.epochs() + ": the run goes on, or was stopped.",
                    "class", "note");
        }
        page.append(header.close()).append('\n');
    }

    private void numbers() {
        Markup cards = new Markup().open("div", "class", "cards");
        double value = run.result().main();
        Metric metric = run.metric();
        Baseline best = run.bestBaseline().orElse(null);
        card(cards, metric.text(value), run.resultOf() + " " + metric.title(), best == null ? ""
                : metric.difference(value, best.value()).replaceFirst("^-", "")
                        + (value < best.value() ? " under the " : " over the ") + best.name(),
                best != null && value < best.value() ? "main loss" : "main");
        card(cards, Format.seconds(run.trainSeconds()), "of training", Format.count(last.epoch(), "epoch", "epochs")
                + " over " + Format.count(facts.trainExamples(), "example", "examples"), "");
        card(cards, Format.count(Math.round(run.tokensPerSecond())), "tokens per second",
                facts.environment().kernels() + ", " + Format.count(facts.environment().threads(), "thread", "threads"),
                "");
        card(cards, Format.percent((double) run.trained() / run.total()), "of the parameters trained",
                Format.count(run.trained()) + " of " + Format.count(run.total()), "");
        page.append(cards.close()).append('\n');
    }

    private static void card(Markup cards, String number, String what, String more, String type) {
        cards.open("div", "class", ("card " + type).strip()).leaf("strong", number).leaf("span", what)
                .leaf("small", more).close();
    }

    private void curves() {
        page.append("\n<div class=\"columns\">\n");
        Metric metric = run.metric();
        String below = run.baselines().stream().map(baseline -> baseline.name() + " " + metric.text(
                baseline.value())).reduce((a, b) -> a + ", " + b).orElse("none");
        section(metric.heading(), "on "
                + (facts.validationExamples() > 0 ? Format.count(facts.validationExamples()) + " validation"
                        : Format.count(facts.testExamples()) + " test")
                + " examples; baselines, on the test examples: " + below, Curves.metric(run));
        section("Loss", "of each step's batch, its running mean, and of the " + facts.evaluatedOn()
                + " examples after each epoch", Curves.loss(run));
        page.append("</div>\n");
    }

    private void details() {
        switch (run.result().details()) {
            case ConfusionMatrix matrix -> confusions(new Confusions(matrix, facts.learned().labels()));
            case NamedScores scores -> section("Labels", "how well each is told, the hardest first",
                    "<div class=\"scroll\">" + ScoreTable.of(scores) + "</div>");
            case Fit fit -> {
                page.append("\n<div class=\"columns\">\n");
                for (int i = 0; i < fit.names().size(); i++) {
                    RegressionScores scores = fit.scores(i);
                    section("Predicted and true: " + fit.names().get(i), "Pearson "
                            + new Metric("pearson").text(scores.pearson()) + ", Spearman "
                            + new Metric("spearman").text(scores.spearman()) + ", mean absolute error "
                            + Format.number(scores.meanAbsoluteError()) + "; on the line, both are the same",
                            Scatter.of(fit.actual(i), fit.predicted(i)));
                }
                page.append("</div>\n");
            }
            case null -> {
                // nothing more is known
            }
        }
    }

    private void confusions(Confusions confusions) {
        if (facts.learned().labels().size() <= Confusions.MAX_CLASSES) {
            section("Confusion matrix", "the "
                    + run.resultOf() + " examples" + (facts.validationExamples() > 0 ? ""
                            : " after epoch "
                                    + last.epoch())
                    + "; a row is a true class, a column what was said",
                    "<div class=\"scroll\">"
                            + confusions.heatMap() + "</div>");
        }
        page.append("\n<div class=\"columns\">\n");
        section("Most frequent confusions", "where a closer look pays", confusions.mostFrequent());
        section("Classes", "the share of each that was recognised, the hardest first", confusions.recall());
        page.append("</div>\n");
    }

    private void adapters() {
        List<Run.AdaptedLayer> layers = run.layers();
        if (layers.isEmpty()) {
            return;
        }
        long parameters = layers.stream().mapToLong(Run.AdaptedLayer::parameters).sum();
        section("Adapter", Format.count(layers.size(), "adapter", "adapters") + " with "
                + Format.count(parameters) + " parameters; each cell is a rank and its parameters",
                "<div class=\"scroll\">" + AdapterTable.of(layers) + "</div>");
        Allocation allocation = run.allocation();
        if (allocation != null) {
            section("Ranks over time", "over the steps of " + (allocation.searchSeconds() > 0
                    ? "the search, before the training"
                    : "the training")
                    + "; a row for each layer's adapter, those of one module together; the deeper the colour, the "
                    + "higher the rank; on the right, the rank in the end",
                    "<div class=\"scroll\">" + RankPicture.of(facts.layers(), allocation.history(),
                            allocation.steps()) + "</div>");
        }
    }

    private String settings() {
        Recipe recipe = facts.recipe();
        Markup list = new Markup().open("dl");
        row(list, "model", facts.model() + " (" + facts.architecture() + ")");
        row(list, "data", facts.data() + ": " + facts.examples());
        if (!facts.truncated().text().isEmpty()) {
            row(list, "truncated", facts.truncated().text());
        }
        if (recipe.data() instanceof Recipe.Files files) {
            row(list, "task", facts.learned().task() + files.columns());
        }
        row(list, "method", recipe.method().title());
        settings(list, recipe.method().settings().tree());
        settings(list, recipe.training().values().tree());
        settings(list, recipe.loraOptimizer().tree());
        return list.close().toString();
    }

    private static void settings(Markup list, Map<String, @Nullable Object> sections) {
        sections.values()
                .forEach(section -> ((Map<?, ?>) Objects.requireNonNull(section)).forEach((key, value) -> row(list,
                        String.valueOf(key), switch (value) {
                            case Double number -> Format.number(number);
                            case List<?> names -> names.stream().map(String::valueOf).collect(Collectors.joining(", "));
                            case null, default -> String.valueOf(value);
                        })));
    }

    private String environment() {
        Environment environment = facts.environment();
        Markup list = new Markup().open("dl");
        row(list, "kernels", environment.kernels() + " (" + environment.reason() + ")");
        row(list, "threads", environment.threads() + " on " + Format.count(environment.cores(), "core", "cores"));
        row(list, "JDK", environment.jdk());
        row(list, "JVM", environment.vm());
        row(list, "system", environment.os());
        row(list, "heap", "at most " + Format.bytes(environment.heapBytes()));
        for (Baseline baseline : run.baselines()) {
            row(list, baseline.name(), run.metric().text(baseline.value()) + " in "
                    + Format.seconds(baseline.seconds()));
        }
        for (Epoch epoch : run.epochs()) {
            row(list, "epoch " + epoch.epoch(), run.metric().text(epoch.test().main()) + " in "
                    + Format.seconds(epoch.trainSeconds()) + ", loss " + Format.loss(epoch.trainLoss()) + " train, "
                    + Format.loss(epoch.test().loss()) + " " + facts.evaluatedOn());
        }
        return list.close().toString();
    }

    private static void row(Markup list, String name, String value) {
        list.leaf("dt", name).leaf("dd", value);
    }

    /** @param body markup */
    private void section(String title, String subtitle, String body) {
        Markup head = new Markup().leaf("h2", title).leaf("p", subtitle, "class", "subtitle");
        page.append("<section>\n").append(head).append('\n').append(body).append("\n</section>\n");
    }
}
