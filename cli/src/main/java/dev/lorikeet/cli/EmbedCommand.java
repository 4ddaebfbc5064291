package dev.lorikeet.cli;

import dev.lorikeet.cli.answer.Answer;
import dev.lorikeet.cli.answer.AnswerFormat;
import dev.lorikeet.cli.answer.Answering;
import dev.lorikeet.cli.recipe.Origin;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.EmbeddingHead.Pooling;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Embedder;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code lorikeet embed}. */
@Command(name = "embed", description = "Gives the vectors of texts, a JSON object on a line for each; that of an "
        + "empty line, which keeps its place, has the text alone.",
        footer = {
            "  lorikeet embed \"a small animal with a long tail\"",
            "  lorikeet embed --run out/mine < texts.txt > vectors.jsonl",
            "  lorikeet embed --run out/mine --data rows.tsv --text-column title --output vectors.jsonl",
            "  lorikeet embed --model models/e5-small --prefix \"query: \" \"what do parrots eat?\""})
final class EmbedCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private AnswerOptions answers = new AnswerOptions();

    @Option(names = "--run", paramLabel = "DIR", description = "The folder that finetune wrote for embeddings.")
    @Nullable
    private Path run;

    @Option(names = "--model", paramLabel = "MODEL",
            description = "Without a run, a Hugging Face directory, the name of a built-in model, or ORG/NAME of a hub "
                    + "(default: all-MiniLM-L6-v2).")
    @Nullable
    private String model;

    @Option(names = "--adapter", paramLabel = "DIR", description = "Without a run, an adapter of PEFT's on the model "
            + "(default model: what the adapter says).")
    @Nullable
    private Path adapter;

    @Option(names = "--pooling", paramLabel = "mean|cls|lasttoken", converter = PoolingNames.class,
            description = "Without a run, how the tokens of a "
                    + "text become one vector (default: mean; bge has cls).")
    @Nullable
    private Pooling pooling;

    @Option(names = "--no-normalize", description = "Without a run, leave vectors as long as they are.")
    private boolean raw;

    @Option(names = "--prefix", paramLabel = "TEXT", defaultValue = "", description = "Put before each text, as e5 and "
            + "bge have it for questions.")
    private String prefix = "";

    @Option(names = "--dimensions", paramLabel = "N", description = "Only the first N elements of each vector, for "
            + "models that were trained for that.")
    @Nullable
    private Integer dimensions;

    @Mixin
    private HubOption hub = new HubOption();

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Mixin
    private CommonOptions common = new CommonOptions();

    EmbedCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        answers.check();
        compute.request();
        Embedder embedder = embedder().prefix(prefix);
        if (dimensions != null && (dimensions < 1 || dimensions > embedder.dimensions())) {
            throw new InputException("--dimensions: must be from 1 to " + embedder.dimensions() + ", not "
                    + dimensions);
        }
        Embedder cut = dimensions == null ? embedder : embedder.dimensions(dimensions);
        answers.answer(new Answering(List.of("embedding"), questions -> {
            float[][] vectors = cut.embed(questions.stream().map(question -> question.texts().getFirst()).toList());
            return Arrays.stream(vectors).map(EmbedCommand::answer).toList();
        }), 1, AnswerFormat.JSONL, terminal);
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

    private Embedder embedder() {
        LoadOptions options = LoadOptions.STANDARD.with(Cpu.shared());
        if (run != null) {
            String given = model != null ? "--model"
                    : adapter != null ? "--adapter" : pooling != null ? "--pooling" : raw ? "--no-normalize" : null;
            if (given != null) {
                throw new InputException(given + ": goes without --run, which says it itself");
            }
            return Embedder.of(TaskModel.load(run, options));
        }
        if (model != null) {
            hub.fetch(model, terminal);
        }
        Model base = Model.load(adapter != null ? Origin.base(adapter, model)
                : model == null ? "all-MiniLM-L6-v2" : model, options);
        if (adapter != null) {
            Peft.load(base.backbone(), adapter, base.hash());
        }
        return Embedder.of(base,
                pooling == null ? Pooling.MEAN : pooling, !raw);
    }

    /** By the names that files have. */
    static final class PoolingNames implements ITypeConverter<Pooling> {
        @Override
        public Pooling convert(String name) {
            try {
                return Pooling.of(name);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
