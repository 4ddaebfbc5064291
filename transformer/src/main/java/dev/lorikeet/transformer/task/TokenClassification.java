package dev.lorikeet.transformer.task;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.CrossEntropy;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WholeRows;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.metrics.Entities;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.metrics.Tagged;
import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.Outputs;
import dev.lorikeet.transformer.model.TokenHead;
import dev.lorikeet.transformer.tokenizer.Encoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A tag of each word of a sentence, for example of named entities or parts of speech, with Hugging Face's
 * {@code …ForTokenClassification}. A word's tag is that of its first token, and no other token is learned from, as in
 * Devlin et al. 2018 and transformers' {@code run_ner.py} ({@code label_all_tokens=False}).
 *
 * <p>A word that has no first token, since there was no room or it has none at all, counts for no loss; what is said of
 * it is {@code O}, and an evaluation takes that for the answer, so that cutting sentences flatters no model.
 *
 * <p>Below words, an {@link Encoded} without {@link Encoded#places} has a class of each token, or
 * {@link CrossEntropy#IGNORED}.
 *
 * @param labels the tags, in the order of the logits
 */
public record TokenClassification(List<String> labels)
        implements
            SmoothedTask<List<String>, List<String>, List<String>> {
    static final String KIND = "token-classification";
    private static final String CLASS = "ForTokenClassification";

    /** @throws IllegalArgumentException if there are fewer than two, or one is blank or there twice */
    public TokenClassification {
        labels = ClassNames.of(labels, 2);
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("labels", labels);
    }

    @Override
    public Encoded encode(List<String> input, @Nullable List<String> target, Model model) {
        Encoding encoding = model.tokenizer().encodeWords(input, model.backbone().maxTokens());
        Encoded encoded = Encoded.of(encoding.ids(), encoding.truncated()).words(encoding.wordOf(), input.size());
        return target == null ? encoded : encoded.classes(classes(input, target));
    }

    private int[] classes(List<String> words, List<String> tags) {
        if (tags.size() != words.size()) {
            throw new IllegalArgumentException(KIND + ": " + tags.size() + " tags for " + words.size() + " words");
        }
        return IntStream.range(0, tags.size()).map(word -> {
            int label = labels.indexOf(tags.get(word));
            if (label < 0) {
                throw new IllegalArgumentException(KIND + ": the tag " + Shown.value(tags.get(word)) + " of the word "
                        + Shown.value(words.get(word)) + " is not one of " + Shown.names(labels));
            }
            return label;
        }).toArray();
    }

    @Override
    public Head head(Model model, long seed) {
        return model.hasHead() && model.head() instanceof TokenHead head && head.outputs().labels().equals(labels)
                ? head
                : model.newHead(CLASS, new Outputs(labels, Outputs.Problem.SINGLE_LABEL), seed);
    }

    /** Which token of an example each of its classes is for; -1 for none. */
    private static int[] places(Encoded example) {
        int[] starts = example.places();
        return starts == null ? IntStream.range(0, example.tokens()).toArray() : starts;
    }

    /** The class of each token, where it has one. */
    private static int[] targets(Encoded example) {
        int[] places = places(example);
        int[] classes = example.classes();
        if (classes.length != places.length) {
            throw new IllegalArgumentException(KIND + ": " + classes.length + " targets for " + places.length
                    + (example.places() == null ? " tokens" : " words"));
        }
        int[] targets = new int[example.tokens()];
        Arrays.fill(targets, CrossEntropy.IGNORED);
        for (int i = 0; i < places.length; i++) {
            if (places[i] >= 0) {
                targets[places[i]] = classes[i];
            }
        }
        return targets;
    }

    /** How many words have a first token. */
    @Override
    public int count(Encoded example) {
        return CrossEntropy.counted(targets(example));
    }

    @Override
    public Variable loss(Tape tape, Variable logits, List<Encoded> examples, double over, TargetWeights weights) {
        return Losses.crossEntropy(tape, logits, examples.stream().flatMapToInt(example -> Arrays.stream(targets(
                example))).toArray(), weights.labelSmoothing(), over);
    }

    /**
     * The most probable tag of each word, whether the tags of a sentence fit together or not; {@link Entities#of} makes
     * entities of them.
     */
    @Override
    public List<List<String>> predictions(Model model, Tensor logits, List<Encoded> examples) {
        List<List<String>> all = new ArrayList<>();
        int row = 0;
        for (Encoded example : examples) {
            List<String> tags = new ArrayList<>();
            for (int place : places(example)) {
                tags.add(tag(logits, row, place));
            }
            all.add(List.copyOf(tags));
            row += example.tokens();
        }
        return all;
    }

    /** @param row of the example's first token */
    private String tag(Tensor logits, int row, int place) {
        return place < 0 ? Entities.NONE : labels.get(WholeRows.argmax(logits, row + place));
    }

    /** Of entities, where {@link Entities#areTags} says that the tags are theirs, else of the tags. */
    @Override
    public Meter meter() {
        List<List<String>> actual = new ArrayList<>();
        List<List<String>> predicted = new ArrayList<>();
        return new Meter() {
            @Override
            public void add(Tensor logits, List<Encoded> examples) {
                int row = 0;
                for (Encoded example : examples) {
                    int[] places = places(example);
                    List<String> truth = new ArrayList<>();
                    List<String> said = new ArrayList<>();
                    for (int i = 0; i < places.length; i++) {
                        if (example.classes()[i] != CrossEntropy.IGNORED) {
                            truth.add(labels.get(example.classes()[i]));
                            said.add(tag(logits, row, places[i]));
                        }
                    }
                    actual.add(truth);
                    predicted.add(said);
                    row += example.tokens();
                }
            }

            @Override
            public Evaluation result(double loss) {
                return Evaluation.of(new Tagged(labels, actual, predicted), loss);
            }
        };
    }
}
