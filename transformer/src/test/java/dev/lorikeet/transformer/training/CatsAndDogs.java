package dev.lorikeet.transformer.training;

import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.Example;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** A task that {@link dev.lorikeet.transformer.model.TinyBert} can learn: whether a text has a cat or a dog in it. */
final class CatsAndDogs {
    static final List<String> LABELS = List.of("cat", "dog");
    static final Dataset<String> TRAIN = dataset("the cat sits", "the dog sits", "cat runs", "dog runs", "the cats",
            "the dogs", "cats sits the");
    static final Dataset<String> TEST = dataset("the cat runs", "dogs", "cats runs", "the dog");

    private CatsAndDogs() {}

    static Dataset<String> dataset(String... texts) {
        return new Dataset<>("texts", Arrays.stream(texts)
                .map(text -> new Example<>(text, text.contains("dog") ? 1 : 0)).toList(), LABELS);
    }

    /** The model of a folder with a new head, and all of it to be trained. */
    static TaskModel<String, Integer, List<Prediction>> fresh(Path directory) {
        return fresh(directory, LoadOptions.STANDARD);
    }

    static TaskModel<String, Integer, List<Prediction>> fresh(Path directory, LoadOptions options) {
        Model model = Model.load(directory, options);
        model.backbone().unfreeze();
        TaskModel<String, Integer, List<Prediction>> fresh = TaskModel.of(model, Tasks.classification(LABELS), 1);
        fresh.head().unfreeze();
        return fresh;
    }
}
