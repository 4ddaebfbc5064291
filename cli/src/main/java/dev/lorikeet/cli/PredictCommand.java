package dev.lorikeet.cli;

import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Printable;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TaskModel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lorikeet predict}. */
@Command(name = "predict", description = "Tells the classes of texts with their probabilities, from the files of a "
        + "run.",
        footer = {
            "  lorikeet predict --run out/supersense \"a small animal with a long tail\"",
            "  lorikeet predict --run out/supersense --top 3 --json < texts.txt"})
final class PredictCommand implements Runnable {
    private static final int BAR = 24;

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
        texts.forEach(PredictCommand::check);
        compute.request();
        TaskModel<String, Integer, List<Prediction>> model = run.classifier(Cpu.shared());
        Consumer<String> show = text -> show(text, model.encode(text, null), text.isBlank() ? List.of()
                : model.predict(text));
        if (texts.isEmpty()) {
            forEachLine(show);
        } else {
            texts.stream().takeWhile(_ -> !terminal.out().checkError()).forEach(show);
        }
    }

    private static void check(String text) {
        if (text.isBlank()) {
            throw new InputException("TEXT: must not be empty");
        }
    }

    private void forEachLine(Consumer<String> show) {
        if (terminal.interactive()) {
            terminal.err().println("One text on a line; Ctrl-D ends.");
        }
        // Not closed: standard input is not this command's.
        BufferedReader lines = new BufferedReader(
                new InputStreamReader(terminal.in(), StandardCharsets.UTF_8.newDecoder()));
        try {
            for (@Nullable
            String line = lines.readLine(); line != null && !terminal.out().checkError(); line = lines.readLine()) {
                show.accept(line);
            }
        } catch (CharacterCodingException e) {
            throw new InputException("standard input: is not UTF-8");
        } catch (IOException e) {
            throw new UncheckedIOException("standard input", e);
        }
    }

    /** @param all none for an empty line, which keeps its place */
    private void show(String text, Encoded tokens, List<Prediction> all) {
        List<Prediction> shown = all.subList(0, Math.min(top, all.size()));
        if (json) {
            terminal.json(line(text, tokens.truncated(), shown));
            return;
        }
        terminal.line(text);
        if (tokens.truncated() > 0) {
            terminal.line("  read up to token " + Format.count(tokens.tokens()) + " of "
                    + Format.count((long) tokens.tokens() + tokens.truncated()));
        }
        List<String> labels = shown.stream().map(prediction -> Printable.of(prediction.label())).toList();
        int width = labels.stream().mapToInt(String::length).max().orElse(0);
        int bar = terminal.width() == 0 ? BAR : Math.clamp(terminal.width() - width - 13, 0, BAR);
        for (int i = 0; i < shown.size(); i++) {
            double probability = shown.get(i).probability();
            terminal.line("  " + labels.get(i) + " ".repeat(width - labels.get(i).length()) + String.format(Locale.ROOT,
                    "  %7s  %s", Format.percent(probability), terminal.bar(probability, bar)).stripTrailing());
        }
        if (shown.size() < all.size()) {
            double rest = all.subList(shown.size(), all.size()).stream().mapToDouble(Prediction::probability).sum();
            terminal.line("  and " + Format.count(all.size() - shown.size(), "class", "classes") + " with "
                    + Format.percent(rest) + " together");
        }
    }

    private static Map<String, Object> line(String text, int truncated, List<Prediction> shown) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("text", text);
        line.put("truncated_tokens", truncated);
        line.put("predictions", shown.stream().map(prediction -> {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("label", prediction.label());
            map.put("probability", prediction.probability());
            return map;
        }).toList());
        return line;
    }
}
