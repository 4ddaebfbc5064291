package dev.lorikeet.lora.search;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.Example;
import dev.lorikeet.transformer.model.Classifier;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingListener;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.function.DoubleConsumer;

/** Short texts about cats or dogs on a BERT, by the product's own trainer and search. */
record GoldenClassification(Classifier classifier) implements GoldenTask {
    private static final Dataset DATA = new Dataset("animals", """
            cat sits|dog runs|cats sits cat|dogs runs dog|cat runs|dog sits|cats runs|dogs sits|cat cat sits runs|dog
            cats|dogs dogs runs sits|cat runs sits runs|dog sits runs sits sits|cat|dog runs dog|cat sits cats sits
            dogs sits dog|cats cats|dog dog dog dog dog""".lines().flatMap(line -> List.of(line.split("\\|")).stream())
            .map(text -> new Example(text, text.startsWith("cat") ? 0 : 1)).toList(), List.of("cat", "dog"));

    /** Reads what {@link GoldenModels#writeBert} wrote. */
    static GoldenClassification load(Path directory) {
        return new GoldenClassification(new Classifier(Model.load(directory), DATA.labels(), 3));
    }

    @Override
    public Module backbone() {
        return classifier.model().encoder();
    }

    @Override
    public List<Module> parts() {
        return List.of(classifier.model().encoder(), classifier.head());
    }

    @Override
    public LoraConfig search(LoraConfig config, AutoLora settings, TrainingSettings training, Found found) {
        AutoLoraSearch search = new AutoLoraSearch(classifier, config, settings, training);
        search.listener(step -> found.losses(step.trainingLoss(), step.validationLoss()));
        LoraConfig ranks = search.run(DATA);
        new TreeMap<>(search.selections()).forEach(found::selection);
        return ranks;
    }

    @Override
    public void train(TrainingSettings training, DoubleConsumer losses) {
        Trainer trainer = new Trainer(classifier, training);
        trainer.listener(new TrainingListener() {
            @Override
            public void stepDone(Step step) {
                losses.accept(step.loss());
            }
        });
        trainer.run(DATA, DATA).epochs().forEach(epoch -> losses.accept(epoch.test().loss()));
    }
}
