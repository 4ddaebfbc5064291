package dev.lorikeet.transformer.generation;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.constraint.Constraint;
import dev.lorikeet.transformer.primitive.IntList;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One token after the other: the most probable one, or one that is drawn. */
final class TokenSearch extends Search {
    private static final int[] SAME = {0};

    private final Prompt prompt;
    private final IntList ids;
    private final int begin;
    private final int maxLength;
    private final boolean sample;
    /** Of the random numbers, of which number i draws token i. */
    private final long key;
    private final SpecialTokens special;
    private final LogitsProcessors processors;
    private final ToldText told;
    private final float[] scores;
    private final @Nullable Constraint constraint;
    private int place; // of the constraint
    private String text = "";
    private @Nullable FinishReason finish;

    /**
     * A search that has read nothing yet.
     *
     * @param begun the tokens before the first new one
     * @param maxLength how many there may be at most, with those
     * @param number of the text, of those for one prompt
     * @param constraint of the text, null for none
     */
    TokenSearch(Compute compute, Prompt prompt, int[] begun, int maxLength, GenerationSettings settings,
            SpecialTokens special, @Nullable Tokenizer tokenizer, int vocabulary, int number,
            @Nullable Constraint constraint) {
        this.prompt = prompt;
        this.ids = IntList.of(begun);
        this.begin = begun.length;
        this.maxLength = maxLength;
        this.sample = settings.doSample();
        this.key = Random.key(settings.seed(), number,
                Random.key(0, Arrays.stream(prompt.ids()).asLongStream().toArray()));
        this.special = special;
        this.processors = new LogitsProcessors(compute, settings, constraint == null ? special : special.unforced(),
                begin, maxLength, vocabulary);
        this.told = new ToldText(tokenizer, settings.stopStrings());
        this.scores = new float[vocabulary];
        this.constraint = constraint;
        this.place = constraint == null ? 0 : constraint.start();
    }

    @Override
    int rows() {
        return 1;
    }

    @Override
    int maxLength() {
        return maxLength;
    }

    @Override
    int active() {
        return 1;
    }

    @Override
    int next(int row) {
        return ids.last();
    }

    @Override
    int[] parents() {
        return SAME;
    }

    @Override
    void choose(Tensor logits, int first) {
        System.arraycopy(logits.data(), logits.offset() + first * scores.length, scores, 0, scores.length);
        if (constraint != null) {
            allow(constraint);
        }
        processors.process(ids, scores);
        int token = sample ? drawn() : largest();
        if (!(scores[token] > Float.NEGATIVE_INFINITY)) {
            throw new ArithmeticException("generation: no token is possible, the logits are not finite");
        }
        ids.add(token);
        boolean end = special.isEnd(token);
        text = end ? "" : told.append(token);
        if (end || told.stopped() || constraint != null && follow(constraint, token)) {
            finish = FinishReason.STOP;
        } else if (ids.size() >= maxLength) {
            finish = FinishReason.LENGTH;
        }
        if (finish != null) {
            text += told.end();
        }
    }

    /** Leaves the tokens that may come, and the end where the text may end. */
    private void allow(Constraint form) {
        BitSet allowed = form.allowed(place);
        boolean mayEnd = form.mayEnd(place) || form.mustEnd(place);
        for (int token = 0; token < scores.length; token++) {
            if (!allowed.get(token) && !(mayEnd && special.isEnd(token))) {
                scores[token] = Float.NEGATIVE_INFINITY;
            }
        }
    }

    /** Goes on behind a token; returns whether nothing may come any more. */
    private boolean follow(Constraint form, int token) {
        place = form.next(place, token);
        return form.mustEnd(place);
    }

    private int largest() {
        int largest = 0;
        for (int i = 1; i < scores.length; i++) {
            largest = scores[i] > scores[largest] ? i : largest;
        }
        return largest;
    }

    private int drawn() {
        float[] probabilities = processors.softmax(scores);
        double total = 0;
        for (float probability : probabilities) {
            total += probability;
        }
        if (!(total > 0)) {
            throw new ArithmeticException("generation: no token is possible, the logits are not finite");
        }
        double rest = (Random.bits(key, ids.size() - begin) >>> 11) * 0x1p-53 * total;
        int last = 0;
        for (int i = 0; i < probabilities.length; i++) {
            if (probabilities[i] > 0) {
                last = i;
                rest -= probabilities[i];
                if (rest < 0) {
                    return i;
                }
            }
        }
        return last;
    }

    @Override
    boolean isKept() {
        return true;
    }

    @Override
    int[] first(int count) {
        return ids.stream().limit(count).toArray();
    }

    @Override
    boolean tellNewest(int number, GenerationListener listener) {
        return listener.onToken(number, next(0), text);
    }

    @Override
    boolean done() {
        return finish != null;
    }

    @Override
    void cancel() {
        finish = FinishReason.CANCELLED;
    }

    @Override
    List<Generation> generations() {
        return List.of(new Generation(prompt, ids.stream().skip(begin).toArray(), told.text(),
                Objects.requireNonNull(finish), null));
    }
}
