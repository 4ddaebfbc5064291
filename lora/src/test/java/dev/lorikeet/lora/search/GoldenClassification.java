package dev.lorikeet.lora.search;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.Example;
import dev.lorikeet.transformer.model.MeanPooledHead;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingListener;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.function.DoubleConsumer;

/** Short texts about cats or dogs on a BERT, by the product's own trainer and search. */
record GoldenClassification(TaskModel<String, Integer, List<Prediction>> classifier) implements GoldenTask {
    private static final Dataset<String> DATA = new Dataset<>("animals", """
            cat sits|dog runs|cats sits cat|dogs runs dog|cat runs|dog sits|cats runs|dogs sits|cat cat sits runs|dog
            cats|dogs dogs runs sits|cat runs sits runs|dog sits runs sits sits|cat|dog runs dog|cat sits cats sits
            dogs sits dog|cats cats|dog dog dog dog dog""".lines().flatMap(line -> List.of(line.split("\\|")).stream())
            .map(text -> new Example<>(text, text.startsWith("cat") ? 0 : 1)).toList(), List.of("cat", "dog"));

    /** Reads what {@link GoldenModels#writeBert} wrote. */
    static GoldenClassification load(Path directory) {
        return new GoldenClassification(TaskModel.of(Model.load(directory), Tasks.classification(DATA.labels()), 3));
    }

    @Override
    public Module backbone() {
        return classifier.backbone();
    }

    @Override
    public List<Module> parts() {
        return List.of(classifier.backbone(), ((MeanPooledHead) classifier.head()).output());
    }

    @Override
    public LoraConfig search(LoraConfig config, AutoLora settings, TrainingSettings training, Found found) {
        AutoLoraSearch<String, Integer> search = new AutoLoraSearch<>(classifier, config, settings, training);
        search.listener(step -> found.losses(step.trainingLoss(), step.validationLoss()));
        LoraConfig ranks = search.run(DATA);
        new TreeMap<>(search.selections()).forEach(found::selection);
        return ranks;
    }

    @Override
    public void train(TrainingSettings training, DoubleConsumer losses) {
        Trainer<String, Integer> trainer = Trainer.of(classifier).settings(training).validation(DATA);
        trainer.listener(new TrainingListener() {
            @Override
            public void stepDone(Step step) {
                losses.accept(step.loss());
            }
        });
        trainer.run(DATA).epochs().forEach(epoch -> losses.accept(epoch.test().loss()));
    }
}
