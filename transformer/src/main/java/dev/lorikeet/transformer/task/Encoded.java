package dev.lorikeet.transformer.task;

import dev.lorikeet.transformer.model.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An example as a model reads it: one sequence of tokens, or several that it reads each by itself, such as a question
 * and its answers.
 *
 * @param ids the token ids, those of several sequences one behind the other
 * @param typeIds the segment of each token; null where all are 0
 * @param offsets (sequences + 1): sequence s is ids offsets[s] … offsets[s + 1] - 1, as in a {@link Batch}
 * @param classes the targets that are classes: one, some, or one of each token or of {@code places}; empty without
 * @param numbers the targets that are numbers; empty without
 * @param truncated how many more tokens the input has, for which there was no room
 * @param places where targets are of some tokens alone, which those are, as numbers of {@code ids}: the first token of
 *     each word, -1 where a word has none there; null elsewhere
 * @param passage the text of whose parts one is the answer; null elsewhere
 */
public record Encoded(int[] ids, int @Nullable [] typeIds, int[] offsets, int[] classes, float[] numbers,
        int truncated, int @Nullable [] places, @Nullable Passage passage) {
    private static final int[] NO_CLASSES = {};
    private static final float[] NO_NUMBERS = {};

    /** @throws IllegalArgumentException if the parts do not fit together, or a sequence is empty */
    public Encoded {
        boolean fits = offsets.length > 1 && offsets[0] == 0 && offsets[offsets.length - 1] == ids.length
                && (typeIds == null || typeIds.length == ids.length);
        for (int s = 0; fits && s + 1 < offsets.length; s++) {
            fits = offsets[s] < offsets[s + 1];
        }
        if (!fits) {
            throw new IllegalArgumentException("encoded: offsets " + Arrays.toString(offsets) + " for " + ids.length
                    + " tokens" + (typeIds == null ? "" : " with " + typeIds.length + " segments"));
        }
        if (passage != null && passage.starts().length != ids.length) {
            throw new IllegalArgumentException("encoded: a passage of " + passage.starts().length + " tokens for "
                    + ids.length);
        }
    }

    /** Without a passage. */
    public Encoded(int[] ids, int @Nullable [] typeIds, int[] offsets, int[] classes, float[] numbers, int truncated,
            int @Nullable [] places) {
        this(ids, typeIds, offsets, classes, numbers, truncated, places, null);
    }

    /** One sequence, without a target. */
    public static Encoded of(int[] ids, int truncated) {
        return new Encoded(ids, null, new int[] {0, ids.length}, NO_CLASSES, NO_NUMBERS, truncated, null);
    }

    /**
     * Sequences of one example, which is without a target.
     *
     * @param each at least one; their targets are left out
     */
    public static Encoded of(List<Encoded> each) {
        Batch all = batch(each);
        return new Encoded(all.ids(), each.stream().allMatch(one -> one.typeIds == null) ? null : all.typeIds(),
                all.offsets(), NO_CLASSES, NO_NUMBERS, each.stream().mapToInt(Encoded::truncated).sum(), null);
    }

    /**
     * The sequences of some examples as one example, with the targets of their tokens.
     *
     * @param each at least one, without segments and numbers; all with {@link #places}, or none
     */
    static Encoded joined(List<Encoded> each) {
        if (each.size() == 1) {
            return each.getFirst();
        }
        Encoded all = of(each);
        return new Encoded(all.ids, null, all.offsets, classes(each), NO_NUMBERS, all.truncated,
                each.getFirst().places == null ? null : joinedPlaces(each));
    }

    private static int[] joinedPlaces(List<Encoded> each) {
        int[] places = new int[each.stream().mapToInt(one -> Objects.requireNonNull(one.places).length).sum()];
        int first = 0;
        int next = 0;
        for (Encoded one : each) {
            for (int place : Objects.requireNonNull(one.places)) {
                places[next++] = first + place;
            }
            first += one.tokens();
        }
        return places;
    }

    /** The sequences of what is {@link #joined}, each by itself. */
    List<Encoded> each() {
        if (sequences() == 1) {
            return List.of(this);
        }
        List<Encoded> each = new ArrayList<>(sequences());
        for (int s = 0; s < sequences(); s++) {
            int from = offsets[s];
            int to = offsets[s + 1];
            each.add(new Encoded(ids(s), null, new int[] {0, to - from},
                    classes.length == ids.length ? Arrays.copyOfRange(classes, from, to) : NO_CLASSES, NO_NUMBERS, 0,
                    places == null ? null
                            : Arrays.stream(places).filter(place -> place >= from && place < to)
                                    .map(place -> place - from).toArray()));
        }
        return each;
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
                new int[] {0, offsets[s + 1] - offsets[s]},
                classes.length == batch.rows() ? Arrays.copyOfRange(classes, offsets[s], offsets[s + 1])
                        : new int[] {classes[s]},
                NO_NUMBERS, 0, null)).toList();
    }

    /** This, with the segment of each token. */
    Encoded typeIds(int[] segments) {
        return new Encoded(ids, segments, offsets, classes, numbers, truncated, places, passage);
    }

    /** This, with other tokens in their place. */
    Encoded ids(int[] others) {
        return new Encoded(others, typeIds, offsets, classes, numbers, truncated, places, passage);
    }

    /** This, with targets of some tokens alone. */
    Encoded places(int[] some) {
        return new Encoded(ids, typeIds, offsets, classes, numbers, truncated, some, passage);
    }

    /** This, with the text that has the answer. */
    public Encoded passage(Passage text) {
        return new Encoded(ids, typeIds, offsets, classes, numbers, truncated, places, text);
    }

    /** This, with targets that are classes. */
    public Encoded classes(int... targets) {
        return new Encoded(ids, typeIds, offsets, targets, numbers, truncated, places, passage);
    }

    /** This, with targets that are numbers. */
    public Encoded numbers(float... targets) {
        return new Encoded(ids, typeIds, offsets, classes, targets, truncated, places, passage);
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
        return new Encoded(ids, typeIds, offsets, classes, numbers, truncated, starts, passage);
    }

    /** How many tokens there are, in all sequences. */
    public int tokens() {
        return ids.length;
    }

    /** How many sequences there are. */
    public int sequences() {
        return offsets.length - 1;
    }

    /** The token ids of one of the sequences. */
    public int[] ids(int sequence) {
        return Arrays.copyOfRange(ids, offsets[sequence], offsets[sequence + 1]);
    }

    /** The sequences of these examples one behind the other. */
    public static Batch batch(List<Encoded> examples) {
        int[] offsets = new int[1 + examples.stream().mapToInt(Encoded::sequences).sum()];
        int[] ids = new int[examples.stream().mapToInt(Encoded::tokens).sum()];
        int[] typeIds = new int[ids.length];
        int sequence = 0;
        int row = 0;
        for (Encoded example : examples) {
            for (int s = 1; s < example.offsets.length; s++) {
                offsets[++sequence] = row + example.offsets[s];
            }
            System.arraycopy(example.ids, 0, ids, row, example.ids.length);
            if (example.typeIds != null) {
                System.arraycopy(example.typeIds, 0, typeIds, row, example.ids.length);
            }
            row += example.ids.length;
        }
        return new Batch(ids, typeIds, offsets);
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
