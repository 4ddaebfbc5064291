///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25
//DEPS dev.lorikeet:lorikeet-all:0.1.0-SNAPSHOT
//JAVA_OPTIONS --add-modules=jdk.incubator.vector

import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.transformer.data.DataFile;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.training.Trainer;

/**
 * Fine-tunes on the classes of a CSV file, with an adapter that Hugging Face's PEFT opens:
 *
 * <pre>java --add-modules jdk.incubator.vector -cp lorikeet-all.jar FineTune.java train.csv text label out</pre>
 */
void main(String... arguments) {
    Dataset<String> train = DataFile.read(Path.of(arguments[0]), arguments[1], arguments[2]);
    var model = TaskModel.of(Model.load("all-MiniLM-L6-v2"), Tasks.classification(train.labels()), 1);
    Lora.attach(model, LoraConfig.rslora().rank(8).alpha(16).targets("all-linear").build(), 1);
    var result = Trainer.of(model).epochs(3).run(train);
    model.save(Path.of(arguments[3]));
    IO.println("%d examples of %s, last loss %.3f".formatted(train.size(), train.labels(),
            result.epochs().getLast().trainLoss()));
}
