package dev.lorikeet.transformer.metrics;

import java.util.List;

/**
 * Numbers that were predicted, beside the true ones.
 *
 * @param names of the numbers of an example
 * @param actual the true numbers, those of an example one behind the other
 * @param predicted what was said, in the same order
 */
public record Fit(List<String> names, float[] actual, float[] predicted) implements Details {
    public Fit {
        names = List.copyOf(names);
        if (names.isEmpty() || actual.length != predicted.length || actual.length % names.size() != 0) {
            throw new IllegalArgumentException("fit: " + actual.length + " true numbers and " + predicted.length
                    + " predicted ones of " + names.size() + " for each example");
        }
    }

    /** How near the predictions of the numbers {@code name} come. */
    public RegressionScores scores(int name) {
        return RegressionScores.of(column(actual, name), column(predicted, name));
    }

    /** One of the numbers of each example alone. */
    public Fit only(int name) {
        return new Fit(List.of(names.get(name)), actual(name), predicted(name));
    }

    /** The numbers of one name. */
    public float[] actual(int name) {
        return column(actual, name);
    }

    /** What was said of the numbers of one name. */
    public float[] predicted(int name) {
        return column(predicted, name);
    }

    private float[] column(float[] all, int name) {
        float[] own = new float[all.length / names.size()];
        for (int i = 0; i < own.length; i++) {
            own[i] = all[i * names.size() + name];
        }
        return own;
    }
}
