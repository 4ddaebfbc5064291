package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.FoundRows;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.MemoryException;
import dev.lorikeet.cli.run.Once;
import dev.lorikeet.cli.task.Columns;
import dev.lorikeet.cli.task.CommandTask;
import dev.lorikeet.cli.task.TaskData;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.tokenizer.Encoding;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorikeet preview}. */
@Command(name = "preview", description = {"Shows what finetune would read, and how the model reads it.", "",
    "It takes the flags of finetune: classes and lengths of the texts, what is cut, and the first of them as tokens."},
        abbreviateSynopsis = true, footer = {
            "  lorikeet preview --train train.tsv --test test.tsv",
            "  lorikeet preview --recipe mine.yaml --examples 10"})
final class PreviewCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private RecipeOptions recipe = new RecipeOptions();

    @Option(names = "--examples", paramLabel = "N", defaultValue = "3", description = "Show so many texts as tokens "
            + "(default: ${DEFAULT-VALUE}).")
    private int examples;

    @Option(names = "--json", description = "One JSON object.")
    private boolean json;

    @Mixin
    private HubOption hub = new HubOption();

    @Mixin
    private CommonOptions common = new CommonOptions();

    PreviewCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        if (examples < 0) {
            throw new InputException("--examples: must be at least 0, not " + examples);
        }
        Recipe resolved = Columns.settle(recipe.read());
        hub.fetch(resolved.model(), terminal);
        Supplier<Model> model = new Once<>(() -> Model.load(resolved.model()));
        TaskData<?, ?, ?> data = MemoryException.during("reading the texts", "", () -> TaskData.read(resolved, model));
        show(resolved, data, model.get());
    }

    private <X, Y, P> void show(Recipe resolved, TaskData<X, Y, P> data, Model model) {
        if (json) {
            terminal.json(json(data, model));
            return;
        }
        int most = model.backbone().maxTokens();
        terminal.field("Model", model.id() + ", reads at most " + Format.count(most, "token", "tokens") + " of a text");
        terminal.field("Data", data.name() + ": " + Format.count(data.train().size()) + " to train, "
                + Format.count(data.test().size()) + " to test, " + data.task().outputs());
        if (resolved.data() instanceof Recipe.Files files) {
            terminal.field("Task", data.task().title() + files.columns());
        }
        data.sources().forEach((part, source) -> new FoundRows(part, source.counts()).tell(terminal));
        terminal.field("In both", inBoth(data.inBoth()));
        terminal.line();
        terminal.table(data.task().summary(data.train(), data.test()));
        terminal.line();
        terminal.table(List.of(List.of("tokens of a text", "shortest", "median", "95 %", "longest", "cut"),
                row("train", Lengths.of(data.train(), data.task(), model)),
                row("test", Lengths.of(data.test(), data.task(), model))));
        for (int i = 0; i < Math.min(examples, data.train().size()); i++) {
            terminal.line();
            data.task().preview(data.train().input(i), data.train().target(i), model, terminal);
        }
    }

    private static String inBoth(int both) {
        return both == 0 ? "no text to test with is one to train with"
                : Format.count(both, "text to test with is", "texts to test with are") + " among those to train with";
    }

    private static List<String> row(String name, Lengths lengths) {
        return List.of(name, Format.count(lengths.quantile(0)), Format.count(lengths.quantile(0.5)),
                Format.count(lengths.quantile(0.95)), Format.count(lengths.quantile(1)), Format.count(lengths.cut));
    }

    private <X, Y, P> Map<String, Object> json(TaskData<X, Y, P> data, Model model) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("model", model.id());
        json.put("most_tokens", model.backbone().maxTokens());
        json.put("data", data.name());
        json.put("task", data.task().title());
        json.put("labels", data.task().labels());
        json.put(TaskData.TRAIN, part(Lengths.of(data.train(), data.task(), model), data, TaskData.TRAIN));
        json.put(TaskData.TEST, part(Lengths.of(data.test(), data.task(), model), data, TaskData.TEST));
        json.put("in_both", data.inBoth());
        json.put("examples", IntStream.range(0, Math.min(examples, data.train().size())).mapToObj(i -> Map.of(
                "target", data.task().show(data.train().target(i)),
                "tokens", data.task().encodings(data.train().input(i), model).stream().map(Encoding::tokens).toList()))
                .toList());
        return json;
    }

    private static Map<String, Object> part(Lengths lengths, TaskData<?, ?, ?> data, String name) {
        Map<String, Object> part = new LinkedHashMap<>();
        part.put("examples", lengths.sorted.length);
        part.put("skipped", data.sources().containsKey(name) ? data.sources().get(name).counts().skipped() : 0);
        part.put("shortest", lengths.quantile(0));
        part.put("median", lengths.quantile(0.5));
        part.put("quantile_95", lengths.quantile(0.95));
        part.put("longest", lengths.quantile(1));
        part.put("cut", lengths.cut);
        return part;
    }

    /**
     * How many tokens texts have; of several of an example, the longest.
     *
     * @param cut how many texts are longer than the model reads
     */
    private record Lengths(int[] sorted, int cut) {
        static <X> Lengths of(Examples<X, ?> data, CommandTask<X, ?, ?> task, Model model) {
            IntStream.Builder all = IntStream.builder();
            int[] cut = new int[1];
            data.forEach((input, _) -> {
                int longest = 0;
                for (Encoding encoding : task.encodings(input, model)) {
                    longest = Math.max(longest, encoding.ids().length + encoding.truncated());
                    cut[0] += encoding.truncated() > 0 ? 1 : 0;
                }
                all.add(longest);
            });
            return new Lengths(all.build().sorted().toArray(), cut[0]);
        }

        /** Quantiles are lengths that texts have: of an even number, the median is the shorter of two. */
        int quantile(double share) {
            return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
        }
    }
}
