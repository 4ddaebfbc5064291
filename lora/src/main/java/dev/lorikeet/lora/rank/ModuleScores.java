package dev.lorikeet.lora.rank;

import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What AdaLoRA knows of one module's triplets: their sensitivities, and which of them the last mask kept. */
final class ModuleScores {
    private static final String MEANS = ".exp_avg_ipt";
    private static final String UNCERTAINTIES = ".exp_avg_unc";
    private static final String MASK = ".lora_E.mask";
    private static final String SCORES = ".scores";

    private final Triplets module;
    private final int in;
    private final int out;
    private final Sensitivity a;
    private final Sensitivity b;
    private final Sensitivity e;
    private final boolean[] kept;
    /** As they were at the last mask. */
    private float[] scores;

    ModuleScores(Triplets module) {
        this.module = module;
        in = module.a().value().dim(1);
        out = module.b().value().dim(0);
        a = new Sensitivity(module.path() + ".lora_A", module.a());
        b = new Sensitivity(module.path() + ".lora_B", module.b());
        e = new Sensitivity(module.path() + ".lora_E", module.e());
        kept = new boolean[module.count()];
        scores = new float[kept.length];
        reset();
    }

    String path() {
        return module.path();
    }

    void update(AdaLora settings) {
        a.update(settings);
        b.update(settings);
        e.update(settings);
    }

    /**
     * For each triplet, the score of its λ plus the mean scores of its row of A and its column of B (Zhang et al. 2023,
     * equation 7), from the sensitivities as they stand.
     */
    float[] score() {
        scores = new float[kept.length];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = e.score(i) + (a.meanScore(i * in, 1, in) + b.meanScore(i, scores.length, out));
        }
        return scores;
    }

    /** What {@link #score} gave last; zeros before. */
    float[] scores() {
        return scores;
    }

    /** Keeps the triplets with {@link #scores} above {@code threshold}, all if that is NaN; zeroes the λ of others. */
    void mask(float threshold) {
        for (int i = 0; i < kept.length; i++) {
            kept[i] = !(scores[i] <= threshold);
        }
        dropAgain();
    }

    /** Zeroes the λ that the last mask did not keep: the optimizer has moved them. */
    void dropAgain() {
        Tensor lambda = module.e().value();
        for (int i = 0; i < kept.length; i++) {
            if (!kept[i]) {
                lambda.data()[lambda.offset() + i] = 0;
            }
        }
    }

    /** Which triplets the last mask kept; all before the first. */
    boolean[] kept() {
        return kept.clone();
    }

    /** How many triplets the last mask kept. */
    int rank() {
        return AdaLoraAllocator.count(kept);
    }

    /** Forgets sensitivities, and nothing else. */
    void clear() {
        sensitivities().forEach(Sensitivity::clear);
    }

    /** Forgets everything: all triplets are kept. */
    void reset() {
        clear();
        Arrays.fill(kept, true);
    }

    private List<Sensitivity> sensitivities() {
        return List.of(a, b, e);
    }

    /** Adds the averages, under PEFT's names for them, the mask, and the scores that it came from. */
    void addTo(Map<String, Tensor> state) {
        for (Sensitivity one : sensitivities()) {
            state.put(one.name() + MEANS, one.means());
            state.put(one.name() + UNCERTAINTIES, one.uncertainties());
        }
        Tensor mask = Tensor.zeros(kept.length);
        for (int i = 0; i < kept.length; i++) {
            mask.data()[i] = kept[i] ? 1 : 0;
        }
        state.put(path() + MASK, mask);
        state.put(path() + SCORES, Tensor.of(scores.clone(), scores.length));
    }

    /** Takes what {@link #addTo} gave. */
    void restore(Map<String, Tensor> state) {
        for (Sensitivity one : sensitivities()) {
            one.restore(saved(state, one.name() + MEANS), saved(state, one.name() + UNCERTAINTIES));
        }
        Tensor mask = saved(state, path() + MASK);
        for (int i = 0; i < kept.length; i++) {
            kept[i] = mask.get(i) == 1;
        }
        scores = saved(state, path() + SCORES).toArray();
    }

    static Tensor saved(Map<String, Tensor> state, String name) {
        return Objects.requireNonNull(state.get(name), name);
    }
}
