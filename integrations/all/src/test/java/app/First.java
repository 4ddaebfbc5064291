package app;

import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.transformer.data.DataFile;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.training.Trainer;
import java.nio.file.Path;

public final class First {
    public static void main(String[] arguments) {
        Dataset<String> train = DataFile.read(Path.of("train.tsv"), "text", "label");
        Model base = Model.load("all-MiniLM-L6-v2"); // fetched once, into the cache
        var model = TaskModel.of(base, Tasks.classification(train.labels()), 1);
        Lora.attach(model, LoraConfig.rslora().rank(8).alpha(16).targets("all-linear").build(), 1);
        Trainer.of(model).epochs(10).run(train);
        model.save(Path.of("out/mine"));

        var tuned = TaskModel.load(Path.of("out/mine")).asClassifier();
        Prediction best = tuned.predict("a small domesticated animal").getFirst();
        System.out.println(best.label() + " " + best.probability());
    }
}
