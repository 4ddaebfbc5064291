package dev.lorikeet.cli.report;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.DataSummary.Part;
import dev.lorikeet.cli.report.Run.Baseline;
import dev.lorikeet.cli.report.Run.Facts;
import dev.lorikeet.transformer.training.Epoch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The end of the page: the data, where the time went, and all that decides a run, so that it can be run again. */
final class Appendix {
    /** Rows of targets: more classes than these are counted. */
    private static final int TARGETS = 24;
    private static final int LENGTHS = 1000;

    private final Run run;
    private final Facts facts;
    private final Page page;

    Appendix(Run run, Page page) {
        this.run = run;
        this.facts = run.facts();
        this.page = page;
    }

    void write() {
        page.columns();
        data();
        time();
        page.end();
        page.wide("Run it again", "every setting is in the recipe, what nobody said among them; with the model and the "
                + "files as they were, the results have the same bits",
                new Markup().leaf("pre", facts.again()).toString());
        page.columns();
        page.section("Settings", "all of recipe.yaml", settings());
        page.section("Environment", facts.environment().exact()
                ? "with these files, the results depend on the settings alone, not on processor or threads"
                : "a device computed: the results depend on it in their last digits", environment());
        page.end();
    }

    private void data() {
        DataSummary summary = facts.summary();
        List<List<String>> lengths = new ArrayList<>();
        lengths.add(List.of("tokens of", "examples", "least", "median", "95 %", "most", "cut"));
        for (Part part : summary.parts()) {
            lengths.add(List.of(part.name(), Format.count(part.examples()), Format.count(part.quantile(0)),
                    Format.count(part.quantile(0.5)), Format.count(part.quantile(0.95)), Format.count(part.quantile(1)),
                    Format.count(part.truncated())));
        }
        Part train = summary.parts().getFirst();
        float[] tokens = new float[Math.min(LENGTHS, train.examples())]; // of very many, as if so many were drawn
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = train.quantile((i + 0.5) / tokens.length);
        }
        List<List<String>> targets = summary.targets();
        int more = targets.size() - 1 - TARGETS;
        page.section("Data", facts.data() + ": " + facts.examples() + (facts.truncated().text().isEmpty() ? ""
                : "; " + facts.truncated().text()) + (summary.unknown().isEmpty() ? "" : "; " + summary.unknown())
                + (summary.inBoth() == 0 ? ""
                        : "; " + Format.count(summary.inBoth(), "text to test with is", "texts to test with are")
                                + " among those to train with"),
                "<div class=\"scroll\">" + Page.table(more > 0 ? targets.subList(0, TARGETS + 1) : targets, true)
                        + (more > 0 ? new Markup().leaf("p", "and " + Format.count(more) + " more", "class", "note")
                                : "")
                        + "</div>\n<div class=\"scroll\">" + Page.table(lengths, true) + "</div>\n" + files(summary)
                        + Diagrams.histogram(Map.of("", tokens), "tokens to train with"));
    }

    /** Where there is but one file of each part, and all of it was read, the settings say enough. */
    private static String files(DataSummary summary) {
        if (summary.files().stream().noneMatch(FoundRows::isNews)) {
            return "";
        }
        List<List<String>> rows = new ArrayList<>(List.of(List.of("file", "part", "rows", "left out")));
        summary.files().forEach(part -> rows.addAll(part.rows()));
        Markup faults = new Markup();
        summary.files().stream().filter(part -> part.counts().skipped() > 0).forEach(part -> {
            faults.leaf("p", part.part() + ": " + part.leftOut(), "class", "note");
            part.counts().faults().forEach(fault -> faults.leaf("p", fault, "class", "note"));
        });
        return "<div class=\"scroll\">" + Page.table(rows, true) + "</div>\n" + faults;
    }

    private void time() {
        Map<String, Double> seconds = run.usage().seconds();
        double all = seconds.values().stream().mapToDouble(each -> each).sum();
        Markup table = new Markup().open("table", "class", "bars").open("tbody");
        seconds.forEach((what, own) -> {
            table.open("tr").leaf("td", what);
            Bars.bar(table, all == 0 ? 0 : own / all, "plain", Format.seconds(own)).close();
        });
        for (Baseline baseline : run.baselines()) {
            table.open("tr").leaf("td", baseline.name()).open("td").text(Format.seconds(baseline.seconds())).close()
                    .close();
        }
        for (Epoch epoch : run.epochs()) {
            table.open("tr").leaf("td", "epoch " + epoch.epoch()).open("td")
                    .text(Format.seconds(epoch.trainSeconds()) + ", " + run.metric().text(epoch.test().main())
                            + ", loss " + Format.loss(epoch.trainLoss()) + " train, "
                            + Format.loss(epoch.test().loss()) + " " + facts.evaluatedOn())
                    .close().close();
        }
        page.section("Time", "of the process that wrote this, until now; below it baselines and epochs",
                table.close().close().toString());
    }

    private String settings() {
        Markup list = new Markup().open("dl");
        settings(list, "", RecipeFile.tree(facts.recipe()));
        return list.close().toString();
    }

    private static void settings(Markup list, String section, Map<?, ?> tree) {
        tree.forEach((key, value) -> {
            if (value instanceof Map<?, ?> below) {
                list.leaf("dt", String.valueOf(key), "class", "part").leaf("dd", "");
                settings(list, section + key + ".", below);
            } else {
                row(list, String.valueOf(key), text(value));
            }
        });
    }

    private static String text(@Nullable Object value) {
        return switch (value) {
            case Double number -> Format.number(number);
            case List<?> names -> names.stream().map(String::valueOf).collect(Collectors.joining(", "));
            case null -> "none";
            default -> String.valueOf(value);
        };
    }

    private String environment() {
        Environment environment = facts.environment();
        Markup list = new Markup().open("dl");
        row(list, "base model", facts.model() + " (" + facts.architecture() + ")");
        row(list, "its hash", facts.modelHash());
        Run.Start start = facts.start();
        if (start != null) {
            row(list, "goes on from", start.from() + ", SHA-256 " + start.sha256());
        }
        facts.summary().parts().forEach(part -> row(list, "examples to " + part.name(), "SHA-256 " + part.sha256()));
        row(list, "Lorikeet", environment.version());
        row(list, "processor", environment.processor());
        row(list, "kernels", environment.kernels() + " (" + environment.reason() + ")");
        row(list, "threads", environment.threads() + " on " + Format.count(environment.cores(), "core", "cores"));
        row(list, "memory", Format.bytes(environment.memoryBytes()) + ", for objects at most "
                + Format.bytes(environment.heapBytes()));
        row(list, "JDK", environment.jdk());
        row(list, "JVM", environment.vm());
        row(list, "JVM's options", environment.options().isEmpty() ? "none" : environment.options());
        row(list, "system", environment.os());
        return list.close().toString();
    }

    private static void row(Markup list, String name, String value) {
        list.leaf("dt", name).leaf("dd", value);
    }
}
