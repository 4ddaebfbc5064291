package dev.lorikeet.transformer.task;

import dev.lorikeet.transformer.model.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An example as a model reads it.
 *
 * @param ids the token ids
 * @param typeIds the segment of each token; null where all are 0
 * @param classes the targets that are classes: one, some, or one of each token or word; empty without
 * @param numbers the targets that are numbers; empty without
 * @param truncated how many more tokens the input has, for which there was no room
 * @param wordStarts of an input that is words, where in {@code ids} the first token of each stands, -1 where a word has
 *     none there; null of other inputs
 */
public record Encoded(int[] ids, int @Nullable [] typeIds, int[] classes, float[] numbers,
        int truncated, int @Nullable [] wordStarts) {
    private static final int[] NO_CLASSES = {};
    private static final float[] NO_NUMBERS = {};

    /** Without a target. */
    public static Encoded of(int[] ids, int truncated) {
        return new Encoded(ids, null, NO_CLASSES, NO_NUMBERS, truncated, null);
    }

    /**
     * The examples of a packed batch.
     *
     * @param classes one for each row, or for each sequence
     */
    public static List<Encoded> of(Batch batch, int[] classes) {
        if (classes.length != batch.rows() && classes.length != batch.sequences()) {
            throw new IllegalArgumentException("loss: " + classes.length + " labels for " + batch.rows() + " tokens of "
                    + batch.sequences() + " sequences");
        }
        int[] offsets = batch.offsets();
        return IntStream.range(0, batch.sequences()).mapToObj(s -> new Encoded(
                Arrays.copyOfRange(batch.ids(), offsets[s], offsets[s + 1]),
                Arrays.copyOfRange(batch.typeIds(), offsets[s], offsets[s + 1]),
                classes.length == batch.rows() ? Arrays.copyOfRange(classes, offsets[s], offsets[s + 1])
                        : new int[] {classes[s]},
                NO_NUMBERS, 0, null)).toList();
    }

    /** This, with the segment of each token. */
    Encoded typeIds(int[] segments) {
        return new Encoded(ids, segments, classes, numbers, truncated, wordStarts);
    }

    /** This, with targets that are classes. */
    public Encoded classes(int... targets) {
        return new Encoded(ids, typeIds, targets, numbers, truncated, wordStarts);
    }

    /** This, with targets that are numbers. */
    public Encoded numbers(float... targets) {
        return new Encoded(ids, typeIds, classes, targets, truncated, wordStarts);
    }

    /**
     * This, of words.
     *
     * @param wordOf the word that each token is of, see {@link dev.lorikeet.transformer.tokenizer.Encoding#wordOf}
     * @param words how many there are
     */
    Encoded words(int[] wordOf, int words) {
        int[] starts = new int[words];
        Arrays.fill(starts, -1);
        for (int token = wordOf.length - 1; token >= 0; token--) {
            if (wordOf[token] >= 0) {
                starts[wordOf[token]] = token;
            }
        }
        return new Encoded(ids, typeIds, classes, numbers, truncated, starts);
    }

    /** How many tokens there are. */
    public int tokens() {
        return ids.length;
    }

    /** These examples one behind the other. */
    public static Batch batch(List<Encoded> examples) {
        List<int[]> ids = new ArrayList<>(examples.size());
        for (Encoded example : examples) {
            ids.add(example.ids);
        }
        Batch batch = Batch.of(ids);
        for (int i = 0; i < examples.size(); i++) {
            int[] own = examples.get(i).typeIds;
            if (own != null) {
                System.arraycopy(own, 0, batch.typeIds(), batch.offsets()[i], own.length);
            }
        }
        return batch;
    }

    /** The {@link #classes} of all examples, one behind the other. */
    static int[] classes(List<Encoded> examples) {
        int count = 0;
        for (Encoded example : examples) {
            count += example.classes.length;
        }
        int[] all = new int[count];
        int next = 0;
        for (Encoded example : examples) {
            System.arraycopy(example.classes, 0, all, next, example.classes.length);
            next += example.classes.length;
        }
        return all;
    }
}
