package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.RecipeFile;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.UnmatchedArgumentException;

/** What a person may have meant by an option that does not exist: one that does, or a key of a recipe. */
final class Suggestion {
    private Suggestion() {}

    /**
     * A name that may have been meant.
     *
     * @param word without dashes, as it may be typed
     * @param text what to say of it
     */
    private record Meant(String word, String text) {}

    /** The suggestion as the end of a message; nothing where there is none. */
    static String of(UnmatchedArgumentException fault) {
        String word = word(fault.getUnmatched().getFirst());
        int most = Math.max(1, word.length() / 3);
        Optional<Meant> nearest = all(fault.getCommandLine())
                .filter(meant -> distance(word, meant.word) <= most)
                .min(Comparator.comparingInt(meant -> distance(word, meant.word)));
        return nearest.map(meant -> ", " + meant.text).orElse("");
    }

    private static String word(String argument) {
        return argument.replaceFirst("^-+", "").replaceFirst("=.*", "").replace('_', '-');
    }

    /** The command's options, and behind them the keys that a recipe alone has. */
    private static Stream<Meant> all(CommandLine command) {
        List<Meant> options = command.getCommandSpec().options().stream()
                .map(option -> new Meant(word(option.longestName()), "perhaps " + option.longestName())).toList();
        boolean readsRecipes = command.getCommandSpec().findOption("--recipe") != null;
        Stream<Meant> keys = readsRecipes
                ? RecipeFile.keys().stream().map(key -> new Meant(key.substring(key.lastIndexOf('.') + 1),
                        "a recipe has the key " + key))
                : Stream.empty();
        return Stream.concat(options.stream(), keys);
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
