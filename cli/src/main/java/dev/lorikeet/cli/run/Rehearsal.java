package dev.lorikeet.cli.run;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.nn.Weight;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.training.Course;
import dev.lorikeet.transformer.training.EncodedDataset;
import dev.lorikeet.transformer.training.LocalGradients;
import dev.lorikeet.transformer.training.MicroBatch;
import dev.lorikeet.transformer.training.OptimizerPlan;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.TrainState;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingListener;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a run would take, by the objects that it trains with: a few of its first steps and a batch of its longest
 * examples are computed, and thrown away with the model.
 *
 * @param measured the steps that {@link #tokensPerSecond} is of
 * @param longest tokens of the batch that the room for activations is of
 * @param trainSeconds of all steps
 * @param otherSeconds of evaluations and of the frozen probe
 */
record Rehearsal(Course course, List<Part> memory, int measured, double tokensPerSecond, int longest,
        double trainSeconds, double otherSeconds) {
    private static final int STEPS = 48;
    private static final int FEWEST = 3;
    private static final double SECONDS = 8;
    /** Batches whose evaluation is timed. */
    private static final int EVALUATED = 4;

    /** What memory is for, in bytes. */
    record Part(String name, long bytes) {}

    /** All bytes. */
    long bytes() {
        return memory.stream().mapToLong(Part::bytes).sum();
    }

    /**
     * Of a run that has not begun.
     *
     * @param model as it is to be trained, which it is not fit for afterwards
     * @param held what epochs are evaluated with
     * @param test what the finished model is evaluated with, or null where that is {@code held}
     */
    static <X, Y> Rehearsal of(TaskModel<X, Y, ?> model, EncodedDataset train, EncodedDataset held,
            @Nullable EncodedDataset test, Recipe recipe, OptimizerPlan plan) {
        TrainingSettings settings = recipe.training();
        List<Step> steps = new ArrayList<>();
        long[] state = new long[1];
        Course[] course = new Course[1];
        long begin = System.nanoTime();
        Trainer.of(model).settings(settings.withoutEvaluation()).plan(plan).listener(new TrainingListener() {
            @Override
            public void started(Course whole) {
                course[0] = whole;
            }

            @Override
            public boolean endsAfter(Step step, Supplier<TrainState> now) {
                steps.add(step);
                boolean last = step.step() == STEPS || step.step() == step.steps()
                        || step.step() >= FEWEST && (System.nanoTime() - begin) * 1e-9 > SECONDS;
                if (last) {
                    state[0] = bytes(now.get());
                }
                return last;
            }
        }).run(train);
        Workspace workspace = new Workspace();
        int[] longest = longest(train, settings);
        new LocalGradients(model.compute(), workspace).of(train, List.of(new MicroBatch(longest, 0)), null);
        // the first ones find code that is not compiled
        List<Step> warm = steps.subList(steps.size() / 2, steps.size());
        double speed = warm.stream().mapToLong(Step::tokens).sum() / warm.stream().mapToDouble(Step::seconds).sum();
        double all = (double) course[0].tokensPerEpoch() * course[0].steps() / course[0].steps(1);
        double evaluated = (double) tokens(held) * evaluations(settings, course[0]) + (test == null ? 0 : tokens(test))
                + (recipe.probe() && model.task().settings().containsKey("labels")
                        ? tokens(train) + tokens(test == null ? held : test)
                        : 0);
        return new Rehearsal(course[0], parts(model, train, state[0], workspace, settings), warm.size(), speed,
                IntStream.of(longest).map(train::tokens).sum(), all / speed,
                evaluated / evaluationSpeed(held, settings.batchSize()));
    }

    /** A batch of the longest examples, of any number that there are. */
    private static int[] longest(EncodedDataset data, TrainingSettings settings) {
        PriorityQueue<Integer> longest = new PriorityQueue<>(Comparator.comparingInt(data::tokens));
        long tokens = 0;
        for (int i = 0; i < data.size(); i++) {
            longest.add(i);
            tokens += data.tokens(i);
            while (longest.size() > 1 && (settings.batchTokens() > 0 ? tokens > settings.batchTokens()
                    : longest.size() > settings.batchSize())) {
                tokens -= data.tokens(longest.remove());
            }
        }
        return longest.stream().mapToInt(Integer::intValue).sorted().toArray();
    }

    private static int evaluations(TrainingSettings settings, Course course) {
        return course.epochs() + (settings.evaluationSteps() == 0 ? 0 : course.steps() / settings.evaluationSteps());
    }

    private static long tokens(EncodedDataset data) {
        return IntStream.range(0, data.size()).mapToLong(data::tokens).sum();
    }

    private static double evaluationSpeed(EncodedDataset data, int batchSize) {
        EncodedDataset some = data.select(IntStream.range(0, Math.min(data.size(), EVALUATED * batchSize)).toArray());
        long start = System.nanoTime();
        some.evaluate(batchSize, new Workspace());
        return tokens(some) / ((System.nanoTime() - start) * 1e-9);
    }

    /** Of what has an end: what is alive at once, after a step. */
    private static List<Part> parts(TaskModel<?, ?, ?> model, EncodedDataset train, long state, Workspace workspace,
            TrainingSettings settings) {
        long frozen = model.namedParameters().values().stream().filter(parameter -> !parameter.requiresGradient())
                .distinct().mapToLong(parameter -> parameter instanceof Weight weight ? weight.bytes()
                        : bytes(
                                parameter.value()))
                .sum();
        long trained = train.parameters().stream().distinct().map(Parameter::value).mapToLong(Rehearsal::bytes).sum();
        List<Part> parts = new ArrayList<>(List.of(new Part("frozen weights, packed both ways", frozen),
                new Part("trained weights", trained), new Part("gradients", trained),
                new Part("optimizer", state), new Part("activations", Float.BYTES * workspace.elements()),
                new Part("examples, encoded", train.examples().bytes())));
        if (settings.keepBest()) {
            parts.add(new Part("the best weights so far", trained));
        }
        return parts;
    }

    private static long bytes(Tensor tensor) {
        return (long) Float.BYTES * tensor.size();
    }

    private static long bytes(TrainState state) {
        return state.optimizers().values().stream().flatMap(each -> each.tensors().values().stream())
                .mapToLong(Rehearsal::bytes).sum();
    }
}
