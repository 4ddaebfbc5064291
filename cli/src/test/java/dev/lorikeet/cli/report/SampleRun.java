package dev.lorikeet.cli.report;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.lora.rank.RankAllocator;
import dev.lorikeet.lora.rank.RankAllocator.RanksAt;
import dev.lorikeet.transformer.data.RowCounts;
import dev.lorikeet.transformer.metrics.Classified;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.training.Epoch;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.Validation;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** A run that nobody ran, in the shape of a real one. */
final class SampleRun {
    private SampleRun() {}

    static Run of(List<String> labels, int epochs, int finished) {
        Recipe recipe = RecipeFile.builtIn();
        int stepsPerEpoch = 188;
        Random random = new Random(5);
        List<Step> steps = new ArrayList<>();
        for (int i = 1; i <= stepsPerEpoch * finished; i++) {
            double loss = 0.45 + 2.7 * Math.exp(-i / 70.0) + 0.18 * random.nextGaussian();
            steps.add(new Step(i, 1 + (i - 1) / stepsPerEpoch, stepsPerEpoch * epochs, Math.max(0.05, loss),
                    0.3 + loss, 1, 480, 0.15));
        }
        List<Epoch> done = IntStream.rangeClosed(1, finished).mapToObj(epoch -> new Epoch(epoch, epochs, 1.1 / epoch,
                Evaluation.of(confusion(labels.size(), 0.72 + 0.028 * Math.min(3, epoch), random), 0.9 - 0.05 * epoch),
                27.3, 91_000)).toList();
        List<Run.AdaptedLayer> layers = new ArrayList<>();
        for (int layer = 0; layer < 6; layer++) {
            for (String module : List.of("attention.self.query", "attention.self.key", "attention.self.value",
                    "attention.output.dense", "intermediate.dense", "output.dense")) {
                layers.add(new Run.AdaptedLayer("encoder.layer." + layer + "." + module, 8, 5.657,
                        module.startsWith("attention") ? 6144 : 15360));
            }
        }
        Environment environment = new Environment("Lorikeet 0.1", "25.0.3, Eclipse Adoptium",
                "OpenJDK 64-Bit Server VM 25.0.3+9-LTS", "Linux 6.8, amd64", "A processor", 2, "vector 512",
                "widest vectors of this machine", 2, true, 16L << 30, 8L << 30, "");
        return new Run(new Run.Facts(recipe, "sentence-transformers/all-MiniLM-L6-v2",
                "BERT, 6 layers, hidden 384, 12 heads", null, "WordNet 3.1 noun glosses", 6000, 0, 83 * labels.size(),
                new Run.Truncated(12, 0, 512), summary(labels),
                new Run.Learned("classification", labels.size() + " classes", labels, new Metric("accuracy")),
                341_016, 23_054_232, layers, "f00d", environment,
                ZonedDateTime.of(2026, 1, 2, 3, 4, 5, 0, ZoneOffset.UTC),
                "lorikeet finetune --recipe out/x/recipe.yaml"),
                List.of(new Run.Baseline("majority class", 0, 1.0 / labels.size(), 0),
                        new Run.Baseline("frozen linear probe", 9_240, 0.71, 9.4)),
                steps, done, validations(done, stepsPerEpoch), layers, null, null, mistakes(labels), null,
                new Usage(Map.of("train", 80.0, "save", 0.5), steps.stream().map(step -> 900_000_000L + 1000L
                        * step.step()).toList()));
    }

    private static List<Validation> validations(List<Epoch> epochs, int stepsPerEpoch) {
        return epochs.stream().map(epoch -> new Validation(epoch.epoch() * stepsPerEpoch, epoch.epoch(), epoch.test(),
                true)).toList();
    }

    private static DataSummary summary(List<String> labels) {
        List<List<String>> targets = new ArrayList<>(List.of(List.of("class", "train", "test")));
        labels.forEach(label -> targets.add(List.of(label, "250", "83")));
        return new DataSummary(targets, List.of(DataSummary.Part.of("train", 4,
                i -> new int[] {9, 5, 40, 12}[i], 12, 5, "abc"),
                DataSummary.Part.of("test", 2, i -> 7 + i, 0, 0, "def")),
                files(), 2);
    }

    private static List<FoundRows> files() {
        RowCounts train = new RowCounts(List.of(new RowCounts.OfFile(Path.of("a.tsv"), 3, 1),
                new RowCounts.OfFile(Path.of("b.tsv"), 1, 0)), List.of("a.tsv: line 3: the text <b> is empty"));
        return List.of(new FoundRows("train", train), new FoundRows("test", new RowCounts(
                List.of(new RowCounts.OfFile(Path.of("c.tsv"), 2, 0)), List.of())));
    }

    private static List<Mistake> mistakes(List<String> labels) {
        return List.of(new Mistake("a text <b>", labels.getFirst(), labels.get(1), 0.9));
    }

    /** The same with what a language model wrote. */
    static Run answering(Run run, WrittenAnswers answers) {
        return new Run(run.facts(), run.baselines(), run.steps(), run.epochs(), run.validations(), run.layers(), null,
                null, run.mistakes(), answers, run.usage());
    }

    /** The same beside one baseline, the probe. */
    static Run beside(Run run, double probe) {
        return new Run(run.facts(), List.of(new Run.Baseline("probe", 1, probe, 1)), run.steps(), run.epochs(),
                run.validations(), run.layers(), null, null, run.mistakes(), run.answers(), run.usage());
    }

    /** The same with other values of the metric when it was evaluated. */
    static Run with(Run run, double... values) {
        List<Validation> validations = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            int step = (i + 1) * run.steps().size() / values.length;
            validations.add(new Validation(step, run.steps().get(step - 1).epoch(),
                    new Evaluation(1, Map.of("accuracy", values[i]), null), i == 0));
        }
        return new Run(run.facts(), run.baselines(), run.steps(), run.epochs(), validations, run.layers(), null, null,
                run.mistakes(), run.answers(), run.usage());
    }

    /** The same with other answers, as other tasks have them. */
    static Run with(Run run, Evaluation evaluation, Run.Learned learned, List<Mistake> mistakes) {
        Run.Facts facts = run.facts();
        List<Epoch> epochs = run.epochs().stream().map(epoch -> new Epoch(epoch.epoch(), epoch.epochs(),
                epoch.trainLoss(), evaluation, epoch.trainSeconds(), epoch.tokens())).toList();
        return new Run(new Run.Facts(facts.recipe(), facts.model(), facts.architecture(), facts.start(), facts.data(),
                facts.trainExamples(), facts.validationExamples(), facts.testExamples(), facts.truncated(),
                facts.summary(), learned, facts.trained(), facts.total(), facts.layers(), facts.modelHash(),
                facts.environment(), facts.started(), facts.again()), run.baselines(), run.steps(), epochs,
                validations(epochs, run.steps().size() / epochs.size()), run.layers(), null, null, mistakes,
                run.answers(), run.usage());
    }

    /** The same with ranks that fall from 8 on, those of the first layers' attention to 0. */
    static Run withRanks(Run run) {
        List<RanksAt> history = new ArrayList<>();
        for (int step = 60; step <= 420; step += 20) {
            Map<String, Integer> ranks = new LinkedHashMap<>();
            for (int i = 0; i < run.facts().layers().size(); i++) {
                double kept = i % 6 > 3 ? 0.2 : 1 - i / 40.0;
                ranks.put(run.facts().layers().get(i).path(), (int) Math.round(8 * (1 - kept * (step - 60) / 360)));
            }
            history.add(new RanksAt(step, ranks));
        }
        List<Run.AdaptedLayer> layers = run.facts().layers().stream().map(layer -> {
            int rank = history.getLast().ranks().getOrDefault(layer.path(), 0);
            return new Run.AdaptedLayer(layer.path(), rank, layer.scaling(), layer.parameters() / 8 * rank);
        }).toList();
        return new Run(run.facts(), run.baselines(), run.steps(), run.epochs(), run.validations(), layers,
                new Allocation(history, run.steps().size(), 0, new RankAllocator.Cost(run.steps().size(), 0, 1.5)),
                null, run.mistakes(), run.answers(), run.usage());
    }

    private static Classified confusion(int classes, double accuracy, Random random) {
        int[] actual = IntStream.range(0, 83 * classes).map(i -> i / 83).toArray();
        int[] said = new int[actual.length];
        for (int i = 0; i < said.length; i++) {
            double shift = Math.abs(random.nextGaussian()) * classes / 6;
            said[i] = random.nextDouble() < accuracy + 0.15 * Math.sin(actual[i]) ? actual[i]
                    : (int) (actual[i] + 1 + shift * shift / 3) % classes;
        }
        float[] confidence = new float[said.length];
        for (int i = 0; i < said.length; i++) {
            confidence[i] = 1 - 0.6f * random.nextFloat() * random.nextFloat();
        }
        return new Classified(classes, actual, said, confidence);
    }
}
