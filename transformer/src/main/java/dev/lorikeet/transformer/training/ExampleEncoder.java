package dev.lorikeet.transformer.training;

import dev.lorikeet.tensor.Workers;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Makes of a data set's examples what a model reads: a portion at a time, each by all threads. */
final class ExampleEncoder {
    /** A portion is {@linkplain dev.lorikeet.transformer.task.Task#arranged arranged} by itself. */
    private static final int PORTION = 4096;
    /** So many by one thread. */
    private static final int EACH = 128;

    private ExampleEncoder() {}

    /** Hands over encoded examples in the order of the data. */
    static <X, Y> void encode(TaskModel<X, Y, ?> model, Examples<X, Y> data, Consumer<Encoded> action) {
        List<X> inputs = new ArrayList<>();
        List<Y> targets = new ArrayList<>();
        data.forEach((input, target) -> {
            inputs.add(input);
            targets.add(target);
            if (inputs.size() == PORTION) {
                portion(model, inputs, targets, action);
            }
        });
        portion(model, inputs, targets, action);
    }

    private static <X, Y> void portion(TaskModel<X, Y, ?> model, List<X> inputs, List<Y> targets,
            Consumer<Encoded> action) {
        Workers workers = model.compute().workers();
        Encoded[] all = new Encoded[inputs.size()];
        workers.run(Math.ceilDiv(all.length, EACH), part -> {
            for (int i = part * EACH; i < Math.min(all.length, (part + 1) * EACH); i++) {
                all[i] = model.encode(inputs.get(i), targets.get(i));
            }
        });
        model.task().arranged(Arrays.asList(all), model.model()).forEach(action);
        inputs.clear();
        targets.clear();
    }
}
