package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.MemoryException;
import dev.lorikeet.cli.run.TaskData;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.Example;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.tokenizer.Encoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
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
        Recipe resolved = recipe.read();
        TaskData data = MemoryException.during("reading the texts", "", () -> TaskData.read(resolved));
        show(data, Model.load(resolved.model()));
    }

    private void show(TaskData data, Model model) {
        int most = model.backbone().maxTokens();
        terminal.field("Model", model.id() + ", reads at most " + Format.count(most, "token", "tokens") + " of a text");
        terminal.field("Data", data.name() + ": " + Format.count(data.train().size()) + " to train, "
                + Format.count(data.test().size()) + " to test, "
                + Format.count(data.train().labels().size(), "class", "classes"));
        terminal.field("In both", inBoth(data));
        terminal.line();
        terminal.table(classes(data));
        terminal.line();
        terminal.table(List.of(List.of("tokens of a text", "shortest", "median", "95 %", "longest", "cut"),
                lengths("train", data.train(), model), lengths("test", data.test(), model)));
        for (Example<String> example : data.train().examples().subList(0, Math.min(examples, data.train().size()))) {
            terminal.line();
            terminal.line(data.train().labels().get(example.label()));
            Encoding encoding = model.tokenizer().encode(example.input(), most);
            terminal.tokens(encoding.tokens());
            if (encoding.truncated() > 0) {
                terminal.line("  and " + Format.count(encoding.truncated(), "more, which is cut",
                        "more, which are cut"));
            }
        }
    }

    private static String inBoth(TaskData data) {
        Set<String> texts = data.train().examples().stream().map(Example::input).collect(Collectors.toSet());
        long both = data.test().examples().stream().filter(example -> texts.contains(example.input())).count();
        return both == 0 ? "no text to test with is one to train with"
                : Format.count(both, "text to test with is", "texts to test with are") + " among those to train with";
    }

    private static List<List<String>> classes(TaskData data) {
        List<String> labels = data.train().labels();
        int[] train = counts(data.train());
        int[] test = counts(data.test());
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("class", "train", "test"));
        for (int c = 0; c < labels.size(); c++) {
            rows.add(List.of(labels.get(c), Format.count(train[c]), Format.count(test[c])));
        }
        return rows;
    }

    private static int[] counts(Dataset<String> data) {
        int[] counts = new int[data.labels().size()];
        data.examples().forEach(example -> counts[example.label()]++);
        return counts;
    }

    /** Quantiles are lengths that texts have: of an even number, the median is the shorter of two. */
    private static List<String> lengths(String name, Dataset<String> data, Model model) {
        int most = model.backbone().maxTokens();
        int[] lengths = new int[data.size()];
        int cut = 0;
        for (int i = 0; i < lengths.length; i++) {
            Encoding encoding = model.tokenizer().encode(data.input(i), most);
            lengths[i] = encoding.ids().length + encoding.truncated();
            cut += encoding.truncated() > 0 ? 1 : 0;
        }
        Arrays.sort(lengths);
        return List.of(name, Format.count(lengths[0]), Format.count(quantile(lengths, 0.5)),
                Format.count(quantile(lengths, 0.95)), Format.count(lengths[lengths.length - 1]), Format.count(cut));
    }

    private static int quantile(int[] sorted, double share) {
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }
}
