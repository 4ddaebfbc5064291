package dev.lorikeet.bench.peers;

import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraConfigBuilder;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.Example;
import dev.lorikeet.transformer.data.WordNetGlosses;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.training.EncodedDataset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * MiniLM with what {@link Work.Encoder} asks for, and its batches.
 *
 * @param model with an adapter where the work is training
 * @param batches that one run goes through
 */
public record Batches(TaskModel<String, Integer, List<Prediction>> model, List<Labelled> batches) {
    /** The built-in model. */
    public static final String MODEL = "all-MiniLM-L6-v2";
    /** Its hidden size. */
    public static final int HIDDEN = 384;
    /** The learning rate. */
    public static final double RATE = 1e-4;
    /** AdamW's. */
    public static final double DECAY = 0.01;
    /** The factor on the adapter. */
    public static final double SCALING = 16 / Math.sqrt(8);

    static final int FULL = 16;
    static final int LENGTH = 64;
    static final int RAGGED = 32;
    static final int COUNT = 4;

    private static final long SEED = 1;
    private static final int FIRST_WORD = 1996;
    private static final int WORDS = 25_000;

    /** Sequences of token ids, and a label for each. */
    public record Labelled(List<int[]> sequences, int[] labels) {
        /** The longest, which the others are padded to by engines that need a rectangle. */
        public int longest() {
            return sequences.stream().mapToInt(ids -> ids.length).max().orElseThrow();
        }
    }

    /** The examples of all batches, one after the other, as a trainer reads them. */
    public EncodedDataset examples() {
        List<Encoded> examples = new ArrayList<>();
        for (Labelled labelled : batches) {
            for (int i = 0; i < labelled.labels().length; i++) {
                examples.add(Encoded.of(labelled.sequences().get(i), 0).classes(labelled.labels()[i]));
            }
        }
        return new EncodedDataset(model, examples);
    }

    /** The numbers of each batch's examples among {@link #examples}. */
    public List<int[]> parts() {
        List<int[]> parts = new ArrayList<>();
        int first = 0;
        for (Labelled labelled : batches) {
            parts.add(IntStream.range(first, first + labelled.labels().length).toArray());
            first += labelled.labels().length;
        }
        return parts;
    }

    /** What a step trains, the head included, from now on. */
    public List<ParameterGroup> trained() {
        model.head().unfreeze();
        return Stream.of(model.backbone(), model.head())
                .map(module -> new ParameterGroup(ParameterGroup.trained("", module), RATE, DECAY)).toList();
    }

    /** Loads and draws; the same in every process. */
    public static Batches of(Work.Encoder work) {
        Dataset<String> data = WordNetGlosses.split(0).train();
        TaskModel<String, Integer, List<Prediction>> model = TaskModel.of(Model.load(MODEL),
                Tasks.classification(data.labels()), SEED);
        if (work.pass() != Work.Pass.FORWARD) {
            LoraConfigBuilder config = LoraConfig.rslora().rank(8).alpha(16);
            Lora.attach(model, (work.pass() == Work.Pass.STEP ? config.targets("all-linear")
                    : config.targets("query", "value")).build(), SEED);
        }
        return new Batches(model, work.ragged() ? ragged(model, data) : List.of(full(data.labels().size())));
    }

    private static List<Labelled> ragged(TaskModel<String, Integer, List<Prediction>> model, Dataset<String> data) {
        List<Labelled> batches = new ArrayList<>();
        for (int b = 0; b < COUNT; b++) {
            List<Example<String>> examples = data.examples().subList(b * RAGGED, (b + 1) * RAGGED);
            batches.add(
                    new Labelled(examples.stream().map(example -> model.encode(example.input(), null).ids()).toList(),
                            examples.stream().mapToInt(Example::label).toArray()));
        }
        return batches;
    }

    private static Labelled full(int classes) {
        List<int[]> sequences = new ArrayList<>();
        int[] labels = new int[FULL];
        for (int s = 0; s < FULL; s++) {
            int[] ids = new int[LENGTH];
            for (int t = 0; t < LENGTH; t++) {
                ids[t] = FIRST_WORD + (int) (Random.uniform(s, t) * WORDS);
            }
            sequences.add(ids);
            labels[s] = s % classes;
        }
        return new Labelled(sequences, labels);
    }
}
