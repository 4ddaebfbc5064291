package dev.lorikeet.cli.run;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.transformer.data.DataFile;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.Example;
import dev.lorikeet.transformer.data.WordNetGlosses;
import dev.lorikeet.transformer.io.InputException;
import java.nio.file.Path;
import java.util.List;

/**
 * A recipe's labelled texts.
 *
 * @param name what people call the data set
 */
public record TaskData(String name, Dataset<String> train, Dataset<String> test) {
    /**
     * Reads both parts; of the first, a sample of as many examples as the recipe's limit says.
     *
     * @throws InputException if a file is wrong, or there is only one class
     */
    public static TaskData read(Recipe recipe) {
        Integer limit = recipe.limit();
        return switch (recipe.data()) {
            case Recipe.WordNet wordNet -> {
                WordNetGlosses.Split split = WordNetGlosses.split(wordNet.seed());
                Dataset<String> train = limit == null ? split.train() : split.train().sample(limit, wordNet.seed());
                yield new TaskData("WordNet 3.1 noun glosses", requireClasses(train, "training.limit"), split.test());
            }
            case Recipe.Files files -> {
                DataFile file = new DataFile(files.train(), files.format());
                Dataset<String> train = limit == null ? file.read() : file.sample(limit, files.seed());
                requireClasses(train, files.train() + ": column \"" + files.format().labelColumn() + "\"");
                yield new TaskData(train.name(), train, test(files.test(), files, train.labels()));
            }
        };
    }

    /** A file with one class is no task, and neither is one with one example left. */
    private static Dataset<String> requireClasses(Dataset<String> train, String place) {
        List<Example<String>> examples = train.examples();
        int label = examples.getFirst().label();
        if (examples.stream().allMatch(example -> example.label() == label)) {
            String which = train.labels().size() == 1 ? "every example" : "the only example that the limit leaves";
            throw new InputException(place + ": " + which + " is of the class \"" + train.labels().get(label)
                    + "\", at least two are needed");
        }
        return train;
    }

    /**
     * The test examples alone, with the classes of a classifier.
     *
     * @throws InputException if a file is wrong, or has a label that is no class
     */
    public static Dataset readTest(Recipe recipe, List<String> labels) {
        return switch (recipe.data()) {
            case Recipe.WordNet wordNet -> WordNetGlosses.split(wordNet.seed()).test();
            case Recipe.Files files -> test(files.test(), files, labels);
        };
    }

    private static Dataset<String> test(Path file, Recipe.Files files, List<String> labels) {
        return new DataFile(file, files.format()).read(labels);
    }

    /** The accuracy on the test examples of saying the most frequent class of the training examples each time. */
    public double majority() {
        int[] counts = new int[train.labels().size()];
        for (Example<String> example : train.examples()) {
            counts[example.label()]++;
        }
        int most = 0;
        for (int label = 1; label < counts.length; label++) {
            most = counts[label] > counts[most] ? label : most;
        }
        int majority = most;
        return (double) test.examples().stream().filter(example -> example.label() == majority).count() / test.size();
    }
}
