package dev.lorikeet.transformer.task;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.metrics.Fit;
import dev.lorikeet.transformer.metrics.RegressionScores;
import it.unimi.dsi.fastutil.floats.FloatArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How well the cosines of two embeddings follow the scores of their texts: {@code spearman}, by which models are
 * compared since cosines need not be the scores themselves (Reimers et al. 2016), and {@code pearson}.
 */
final class CosineMeter implements Meter {
    private final FloatArrayList scores = new FloatArrayList();
    private final FloatArrayList cosines = new FloatArrayList();

    /** @param embeddings (2·examples, n) */
    @Override
    public void add(Tensor embeddings, List<Encoded> examples) {
        for (int i = 0; i < examples.size(); i++) {
            scores.add(examples.get(i).numbers()[0]);
            cosines.add(cosine(embeddings, 2 * i, 2 * i + 1));
        }
    }

    /** 0 where one has no direction. */
    private static float cosine(Tensor x, int i, int j) {
        double product = 0;
        double squares = 0;
        double others = 0;
        for (int k = 0; k < x.dim(1); k++) {
            double a = x.get(i, k);
            double b = x.get(j, k);
            product += a * b;
            squares += a * a;
            others += b * b;
        }
        return product == 0 ? 0 : (float) (product / Math.sqrt(squares * others));
    }

    @Override
    public Evaluation result(double loss) {
        Fit fit = new Fit(List.of("cosine"), scores.toFloatArray(), cosines.toFloatArray());
        RegressionScores near = fit.scores(0);
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("spearman", near.spearman());
        metrics.put("pearson", near.pearson());
        return new Evaluation(loss, metrics, fit);
    }
}
