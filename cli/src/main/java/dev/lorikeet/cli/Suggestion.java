package dev.lorikeet.cli;

import java.util.Comparator;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.UnmatchedArgumentException;

/** What a person may have meant by an option that does not exist. */
final class Suggestion {
    private Suggestion() {}

    /** The suggestion as the end of a message; nothing where there is none. */
    static String of(UnmatchedArgumentException fault) {
        String word = word(fault.getUnmatched().getFirst());
        int most = Math.max(1, word.length() / 3);
        return fault.getCommandLine().getCommandSpec().options().stream().map(OptionSpec::longestName)
                .filter(option -> distance(word, word(option)) <= most)
                .min(Comparator.comparingInt(option -> distance(word, word(option))))
                .map(option -> ", perhaps " + option).orElse("");
    }

    private static String word(String argument) {
        return argument.replaceFirst("^-+", "").replaceFirst("=.*", "").replace('_', '-');
    }

    /** How many letters must be put in, taken out, exchanged or swapped with the next (Damerau 1964). */
    private static int distance(String a, String b) {
        int[][] to = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    to[i][j] = i + j;
                    continue;
                }
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                to[i][j] = Math.min(to[i - 1][j - 1] + (same ? 0 : 1), 1 + Math.min(to[i - 1][j], to[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    to[i][j] = Math.min(to[i][j], to[i - 2][j - 2] + 1);
                }
            }
        }
        return to[a.length()][b.length()];
    }
}
