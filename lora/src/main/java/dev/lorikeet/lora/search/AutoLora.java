package dev.lorikeet.lora.search;

import dev.lorikeet.lora.rank.AdaLoraAllocator;
import dev.lorikeet.transformer.io.InputException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How AutoLoRA searches for ranks (Zhang et al. 2024, arXiv 2403.09113). The rank of the configuration is k, the number
 * of rank-1 terms from which each module chooses; its rate and those of the head are the training's.
 *
 * @param epochs over the part of the data that trains the adapters: with 3 and 100 batches in it, 300 steps; 3, while
 *     the authors' code has 20 on GLUE
 * @param trainingShare the part of the data that trains the adapters, while the rest trains the selection: 0.5 of 6,000
 *     examples is 3,000 for each; 0.5 as in the paper, 0.7 in the authors' code
 * @param selection how selection variables weigh terms, and which terms stay; softmax
 * @param secondOrder how the selection reckons with the step of the adapters; {@link SecondOrder#INNER_RATE}, while the
 *     authors' code has {@link SecondOrder#ONE}
 * @param rollBack whether each step of the adapters is taken back and done again after that of the selection, as the
 *     authors' code does: one pass more; false
 * @param selectionRate the rate of Adam with β = (0.5, 0.999), as in the authors' code, on the selection variables:
 *     1e-3 moves one by about 0.1 in 100 steps; 1e-3 as in the paper
 * @param layerSelection whether a module may lose all of its terms, and with them its adapter; with
 *     {@link Selection#SIGMOID} alone, as under the others some term always reaches the threshold; false
 * @param scores of the terms by module from which the selection starts, such as {@link AdaLoraAllocator#scores}: k of a
 *     module; a module without starts with all alike; none
 */
public record AutoLora(int epochs, double trainingShare, Selection selection, SecondOrder secondOrder, boolean rollBack,
        double selectionRate, boolean layerSelection, Map<String, float[]> scores) {

    /**
     * Checks every field.
     *
     * @throws InputException if a value is out of its range
     */
    public AutoLora {
        scores = new LinkedHashMap<>(scores);
        require(epochs >= 1, "epochs: must be at least 1, not " + epochs);
        require(trainingShare > 0 && trainingShare < 1, "trainingShare: must be in (0, 1), not " + trainingShare);
        require(selectionRate >= 0 && selectionRate <= Float.MAX_VALUE,
                "selectionRate: must be at least 0, not " + selectionRate);
        require(!layerSelection || selection == Selection.SIGMOID, "layerSelection: needs the selection SIGMOID, since "
                + "under " + selection + " each module keeps a term");
        scores.forEach((path, own) -> {
            for (float score : own) {
                require(score >= 0 && score <= Float.MAX_VALUE,
                        "scores." + path + ": must be at least 0, not " + score);
            }
        });
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new InputException("autolora: " + rule);
        }
    }

    public static AutoLora defaults() {
        return new AutoLora(3, 0.5, Selection.SOFTMAX, SecondOrder.INNER_RATE, false, 1e-3, false, Map.of());
    }

    public AutoLora withEpochs(int value) {
        return new AutoLora(value, trainingShare, selection, secondOrder, rollBack, selectionRate, layerSelection,
                scores);
    }

    public AutoLora withTrainingShare(double value) {
        return new AutoLora(epochs, value, selection, secondOrder, rollBack, selectionRate, layerSelection, scores);
    }

    /** Another selection, and whether a module may lose all of its terms under it. */
    public AutoLora withSelection(Selection value, boolean ofLayers) {
        return new AutoLora(epochs, trainingShare, value, secondOrder, rollBack, selectionRate, ofLayers, scores);
    }

    /** Another gradient of the selection, and whether the adapters' step is rolled back. */
    public AutoLora withSecondOrder(SecondOrder value, boolean back) {
        return new AutoLora(epochs, trainingShare, selection, value, back, selectionRate, layerSelection, scores);
    }

    public AutoLora withSelectionRate(double value) {
        return new AutoLora(epochs, trainingShare, selection, secondOrder, rollBack, value, layerSelection, scores);
    }

    public AutoLora withScores(Map<String, float[]> value) {
        return new AutoLora(epochs, trainingShare, selection, secondOrder, rollBack, selectionRate, layerSelection,
                value);
    }
}
