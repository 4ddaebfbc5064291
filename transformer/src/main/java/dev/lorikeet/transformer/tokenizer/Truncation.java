package dev.lorikeet.transformer.tokenizer;

/**
 * What is done with texts that are too long, as Hugging Face's library does it.
 *
 * @param maxLength the most tokens there may be, special tokens included
 * @param strategy of two texts, which one is cut
 * @param side which end is cut off
 * @param stride how many tokens of what is kept each further part begins with, where parts are asked for
 */
public record Truncation(int maxLength, Strategy strategy, Side side, int stride) {

    /** Of two texts, which one is cut. */
    public enum Strategy {
        /** The longer one until both are equally long, then both. */
        LONGEST_FIRST,
        /** The first alone. */
        ONLY_FIRST,
        /** The second alone. */
        ONLY_SECOND
    }

    /** An end of a text. */
    public enum Side {
        /** The beginning. */
        LEFT,
        /** The end. */
        RIGHT
    }

    /**
     * What is over is cut off the end, of two texts of the longer one first.
     *
     * @param maxLength the most tokens there may be, special tokens included
     */
    public static Truncation to(int maxLength) {
        return new Truncation(maxLength, Strategy.LONGEST_FIRST, Side.RIGHT, 0);
    }

    /** How many tokens of each text are kept at a time, of texts of these sizes, where there is room for so many. */
    int[] kept(int[] sizes, int room) {
        int total = 0;
        for (int size : sizes) {
            total += size;
        }
        if (total <= room) {
            return sizes;
        }
        if (strategy == Strategy.LONGEST_FIRST || room == 0) {
            return sizes.length == 1 ? new int[] {room} : longestFirst(sizes, room);
        }
        int cut = strategy == Strategy.ONLY_FIRST ? 0 : 1;
        if (cut >= sizes.length) {
            throw new IllegalArgumentException("encode: the second text is to be cut, and there is none");
        }
        if (sizes[cut] <= total - room) {
            throw new IllegalArgumentException("encode: the " + (cut == 0 ? "first" : "second") + " text has "
                    + sizes[cut] + " tokens, " + (total - room) + " would have to go");
        }
        int[] kept = sizes.clone();
        kept[cut] -= total - room;
        return kept;
    }

    private static int[] longestFirst(int[] sizes, int room) {
        boolean firstIsShorter = sizes[0] <= sizes[1];
        int shorter = Math.min(sizes[0], sizes[1]);
        int longer = Math.max(shorter, room - shorter);
        if (shorter + longer > room) {
            shorter = room / 2;
            longer = room - shorter;
        }
        return firstIsShorter ? new int[] {shorter, longer} : new int[] {longer, shorter};
    }

    /**
     * The parts of a text of which so many tokens are kept at a time, the first of them what is kept; each gives the
     * number of its first token and of the one behind its last.
     */
    int[][] parts(int size, int kept) {
        if (kept >= size) {
            return new int[][] {{0, size}};
        }
        if (kept == 0) {
            return new int[][] {{0, 0}, {0, size}};
        }
        if (stride >= kept) {
            throw new IllegalArgumentException("encode: a stride of " + stride + " is not less than the " + kept
                    + " tokens of a text that are kept");
        }
        int step = kept - stride;
        int count = 1 + (size - kept + step - 1) / step;
        int[][] parts = new int[count][];
        for (int i = 0; i < count; i++) {
            parts[i] = side == Side.RIGHT ? new int[] {i * step, Math.min(i * step + kept, size)}
                    : new int[] {Math.max(size - i * step - kept, 0), size - i * step};
        }
        return parts;
    }
}
