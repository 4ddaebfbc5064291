package dev.lorikeet.transformer.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.tensor.CrossEntropy;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.data.Samples;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.metrics.Entities;
import dev.lorikeet.transformer.metrics.Entities.Entity;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.metrics.Tagged;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.TinyBert;
import dev.lorikeet.transformer.model.TinyModel;
import dev.lorikeet.transformer.training.EncodedDataset;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenClassificationTest {
    private static final List<String> LABELS = List.of("B-PET", "I-PET", "O");
    /** A second animal goes on with the first, so that no word alone says its tag. */
    private static final Samples<List<String>, List<String>> DATA = new Samples<>("pets", List.of(
            List.of("the", "cat", "sits"), List.of("the", "dogs"), List.of("cat", "dog", "runs"), List.of("dog", "cat"),
            List.of("sits", "cat"), List.of("the", "cat", "dog", "sits")),
            List.of(List.of("O", "B-PET", "O"), List.of("O", "B-PET"), List.of("B-PET", "I-PET", "O"),
                    List.of("B-PET", "I-PET"), List.of("O", "B-PET"), List.of("O", "B-PET", "I-PET", "O")));
    /** Of which the model reads the first four tokens: dog, ##s, dog, ##s. */
    private static final List<String> LONG = List.of("dogs", "dogs", "cat", "dog");

    @TempDir
    private Path directory;
    private TaskModel<List<String>, List<String>, List<String>> model;

    @BeforeEach
    void load() {
        model = TaskModel.of(TinyBert.load(directory), Tasks.tokenClassification(LABELS), 3);
    }

    @Test
    void aTagBelongsToTheFirstTokenOfItsWord() {
        Encoded encoded = model.encode(List.of("the", "\u0000", "dogs", "", "cat"), List.of("O", "O", "B-PET", "O",
                "I-PET"));
        assertThat(encoded.ids()).containsExactly(2, 4, 6, 9, 5, 3);
        assertThat(encoded.places()).containsExactly(1, -1, 2, -1, 4);
        assertThat(encoded.classes()).containsExactly(2, 2, 0, 2, 1);
        assertThat(model.task().count(encoded)).isEqualTo(3);
        Encoded cut = model.encode(LONG, List.of("O", "O", "O", "O"));
        assertThat(cut.ids()).containsExactly(2, 6, 9, 6, 9, 3);
        assertThat(cut.places()).containsExactly(1, 3, -1, -1);
        assertThat(cut.truncated()).isEqualTo(2);
        assertThat(model.task().count(cut)).isEqualTo(2);
        assertThat(model.encode(List.of(), null).places()).isEmpty();
    }

    @Test
    void theLossIsTheMeanOverWordsThatHaveAToken() {
        List<Encoded> examples = List.of(model.encode(List.of("the", "dogs", "\u0000"), List.of("O", "B-PET", "O")),
                model.encode(LONG, List.of("B-PET", "I-PET", "O", "O")));
        Tensor logits = logits(examples);
        double expected = 0;
        for (int[] rowAndClass : new int[][] {{1, 2}, {2, 0}, {5 + 1, 0}, {5 + 3, 1}}) {
            double sum = 0;
            for (int label = 0; label < 3; label++) {
                sum += Math.exp(logits.get(rowAndClass[0], label));
            }
            expected += (Math.log(sum) - logits.get(rowAndClass[0], rowAndClass[1])) / 4;
        }
        assertThat((double) loss(examples)).isCloseTo(expected, Offset.offset(1e-6));
        int no = CrossEntropy.IGNORED;
        assertThat(loss(Encoded.of(Batch.of(List.of(examples.get(0).ids(), examples.get(1).ids())),
                new int[] {no, 2, 0, no, no, no, 0, no, 1, no, no}))).as("classes of tokens").isEqualTo(loss(examples));
        assertThatThrownBy(() -> loss(List.of(examples.getFirst().classes(1, 2)))).isInstanceOf(
                IllegalArgumentException.class).hasMessage("token-classification: 2 targets for 3 words");
    }

    private Tensor logits(List<Encoded> examples) {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            return model.logits(tape, Encoded.batch(examples)).value().copy();
        }
    }

    private float loss(List<Encoded> examples) {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            return model.loss(tape, examples).item();
        }
    }

    @Test
    void saysATagOfEachWordAndThatOthersAreNone() {
        List<List<String>> inputs = List.of(List.of("the", "\u0000", "dogs"), List.of(), LONG);
        List<List<String>> said = model.predict(inputs);
        assertThat(said).extracting(List::size).containsExactly(3, 0, 4);
        assertThat(said.get(0).get(1)).isEqualTo("O");
        assertThat(said.get(2).subList(2, 4)).containsOnly("O");
        List<Encoded> examples = inputs.stream().map(input -> model.encode(input, null)).toList();
        Tensor logits = logits(examples);
        assertThat(said.get(0).get(2)).isEqualTo(best(logits, 2));
        assertThat(said.get(2).get(1)).isEqualTo(best(logits, examples.get(0).tokens() + 2 + 3));
        assertThat(model.predict(LONG)).isEqualTo(said.get(2));
    }

    private static String best(Tensor logits, int row) {
        double[] own = {logits.get(row, 0), logits.get(row, 1), logits.get(row, 2)};
        return LABELS.get(own[0] >= own[1] && own[0] >= own[2] ? 0 : own[1] >= own[2] ? 1 : 2);
    }

    /** Nothing of a sentence is left out of an evaluation for being too long. */
    @Test
    void aWordThatWasCutOffCountsAsAMiss() {
        String first = model.predict(LONG).getFirst();
        Samples<List<String>, List<String>> data = new Samples<>("long", List.of(LONG),
                List.of(List.of(first, "O", "B-PET", "O")));
        Evaluation evaluation = Trainer.of(model).evaluate(data);
        boolean second = model.predict(LONG).get(1).equals("O");
        assertThat(evaluation.metric("accuracy")).isEqualTo((second ? 3 : 2) / 4.0);
        assertThat(evaluation.metric("recall")).isLessThan(1);
    }

    private static TrainingSettings settings() {
        return TrainingSettings.defaults().withEpochs(60).withBatchSize(3).withRates(0.01, 0.01);
    }

    @Test
    void learnsEntitiesByHeart() {
        model.unfreeze(".*");
        Trainer<List<String>, List<String>> trainer = Trainer.of(model).settings(settings());
        assertThat(trainer.evaluate(DATA).main()).isLessThan(0.9);
        trainer.run(DATA);
        Evaluation evaluation = trainer.evaluate(DATA);
        assertThat(evaluation.metrics()).containsExactlyInAnyOrderEntriesOf(Map.of("f1", 1.0, "precision", 1.0,
                "recall", 1.0, "accuracy", 1.0));
        assertThat(evaluation.metrics().keySet()).containsExactly("f1", "precision", "recall", "accuracy");
        assertThat(((Tagged) evaluation.details()).named().names()).containsExactly("PET");
        assertThat(model.predict(DATA.inputs())).isEqualTo(DATA.targets());
        assertThat(Entities.of(model.predict(List.of("the", "cat", "dog", "sits")))).containsExactly(new Entity("PET",
                1, 3));
        for (String form : List.of("run", "merged")) {
            Path run = directory.resolve(form);
            if (form.equals("run")) {
                model.save(run);
            } else {
                model.saveMerged(run);
            }
            TaskModel<List<String>, List<String>, List<String>> loaded = TaskModel.load(run).asTokenClassifier();
            assertThat(loaded.task()).isEqualTo(model.task());
            assertThat(loaded.head().className()).isEqualTo("BertForTokenClassification");
            assertThat(loaded.predict(DATA.inputs())).isEqualTo(DATA.targets());
        }
        assertThat(directory.resolve("run")).isDirectoryNotContaining("glob:**/head.safetensors");
    }

    @Test
    void tagsThatAreNoEntitiesAreScoredOneByOne() {
        Samples<List<String>, List<String>> data = new Samples<>("pos", List.of(List.of("the", "dogs", "sits"),
                List.of("cat", "runs")), List.of(List.of("DET", "NOUN", "VERB"), List.of("NOUN", "VERB")));
        TokenClassification task = Tasks.tokenClassification(data);
        assertThat(task.labels()).containsExactly("DET", "NOUN", "VERB");
        TaskModel<List<String>, List<String>, List<String>> tagger = TaskModel.of(model.model(), task, 5);
        tagger.unfreeze(".*");
        Trainer<List<String>, List<String>> trainer = Trainer.of(tagger).settings(settings());
        trainer.run(data);
        Evaluation evaluation = trainer.evaluate(data);
        assertThat(evaluation.metrics().keySet()).containsExactly("accuracy", "f1_macro");
        assertThat(evaluation.main()).isOne();
        assertThat(((Tagged) evaluation.details()).named().names()).containsExactly("DET", "NOUN", "VERB");
        assertThat(tagger.predict(LONG).subList(2, 4)).as("what nobody read").containsExactly("O", "O");
    }

    @Test
    void aSentenceOfNothingToReadIsNoFault() {
        Samples<List<String>, List<String>> data = new Samples<>("dropped", List.of(List.of("\u0000"), List.of("cat")),
                List.of(List.of("B-PET"), List.of("B-PET")));
        model.unfreeze("classifier.*");
        Trainer.of(model).settings(settings()).run(data);
        assertThat(Trainer.of(model).evaluate(data).metric("recall")).isEqualTo(0.5);
    }

    @Test
    void refusesTagsThatAreNone() {
        List<String> words = List.of("the", "cat");
        assertThatThrownBy(() -> model.encode(words, List.of("O", "B-DOG"))).isInstanceOf(
                IllegalArgumentException.class).hasMessage(
                        "token-classification: the tag \"B-DOG\" of the word "
                                + "\"cat\" is not one of B-PET, I-PET, O");
        assertThatThrownBy(() -> model.encode(words, List.of("O"))).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("token-classification: 1 tags for 2 words");
        assertThatThrownBy(() -> Tasks.tokenClassification(List.of("O"))).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("labels: 1, at least 2 are expected");
        assertThatThrownBy(() -> Tasks.tokenClassification(List.of("O", "O"))).isInstanceOf(
                IllegalArgumentException.class).hasMessage("labels: \"O\" is there twice");
        assertThatThrownBy(() -> model.asClassifier()).isInstanceOf(InputException.class)
                .hasMessageEndingWith("is for the task token-classification, sequence-classification of texts is "
                        + "expected");
        assertThatThrownBy(() -> TaskModel.of(model.model(), Tasks.classification(LABELS), 1).asTokenClassifier())
                .isInstanceOf(InputException.class).hasMessageEndingWith(
                        "is for the task sequence-classification, token-classification is expected");
    }

    @Test
    void theHeadOfTheFilesIsTakenWhereItsTagsAreTheTasks() throws IOException {
        Path whole = directory.resolve("whole");
        model.saveMerged(whole);
        Model saved = Model.load(whole);
        assertThat(TaskModel.of(saved, Tasks.tokenClassification(LABELS), 9).head().isNew()).isFalse();
        assertThat(TaskModel.of(saved, Tasks.tokenClassification(LABELS.reversed()), 9).head().isNew()).isTrue();
        Path run = directory.resolve("run");
        model.save(run);
        Path task = run.resolve("task.json");
        Files.writeString(task, Files.readString(task).replace("I-PET", "I-DOG"));
        assertThatThrownBy(() -> TaskModel.load(run)).isInstanceOf(InputException.class).hasMessage(task
                + ": labels: are not those of the head in " + run.resolve("model"));
        Path config = whole.resolve("config.json");
        Files.writeString(config, """
                {"architectures": ["GPT2ForTokenClassification"], "num_labels": 1,""" + TinyModel.GPT2.substring(
                TinyModel.GPT2.indexOf("]") + 2).replaceFirst("^", "\"model_type\": \"gpt2\", "));
        Map<String, Tensor> tensors = new TreeMap<>(TinyModel.gpt2("transformer."));
        tensors.put("classifier.weight", Tensor.zeros(1, 8));
        tensors.put("classifier.bias", Tensor.zeros(1));
        TinyModel.write(whole, Files.readString(config), tensors);
        assertThatThrownBy(() -> TaskModel.load(whole)).isInstanceOf(InputException.class).hasMessage(config
                + ": id2label: has 1 label, and a class of each token is one of several");
    }

    /** Of the same tokens and classes. */
    @Test
    void aDataSetIsAnotherWhereItsWordsAre() {
        List<String> tags = List.of("O", "O");
        List<String> first = List.of("dogs", "");
        List<String> second = List.of("", "dogs");
        assertThat(model.encode(first, tags).ids()).isEqualTo(model.encode(second, tags).ids());
        assertThat(digest(first, tags)).isEqualTo(digest(first, tags)).isNotEqualTo(digest(second, tags));
    }

    private String digest(List<String> words, List<String> tags) {
        return EncodedDataset.of(model, new Samples<>("digest", List.of(words), List.of(tags))).digest();
    }
}
