package dev.lorikeet.cli;

import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.task.CommandTask;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Printable;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lorikeet predict}. */
@Command(name = "predict",
        description = {"Answers texts by the files of a run: their classes with probabilities, their "
                + "labels, or numbers.",
            "", "A model of pairs takes two texts for each answer, on a line of standard input with "
                    + "a tab between them."},
        footer = {
            "  lorikeet predict --run out/supersense \"a small animal with a long tail\"",
            "  lorikeet predict --run out/supersense --top 3 --json < texts.txt",
            "  lorikeet predict --run out/pairs \"A man sleeps.\" \"Somebody is asleep.\""})
final class PredictCommand implements Runnable {
    private final Terminal terminal;

    @Parameters(paramLabel = "TEXT", arity = "0..*", description = "The texts; without any, the lines of standard "
            + "input, in UTF-8.")
    private List<String> texts = new ArrayList<>();

    @Mixin
    private RunOption run = new RunOption();

    @Option(names = "--top", paramLabel = "N", defaultValue = "5", description = "Show the N most probable classes "
            + "(default: ${DEFAULT-VALUE}).")
    private int top;

    @Option(names = "--json", description = "One JSON object on a line for each text.")
    private boolean json;

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Mixin
    private CommonOptions common = new CommonOptions();

    PredictCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        if (top < 1) {
            throw new InputException("--top: must be at least 1, not " + top);
        }
        TextLines.require(texts);
        compute.request();
        TaskModel<?, ?, ?> model = run.model(Cpu.shared());
        answer(model, CommandTask.of(model.task()));
    }

    private <X, Y, P> void answer(TaskModel<?, ?, ?> any, CommandTask<X, Y, P> task) {
        TaskModel<X, Y, P> model = task.of(any);
        int count = task.texts();
        if (texts.size() % count != 0) {
            throw new InputException("TEXT: the model reads pairs, two texts for each answer, not " + texts.size());
        }
        if (texts.isEmpty()) {
            TextLines.forEach(terminal, line -> show(line, split(line, count), model, task));
            return;
        }
        for (int i = 0; i < texts.size() && !terminal.out().checkError(); i += count) {
            List<String> own = texts.subList(i, i + count);
            show(String.join(count == 1 ? "" : "\t", own), own, model, task);
        }
    }

    /** The texts of a line; none of an empty one, which keeps its place. */
    private static List<String> split(String line, int count) {
        if (line.isBlank()) {
            return List.of();
        }
        List<String> own = count == 1 ? List.of(line) : List.of(line.split("\t", -1));
        if (own.size() != count || own.stream().anyMatch(String::isBlank)) {
            throw new InputException("standard input: \"" + Printable.of(line)
                    + "\" is no pair, two texts with a tab between them are expected");
        }
        return own;
    }

    /** @param own none for an empty line, which keeps its place */
    private <X, Y, P> void show(String text, List<String> own, TaskModel<X, Y, P> model,
            CommandTask<X, Y, P> task) {
        X input = own.isEmpty() ? null : task.input(own);
        Encoded tokens = input == null ? null : model.encode(input, null);
        if (json) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("text", text);
            line.put("truncated_tokens", tokens == null ? 0 : tokens.truncated());
            line.putAll(input == null ? Map.of("predictions", List.of()) : task.json(input, model.predict(input), top));
            terminal.json(line);
            return;
        }
        terminal.line(own.isEmpty() ? text : String.join("  |  ", own));
        if (input == null || tokens == null) {
            return;
        }
        if (tokens.truncated() > 0) {
            terminal.line("  read up to token " + Format.count(tokens.tokens()) + " of "
                    + Format.count((long) tokens.tokens() + tokens.truncated()));
        }
        task.tell(input, model.predict(input), top, terminal);
    }
}
