package dev.lorikeet.cli.run;

import dev.lorikeet.cli.recipe.Held;
import dev.lorikeet.cli.recipe.Method;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.AnswerTable;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.MethodTable;
import dev.lorikeet.cli.report.Metric;
import dev.lorikeet.cli.report.Run;
import dev.lorikeet.cli.report.WrittenAnswers;
import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.Printable;
import dev.lorikeet.transformer.io.Sha256;
import dev.lorikeet.transformer.io.Shown;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The {@code README.md} beside an adapter or a model, as Hugging Face's model cards are: what programs read in front,
 * in YAML with PEFT's keys, then what people read. It says nothing of the machine or of its clock, so that the same run
 * leaves the same card.
 */
final class ModelCard {
    /** The names that the Hub has for what it knows under others. */
    private static final Map<String, String> HUB = Map.of("matthews", "matthews_correlation", "pearson", "pearsonr",
            "spearman", "spearmanr", "f1_macro", "f1", "f1_micro", "f1", "r2", "r_squared", "nist", "nist_mt");

    private final Run run;
    private final RunOrigin origin;
    private final StringBuilder text = new StringBuilder();

    private ModelCard(Run run, RunOrigin origin) {
        this.run = run;
        this.origin = origin;
    }

    /**
     * Writes it.
     *
     * @param folder with what {@link dev.lorikeet.transformer.task.TaskModel#save} left
     */
    static void write(Run run, RunOrigin origin, Path folder) {
        boolean adapted = run.facts().recipe().method() instanceof Method.Adapted;
        Path weights = adapted ? folder.resolve("adapter/adapter_model.safetensors")
                : folder.resolve("model/model.safetensors");
        AtomicFile.write(weights.resolveSibling("README.md"), new ModelCard(run, origin).text(weights, adapted));
    }

    private String text(Path weights, boolean adapted) {
        Run.Facts facts = run.facts();
        Method method = facts.recipe().method();
        text.append("---\n").append(RecipeFile.dump(front(adapted))).append("---\n\n");
        line("# " + facts.recipe().name());
        line("");
        line("Task: " + facts.learned().task() + ", " + facts.learned().outputs() + ". Method: " + method.title()
                + " on "
                + code(facts.model()) + ". Trained with Lorikeet.");
        heading("Base and weights");
        row("what", "", "SHA-256");
        row("---", "---", "---");
        row("base", code(facts.model()), code(origin.baseHash().replaceFirst("^sha256:", "")));
        Run.Start start = facts.start();
        if (start != null) {
            row("went on from", code(String.valueOf(start.from().getFileName())), code(start.sha256()));
        }
        row(adapted ? "adapter" : "model", code(String.valueOf(weights.getFileName())), code(sha256(weights)));
        Path head = Objects.requireNonNull(Objects.requireNonNull(weights.getParent()).getParent())
                .resolve("head.safetensors");
        if (Files.exists(head)) {
            row("head", code("../head.safetensors"), code(sha256(head)));
        }
        line("");
        line(Format.count(run.trained()) + " of " + Format.count(run.total()) + " parameters were trained"
                + (run.layers().isEmpty() ? "" : "; ranks " + MethodTable.ranks(run.layers())) + ".");
        heading("Data");
        row("part", "", "examples", "SHA-256 of the examples as the model reads them");
        row("---", "---", "--:", "---");
        data();
        heading("Results on the test examples");
        results();
        WrittenAnswers answers = run.answers();
        if (answers != null && !answers.each().isEmpty()) {
            heading("Answers to " + Format.count(answers.asked().size(), "prompt", "prompts")
                    + " of the test examples");
            List<List<String>> rows = AnswerTable.scores(answers);
            row(rows.getFirst().toArray(String[]::new));
            row(rows.getFirst().stream().map(name -> name.isEmpty() ? "---" : "--:").toArray(String[]::new));
            rows.stream().skip(1).forEach(row -> row(row.toArray(String[]::new)));
        }
        heading("To train it again");
        line("```sh");
        line("lorikeet finetune --recipe ../recipe.yaml --out again");
        line("```");
        line("");
        line((facts.recipe().compute().device().equals("cpu") ? "with the same bits on any processor. " : "")
                + "Its settings:");
        line("");
        line("```yaml");
        text.append(RecipeFile.dump(RecipeFile.ofTraining(facts.recipe())));
        line("```");
        return text.toString();
    }

    private Map<String, Object> front(boolean adapted) {
        Map<String, Object> front = new LinkedHashMap<>();
        front.put("base_model", run.facts().model());
        front.put("library_name", adapted ? "peft" : "transformers");
        List<String> tags = new ArrayList<>();
        if (adapted) {
            tags.add("base_model:adapter:" + run.facts().model());
        }
        tags.add(run.facts().recipe().method().name());
        tags.add("lorikeet");
        front.put("tags", tags);
        WrittenAnswers answers = run.answers();
        Stream<String> written = answers == null || answers.after() == null ? Stream.of()
                : answers.after().scores().keySet().stream();
        front.put("metrics",
                Stream.concat(run.result().metrics().keySet().stream(), written)
                        .map(name -> HUB.getOrDefault(name, name))
                        .distinct().toList());
        return front;
    }

    private void data() {
        Run.Facts facts = run.facts();
        Recipe recipe = facts.recipe();
        String train = facts.data();
        String test = facts.data();
        if (recipe.data() instanceof Recipe.Files files) {
            train = names(files.train());
            test = names(files.test());
        }
        row("train", code(train), Format.count(facts.trainExamples()), code(origin.trainDigest()));
        if (facts.validationExamples() > 0) {
            row("validation", switch (recipe.validation()) {
                case Held.Files(List<Path> paths) -> code(names(paths));
                case Held.Share(double share) -> Format.percent(share) + " of " + code(train);
                case null -> "";
            }, Format.count(facts.validationExamples()), code(origin.validationDigest()));
        }
        row("test", code(test), Format.count(facts.testExamples()), code(origin.testDigest()));
    }

    private static String names(List<Path> paths) {
        return Shown.names(paths.stream().map(path -> String.valueOf(path.getFileName())).toList());
    }

    private void results() {
        boolean tested = run.test() != null || run.facts().validationExamples() == 0;
        if (!tested) {
            line("None yet: the run has not come to its end. On the examples to validate with:");
            line("");
        }
        row("", run.result().metrics().keySet().stream().map(name -> new Metric(name).title()).toList(), "loss");
        row("---", run.result().metrics().keySet().stream().map(_ -> "--:").toList(), "--:");
        List<String> own = run.result().metrics().entrySet().stream()
                .map(each -> new Metric(each.getKey()).text(each.getValue())).toList();
        row("**" + run.facts().recipe().method().title() + "**", own, Format.loss(run.result().loss()));
        for (Run.Baseline baseline : run.baselines()) {
            List<String> cells = new ArrayList<>();
            cells.add(run.metric().text(baseline.value()));
            own.stream().skip(1).forEach(_ -> cells.add(""));
            row(baseline.name() + (tested ? "" : " (test)"), cells, "");
        }
    }

    private void row(String first, List<String> more, String last) {
        List<String> cells = new ArrayList<>(List.of(first));
        cells.addAll(more);
        cells.add(last);
        row(cells.toArray(String[]::new));
    }

    private void row(String... cells) {
        line("| " + String.join(" | ", cells) + " |");
    }

    private void heading(String title) {
        line("");
        line("## " + title);
        line("");
    }

    private void line(String line) {
        text.append(line).append('\n');
    }

    /** Whatever a name has, it stays in its cell and is no markup. */
    private static String code(String name) {
        return "`" + Printable.of(name).replace('`', '\'').replace("|", "\\|") + "`";
    }

    private static String sha256(Path file) {
        return new Sha256().add(file).hex();
    }
}
