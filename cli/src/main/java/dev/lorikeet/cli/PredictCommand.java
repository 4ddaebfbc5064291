package dev.lorikeet.cli;

import dev.lorikeet.cli.answer.Answer;
import dev.lorikeet.cli.answer.AnswerFormat;
import dev.lorikeet.cli.answer.Answering;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.task.CommandTask;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorikeet predict}. */
@Command(name = "predict",
        description = {"Answers texts by the files of a run: their classes with probabilities, their "
                + "labels, numbers, a tag for each word, what stands behind [MASK], or the part of a text that answers "
                + "a question.",
            "", "A model of pairs takes two texts for each answer, one of questions the question and its text, on a "
                    + "line with a tab between them. "
                    + "An empty line keeps its place without an answer: in JSON, its object has the text alone."},
        footer = {
            "  lorikeet predict --run out/supersense \"a small animal with a long tail\"",
            "  lorikeet predict --run out/supersense --top 3 --json < texts.txt",
            "  lorikeet predict --run out/mine --data rows.tsv --output answers.csv",
            "  lorikeet predict --model bert --adapter mine --labels no,yes \"is it so?\"",
            "  lorikeet predict --run out/pairs \"A man sleeps.\" \"Somebody is asleep.\""})
final class PredictCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private AnswerOptions answers = new AnswerOptions();

    @Mixin
    private RunOption run = new RunOption();

    @Option(names = "--top", paramLabel = "N", defaultValue = "5", description = "Show the N most probable classes or "
            + "answers (default: ${DEFAULT-VALUE}).")
    private int top;

    @Option(names = "--json", description = "As --format jsonl: one JSON object on a line for each text.")
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
        if (json) {
            answers.requireJson();
        }
        answers.check();
        compute.request();
        TaskModel<?, ?, ?> model = run.model(Cpu.shared(), terminal);
        answer(model, CommandTask.of(model.task()));
    }

    private <X, Y, P> void answer(TaskModel<?, ?, ?> any, CommandTask<X, Y, P> task) {
        TaskModel<X, Y, P> model = task.of(any);
        answers.answer(new Answering(task.cellNames(), questions -> {
            List<X> inputs = questions.stream().map(question -> task.input(question.texts())).toList();
            List<Encoded> tokens = IntStream.range(0, inputs.size()).mapToObj(i -> questions.get(i)
                    .read(() -> model.encode(inputs.get(i), null))).toList();
            List<P> predictions = model.predict(inputs);
            return IntStream.range(0, inputs.size())
                    .mapToObj(i -> answer(inputs.get(i), tokens.get(i), predictions.get(i), task)).toList();
        }), run.textNames(task), AnswerFormat.TEXT, terminal);
    }

    private <X, Y, P> Answer answer(X input, Encoded tokens, P prediction, CommandTask<X, Y, P> task) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("truncated_tokens", tokens.truncated());
        fields.putAll(task.json(input, prediction, top));
        return new Answer(fields, task.cells(prediction), to -> {
            if (tokens.truncated() > 0) {
                to.line("  read up to token " + Format.count(tokens.tokens()) + " of "
                        + Format.count((long) tokens.tokens() + tokens.truncated()));
            }
            task.tell(input, prediction, top, to);
        });
    }
}
