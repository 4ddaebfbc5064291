package dev.lorikeet.transformer.generation;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Softmax;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.primitive.IntList;
import java.util.Arrays;

/**
 * What becomes of the scores of all tokens before one is chosen: transformers' logits processors, in its order. A token
 * that cannot be chosen has -∞. Belongs to one thread.
 *
 * <p>Sources: repetition penalty, Keskar et al. 2019, section 4.1; n-grams, Paulus et al. 2018, section 2.5; top-k, Fan
 * et al. 2018; top-p, Holtzman et al. 2020; min-p, Nguyen et al. 2024.
 */
final class LogitsProcessors {
    private static final float NEVER = Float.NEGATIVE_INFINITY;

    private final Compute compute;
    private final GenerationSettings settings;
    private final SpecialTokens special;
    /** How many tokens are there before the first new one. */
    private final int begin;
    /** How many tokens there are at most, with those. */
    private final int maxLength;
    private final float[] probabilities;
    private long[] order = {};

    LogitsProcessors(Compute compute, GenerationSettings settings, SpecialTokens special, int begin, int maxLength,
            int vocabulary) {
        this.compute = compute;
        this.settings = settings;
        this.special = special;
        this.begin = begin;
        this.maxLength = maxLength;
        this.probabilities = new float[vocabulary];
    }

    /**
     * Changes scores as the settings want.
     *
     * @param ids all tokens so far
     * @param scores (vocabulary), logits or log-probabilities
     */
    void process(IntList ids, float[] scores) {
        penalise(ids, scores);
        forbidRepeated(ids, scores);
        if (ids.size() - begin < settings.minNewTokens()) {
            special.ends().forEach(end -> scores[end] = NEVER);
        }
        int[] forced = special.forced(ids.size(), maxLength);
        if (forced.length > 0) {
            Arrays.fill(scores, NEVER);
            Arrays.stream(forced).forEach(token -> scores[token] = 0f);
        }
        if (settings.doSample()) {
            filter(scores);
        }
    }

    private void penalise(IntList ids, float[] scores) {
        float penalty = (float) settings.repetitionPenalty();
        if (penalty == 1) {
            return;
        }
        // a token that comes twice is penalised once: the second time its score is no longer what it was
        Arrays.fill(probabilities, 0f);
        for (int i = 0; i < ids.size(); i++) {
            int token = ids.get(i);
            if (token < scores.length && probabilities[token] == 0f) {
                probabilities[token] = 1f;
                scores[token] = scores[token] < 0 ? scores[token] * penalty : scores[token] / penalty;
            }
        }
    }

    /** Where the last tokens were before, what came behind them then. */
    private void forbidRepeated(IntList ids, float[] scores) {
        int size = settings.noRepeatNgramSize();
        int count = ids.size();
        if (size == 0 || count < size) {
            return;
        }
        for (int from = 0; from + size <= count; from++) {
            boolean same = true;
            for (int i = 0; i < size - 1 && same; i++) {
                same = ids.get(from + i) == ids.get(count - size + 1 + i);
            }
            int token = ids.get(from + size - 1);
            if (same && token < scores.length) {
                scores[token] = NEVER;
            }
        }
    }

    private void filter(float[] scores) {
        float temperature = (float) settings.temperature();
        if (temperature != 1) {
            for (int i = 0; i < scores.length; i++) {
                scores[i] /= temperature;
            }
        }
        int k = settings.topK();
        if (k > 0 && k < scores.length) {
            float least = Largest.of(k, scores);
            forbid(scores, scores, least);
        }
        if (settings.topP() < 1) {
            nucleus(scores);
        }
        if (settings.minP() > 0) {
            softmax(scores);
            float most = 0;
            for (float probability : probabilities) {
                most = Math.max(most, probability);
            }
            forbid(scores, probabilities, (float) settings.minP() * most);
        }
    }

    private static void forbid(float[] scores, float[] by, float least) {
        for (int i = 0; i < scores.length; i++) {
            if (by[i] < least) {
                scores[i] = NEVER;
            }
        }
    }

    /** Forbids the least probable tokens, as long as their probabilities sum up to no more than 1 - p; never all. */
    private void nucleus(float[] scores) {
        softmax(scores);
        if (order.length < scores.length) {
            order = new long[scores.length];
        }
        int count = 0;
        for (int i = 0; i < scores.length; i++) {
            if (scores[i] > NEVER) {
                order[count++] = (long) Float.floatToIntBits(probabilities[i]) << Integer.SIZE | i; // none is negative
            }
        }
        Arrays.sort(order, 0, count);
        float rest = (float) (1 - settings.topP());
        double sum = 0;
        for (int i = 0; i < count - 1; i++) {
            int token = (int) order[i];
            sum += probabilities[token];
            if ((float) sum > rest) {
                return;
            }
            scores[token] = NEVER;
        }
    }

    /** Probabilities of scores. */
    float[] softmax(float[] scores) {
        Softmax.forward(compute, Tensor.of(scores, scores.length), Tensor.of(probabilities, scores.length));
        return probabilities;
    }
}
