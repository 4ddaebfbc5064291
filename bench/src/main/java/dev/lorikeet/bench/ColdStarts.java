package dev.lorikeet.bench;

import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.WordNetGlosses;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingListener;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Whether training is as fast in every JVM, and how soon: starts JVMs, one after the other, in each of which MiniLM
 * with rsLoRA of rank 8 trains on definitions from WordNet, and prints how long their steps took. The JVMs have this
 * one's options, so that others can be compared.
 *
 * <p>Batches differ in length, so times are in milliseconds for {@value #TOKENS} tokens, the mean length. A JVM's
 * steady time is the median of the second half of its steps; it is steady from the first step on after which the median
 * of five is within a quarter of that.
 */
public final class ColdStarts {
    private static final int STEPS = 60;
    private static final int WINDOW = 5;
    private static final double CLOSE = 1.25;
    private static final int TOKENS = 500;

    private ColdStarts() {}

    /** What one JVM measured, in milliseconds, and the step from which on it was steady. */
    private record Start(double first, double steady, int steadyFrom) {
        static Start of(double[] times) {
            double steady = Median.of(Arrays.copyOfRange(times, times.length / 2, times.length));
            int from = 0;
            while (from + WINDOW < times.length
                    && Median.of(Arrays.copyOfRange(times, from, from + WINDOW)) > CLOSE * steady) {
                from++;
            }
            return new Start(times[0], steady, from + 1);
        }
    }

    /** @param arguments the number of starts, or {@code train}: to train and print the times, as each start does */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments[0].equals("train")) {
            train();
            return;
        }
        int count = Integer.parseInt(arguments[0]);
        List<Start> starts = new ArrayList<>();
        print("start   first step   steady step   steady from step");
        for (int i = 1; i <= count; i++) {
            Start start = Start.of(times());
            starts.add(start);
            print("%5d %9.0f ms %10.0f ms %18d", i, start.first, start.steady, start.steadyFrom);
        }
        double[] steady = starts.stream().mapToDouble(Start::steady).sorted().toArray();
        double median = Median.of(steady);
        print("slowest against median: %.2f; first step against a steady one: %.1f", steady[steady.length - 1] / median,
                starts.stream().mapToDouble(start -> start.first / start.steady).average().orElseThrow());
    }

    private static double[] times() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ColdStarts.class.getName(), "train"));
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        double[] times;
        try (var lines = process.inputReader()) {
            times = lines.lines().mapToDouble(Double::parseDouble).toArray();
        }
        if (process.waitFor() != 0 || times.length != STEPS) {
            throw new IOException("a JVM ended with " + process.exitValue() + " after " + times.length + " steps: "
                    + command);
        }
        return times;
    }

    private static void train() {
        Dataset<String> data = WordNetGlosses.split(1).train();
        TrainingSettings settings = TrainingSettings.defaults().withEpochs(1);
        Dataset<String> train = data.first(STEPS * settings.batchSize());
        TaskModel<String, Integer, List<Prediction>> model = TaskModel.of(Model.load("all-MiniLM-L6-v2"),
                Tasks.classification(data.labels()), 1);
        Lora.attach(model, LoraConfig.rslora().rank(8).alpha(16).targets("all-linear").build(), 1);
        Trainer.of(model).settings(settings).listener(new TrainingListener() {
            @Override
            public void stepDone(Step step) {
                print("%f", 1e3 * step.seconds() * TOKENS / step.tokens());
            }
        }).run(train);
    }

    private static void print(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
