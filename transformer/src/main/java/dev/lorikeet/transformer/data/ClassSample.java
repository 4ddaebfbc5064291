package dev.lorikeet.transformer.data;

import dev.lorikeet.tensor.Random;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * A sample of examples in which each class has its share, whatever order they stand in.
 *
 * <p>The shares are whole numbers by the rule of Huntington and Hill, which seats the House of Representatives: no
 * class has a second example before each has its first, and beyond that shares differ as little as they can in
 * proportion.
 */
final class ClassSample {
    private ClassSample() {}

    /**
     * Draws from each class as many as its share says, at random.
     *
     * @param classes of each example, a number below the number of labels
     * @param labels the names of the classes; a class's examples are drawn by its name and the seed
     * @param limit at least 1
     * @return the examples drawn, all where there are no more than the limit
     */
    static BitSet of(int[] classes, List<String> labels, int limit, long seed) {
        BitSet drawn = new BitSet(classes.length);
        int[] sizes = new int[labels.size()];
        for (int c : classes) {
            sizes[c]++;
        }
        int[] shares = shares(sizes, limit);
        int[][] members = new int[sizes.length][];
        for (int c = 0; c < sizes.length; c++) {
            members[c] = new int[sizes[c]];
        }
        int[] seen = new int[sizes.length];
        for (int i = 0; i < classes.length; i++) {
            members[classes[i]][seen[classes[i]]++] = i;
        }
        for (int c = 0; c < sizes.length; c++) {
            int[] order = Random.permutation(sizes[c], Random.key(Random.key(seed, "sample"), labels.get(c)));
            for (int i = 0; i < shares[c]; i++) {
                drawn.set(members[c][order[i]]);
            }
        }
        return drawn;
    }

    /** How many of {@code limit} examples each class gets, at most all that it has. */
    static int[] shares(int[] sizes, int limit) {
        int[] shares = new int[sizes.length];
        // a class's claim to its next example is n/√(s(s+1)), without bound for its first; larger classes before
        // smaller
        PriorityQueue<Integer> claims = new PriorityQueue<>(Comparator
                .<Integer>comparingDouble(c -> -sizes[c] / Math.sqrt(shares[c] * (shares[c] + 1.0)))
                .thenComparing(c -> -sizes[c]).thenComparing(Comparator.naturalOrder()));
        for (int c = 0; c < sizes.length; c++) {
            if (sizes[c] > 0) {
                claims.add(c);
            }
        }
        for (int left = limit; left > 0 && !claims.isEmpty(); left--) {
            int c = claims.remove();
            shares[c]++;
            if (shares[c] < sizes[c]) {
                claims.add(c);
            }
        }
        return shares;
    }
}
