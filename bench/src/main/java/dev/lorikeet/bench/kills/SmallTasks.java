package dev.lorikeet.bench.kills;

import dev.lorikeet.transformer.io.AtomicFile;
import java.nio.file.Path;
import java.util.List;

/** Files of a few sentences for each kind of task, beside the {@link SmallModel} that learns them. */
final class SmallTasks {
    private static final List<String> ANIMALS = List.of("cat", "dog", "fox");
    private static final List<String> NOUNS = List.of("cat", "dog", "fox", "oak", "elm", "fern");
    private static final List<String> ARTICLES = List.of("a", "the");

    private SmallTasks() {}

    /** What a sentence becomes in a file. */
    private interface Line {
        String of(String article, String noun, String verb);
    }

    /** Writes the model and, for each kind of task, a file to train with and one to test with. */
    static void write(Path directory) {
        SmallModel.write(directory.resolve("model"), List.of("a", "the", "cat", "dog", "fox", "oak", "elm", "fern",
                "sleeps", "grows", "waits"));
        files(directory, "classes", ".tsv", "text\tlabel\n", (article, noun, verb) -> article + " " + noun + " " + verb
                + "\t" + (isAnimal(noun) ? "animal" : "plant") + "\n");
        files(directory, "pairs", ".tsv", "sentence1\tsentence2\tlabel\n", (article, noun, verb) -> article + " "
                + noun + "\tthe cat " + verb + "\t" + (isAnimal(noun) ? "same" : "other") + "\n");
        files(directory, "labels", ".jsonl", "", (article, noun, verb) -> "{\"text\": \"" + article + " " + noun + " "
                + verb + "\", \"labels\": [" + (isAnimal(noun) ? "\"animal\"" : "") + (isAnimal(noun)
                        && article.equals("a") ? ", " : "")
                + (article.equals("a") ? "\"one\"" : "") + "]}\n");
        files(directory, "numbers", ".tsv", "text\tscore\n", (article, noun, verb) -> article + " " + noun + " " + verb
                + "\t" + (isAnimal(noun) ? 40 : 0) + (article.equals("a") ? ".5" : ".25") + "\n");
        files(directory, "words", ".conll", "", (article, noun, verb) -> article + " O\n" + noun + " "
                + (isAnimal(noun) ? "B-animal" : "O") + "\n" + verb + " O\n\n");
        files(directory, "answers", ".tsv", "question\tcontext\tanswer\n", (article, noun, verb) -> article + " " + verb
                + "\tthe " + noun + " " + verb + "\t" + (isAnimal(noun) ? noun : "") + "\n");
        files(directory, "embeddings", ".tsv", "sentence1\tsentence2\n", (article, noun, verb) -> article + " " + noun
                + "\tthe " + noun + " " + verb + "\n");
    }

    private static boolean isAnimal(String noun) {
        return ANIMALS.contains(noun);
    }

    private static void files(Path directory, String name, String ending, String header, Line line) {
        AtomicFile.write(directory.resolve(name + "-train" + ending), header + lines(line, "sleeps", "grows"));
        AtomicFile.write(directory.resolve(name + "-test" + ending), header + lines(line, "waits"));
    }

    private static String lines(Line line, String... verbs) {
        StringBuilder all = new StringBuilder();
        for (String verb : verbs) {
            for (String noun : NOUNS) {
                ARTICLES.forEach(article -> all.append(line.of(article, noun, verb)));
            }
        }
        return all.toString();
    }
}
