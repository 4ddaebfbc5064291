package dev.lorikeet.transformer.metrics;

/**
 * How near texts are to the partners that they should find, beside others. Each entry is of a text that looks for its
 * partner.
 *
 * @param examples the example that each text is of
 * @param partner the cosine with its partner, of several with the nearest
 * @param nearest the largest cosine with a text that is none of its partners; -1 where there is none
 * @param nearestExamples the example that this text is of
 * @param nearestTexts which text of that example it is
 */
public record Retrieved(int[] examples, float[] partner, float[] nearest, int[] nearestExamples, int[] nearestTexts)
        implements
            Details {
    /** @throws IllegalArgumentException if the counts differ */
    public Retrieved {
        if (partner.length != examples.length || nearest.length != examples.length
                || nearestExamples.length != examples.length || nearestTexts.length != examples.length) {
            throw new IllegalArgumentException("retrieved: " + partner.length + " cosines of partners, "
                    + nearest.length + " of others for " + examples.length + " texts");
        }
    }
}
