package dev.lorikeet.cli;

import dev.lorikeet.cli.answer.Answer;
import dev.lorikeet.cli.answer.AnswerFormat;
import dev.lorikeet.cli.answer.Answering;
import dev.lorikeet.cli.answer.Questions;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.task.Embedder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorikeet embed}. */
@Command(name = "embed", description = "Gives the vectors of texts, a JSON object on a line for each; that of an "
        + "empty line, which keeps its place, has the text alone. --output with the ending .npy takes them as an array "
        + "of NumPy, a vector in each row.",
        footer = {
            "  lorikeet embed \"a small animal with a long tail\"",
            "  lorikeet embed --run out/mine < texts.txt > vectors.jsonl",
            "  lorikeet embed --run out/mine --data rows.tsv --output vectors.jsonl",
            "  lorikeet embed --run out/mine --data rows.tsv --output vectors.npy",
            "  lorikeet embed --model models/e5-small --prefix \"query: \" \"parrots eat nuts\""})
final class EmbedCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private AnswerOptions answers = new AnswerOptions();

    @Mixin
    private EmbedderOptions model = new EmbedderOptions();

    @Option(names = "--prefix", paramLabel = "TEXT", defaultValue = "", description = "Put before each text, as e5 and "
            + "bge have it for questions.")
    private String prefix = "";

    @Option(names = "--dimensions", paramLabel = "N", description = "Only the first N elements of each vector, for "
            + "models that were trained for that.")
    @Nullable
    private Integer dimensions;

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Mixin
    private CommonOptions common = new CommonOptions();

    EmbedCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        answers.allowArrays();
        answers.check();
        compute.request();
        Embedder embedder = model.embedder(terminal).prefix(prefix);
        if (dimensions != null && (dimensions < 1 || dimensions > embedder.dimensions())) {
            throw new InputException("--dimensions: must be from 1 to " + embedder.dimensions() + ", not "
                    + dimensions);
        }
        Embedder cut = dimensions == null ? embedder : embedder.dimensions(dimensions);
        if (answers.isArray()) {
            answers.answer(cut::embed, cut.dimensions(), terminal);
            return;
        }
        answers.answer(new Answering(List.of("embedding"), questions -> {
            float[][] vectors = cut.embed(questions.stream().map(question -> question.texts().getFirst()).toList());
            return Arrays.stream(vectors).map(EmbedCommand::answer).toList();
        }), Questions.TEXT, AnswerFormat.JSONL, terminal);
    }

    /** To people and in a table, too, all its numbers. */
    private static Answer answer(float[] vector) {
        List<Float> numbers = new ArrayList<>(vector.length);
        for (float number : vector) {
            numbers.add(number);
        }
        return new Answer(Map.of("embedding", numbers), List.of(numbers), to -> to.line("  " + numbers.stream()
                .map(String::valueOf).collect(Collectors.joining(" "))));
    }
}
