package dev.lorikeet.transformer.task;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.metrics.Fit;
import dev.lorikeet.transformer.metrics.RegressionScores;
import dev.lorikeet.transformer.primitive.FloatList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How well the cosines of two embeddings follow the scores of their texts: {@code spearman}, by which models are
 * compared since cosines need not be the scores themselves (Reimers et al. 2016), and {@code pearson}.
 */
final class CosineMeter implements Meter {
    private final FloatList scores = new FloatList();
    private final FloatList cosines = new FloatList();

    /** @param embeddings (2·examples, n) */
    @Override
    public void add(Tensor embeddings, List<Encoded> examples) {
        for (int i = 0; i < examples.size(); i++) {
            scores.add(examples.get(i).numbers()[0]);
            cosines.add((float) Embedder.cosine(embeddings.rows(2 * i, 2 * i + 1).toArray(),
                    embeddings.rows(2 * i + 1, 2 * i + 2).toArray()));
        }
    }

    @Override
    public Evaluation result(double loss) {
        Fit fit = new Fit(List.of("cosine"), scores.toArray(), cosines.toArray());
        RegressionScores near = fit.scores(0);
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("spearman", near.spearman());
        metrics.put("pearson", near.pearson());
        return new Evaluation(loss, metrics, fit);
    }
}
