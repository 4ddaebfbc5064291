package dev.lorikeet.cli.report;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;

/**
 * What the examples are.
 *
 * @param targets a table with a head
 * @param parts those to train with, to validate with where there are any, and to test with
 * @param files those that have them, by the names of the parts; none of what is built in
 * @param inBoth how many inputs to test with are among those to train with
 */
public record DataSummary(List<List<String>> targets, List<Part> parts, List<FoundRows> files, int inBoth) {
    /**
     * A part of the examples, of which there may be any number.
     *
     * @param byTokens how many examples have so many tokens, from 0 on
     * @param truncated how many are longer than the model reads
     * @param unknown how many tokens stand for what the model has no token for
     * @param sha256 of what the model reads of them
     */
    public record Part(String name, int[] byTokens, int truncated, long unknown, String sha256) {
        /** Of {@code size} examples, of which example i has {@code tokens(i)}. */
        public static Part of(String name, int size, IntUnaryOperator tokens, int truncated, long unknown,
                String sha256) {
            int[] byTokens = new int[1];
            for (int i = 0; i < size; i++) {
                int own = tokens.applyAsInt(i);
                if (own >= byTokens.length) {
                    byTokens = Arrays.copyOf(byTokens, Math.max(own + 1, 2 * byTokens.length));
                }
                byTokens[own]++;
            }
            return new Part(name, byTokens, truncated, unknown, sha256);
        }

        int examples() {
            return Arrays.stream(byTokens).sum();
        }

        /** The number of tokens that a share of the examples does not exceed. */
        int quantile(double share) {
            long left = (long) Math.ceil(share * (examples() - 1));
            int tokens = 0;
            while (tokens < byTokens.length - 1 && left >= byTokens[tokens]) {
                left -= byTokens[tokens++];
            }
            return tokens;
        }
    }

    public DataSummary {
        targets = targets.stream().map(List::copyOf).toList();
        parts = List.copyOf(parts);
        files = List.copyOf(files);
    }

    /** Of what the model has no token for, as a person reads it; nothing where there is none. */
    public String unknown() {
        long all = parts.stream().mapToLong(Part::unknown).sum();
        List<Part> some = parts.stream().filter(part -> part.unknown > 0).toList();
        return some.isEmpty() ? ""
                : some.stream().map(part -> Format.count(part.unknown, "token", "tokens") + " of " + part.name)
                        .collect(Collectors.joining(", ")) + (all == 1 ? " stands" : " stand")
                        + " for what the model has none for";
    }
}
