package dev.lorikeet.transformer.generation;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Softmax;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.primitive.IntList;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The most probable texts of a few that are written side by side. Source: transformers' {@code _beam_search}, with its
 * order of additions in float32, so that ties fall alike; what it expresses as a score of -1e9 is the same number here.
 */
final class BeamSearch extends Search {
    private static final float OUT = -1e9f;

    private final Compute compute;
    private final Prompt prompt;
    private final GenerationSettings settings;
    private final SpecialTokens special;
    private final @Nullable Tokenizer tokenizer;
    private final LogitsProcessors processors;
    private final int begin;
    private final int maxLength;
    private final int beams;
    private final int vocabulary;
    private final float[] scores;
    private List<Beam> running;
    private List<Beam> finished;
    /** Whether running beams may still become better than the finished ones. */
    private boolean hopeful = true;
    private int[] parents = {0};
    private boolean done;
    private boolean cancelled;

    /**
     * A text so far.
     *
     * @param parent the number of the beam that it goes on with
     * @param whole whether it is at its end
     */
    private record Beam(IntList ids, float score, int parent, boolean whole) {
        Beam scored(float other) {
            return new Beam(ids, other, parent, whole);
        }
    }

    /** As {@link TokenSearch}'s. */
    BeamSearch(Compute compute, Prompt prompt, int[] begun, int maxLength, GenerationSettings settings,
            SpecialTokens special, @Nullable Tokenizer tokenizer, int vocabulary) {
        this.compute = compute;
        this.prompt = prompt;
        this.settings = settings;
        this.special = special;
        this.tokenizer = tokenizer;
        this.processors = new LogitsProcessors(compute, settings, special, begun.length, maxLength, vocabulary);
        this.begin = begun.length;
        this.maxLength = maxLength;
        this.beams = settings.numBeams();
        this.vocabulary = vocabulary;
        this.scores = new float[vocabulary];
        IntList ids = IntList.of(begun);
        this.running = List.of(new Beam(ids, 0f, 0, false));
        this.finished = new ArrayList<>();
        for (int i = 0; i < beams; i++) {
            finished.add(new Beam(ids, OUT, 0, false));
        }
    }

    @Override
    int rows() {
        return beams;
    }

    @Override
    int maxLength() {
        return maxLength;
    }

    @Override
    int active() {
        return running.size();
    }

    @Override
    int next(int row) {
        return running.get(row).ids.last();
    }

    @Override
    int[] parents() {
        return parents;
    }

    @Override
    void choose(Tensor logits, int first) {
        List<Beam> candidates = candidates(logits, first);
        int length = candidates.getFirst().ids.size() - begin;
        running = next(candidates);
        parents = running.stream().mapToInt(Beam::parent).toArray();
        finished = finished(candidates, (float) StrictMath.pow(length, settings.lengthPenalty()));
        boolean full = finished.stream().allMatch(Beam::whole);
        boolean atMost = settings.earlyStopping() == EarlyStopping.NEVER && settings.lengthPenalty() > 0;
        float best = running.getFirst().score
                / (float) StrictMath.pow(atMost ? maxLength - begin : length, settings.lengthPenalty());
        float worst = full ? (float) finished.stream().mapToDouble(Beam::score).min().orElse(OUT) : OUT;
        hopeful &= best > worst;
        done = !hopeful || full && settings.earlyStopping() == EarlyStopping.TRUE
                || candidates.stream().allMatch(Beam::whole);
    }

    /** The most probable continuations of all beams: enough of them that some go on if all others end. */
    private List<Beam> candidates(Tensor logits, int first) {
        Largest largest = new Largest(Math.max(2, 1 + special.ends().size()) * beams);
        for (int beam = 0; beam < running.size(); beam++) {
            Tensor row = logits.rows(first + beam, first + beam + 1);
            Softmax.logForward(compute, row, Tensor.of(scores, 1, vocabulary));
            processors.process(running.get(beam).ids, scores);
            float before = running.get(beam).score;
            for (int token = 0; token < vocabulary; token++) {
                largest.add(scores[token] + before, (long) beam * vocabulary + token);
            }
        }
        List<Beam> candidates = new ArrayList<>();
        for (int i = 0; i < largest.count(); i++) {
            int beam = (int) (largest.key(i) / vocabulary);
            int token = (int) (largest.key(i) % vocabulary);
            IntList ids = running.get(beam).ids.with(token);
            candidates.add(new Beam(ids, largest.value(i), beam, special.isEnd(token) || ids.size() >= maxLength));
        }
        return candidates;
    }

    private List<Beam> next(List<Beam> candidates) {
        return best(candidates.stream().map(beam -> beam.whole ? beam.scored(beam.score + OUT) : beam).toList());
    }

    /** Those before with the candidates that end among the first, as far as they may still come in. */
    private List<Beam> finished(List<Beam> candidates, float length) {
        boolean closed = settings.earlyStopping() == EarlyStopping.TRUE && finished.stream().allMatch(Beam::whole);
        List<Beam> all = new ArrayList<>(finished);
        for (int i = 0; i < candidates.size(); i++) {
            Beam beam = candidates.get(i);
            boolean ends = beam.whole && i < beams;
            float score = beam.score / length;
            score += closed ? OUT : 0f;
            score += hopeful ? 0f : OUT;
            score += ends ? 0f : OUT;
            all.add(new Beam(beam.ids, score, beam.parent, ends));
        }
        return best(all);
    }

    private List<Beam> best(List<Beam> all) {
        Largest largest = new Largest(beams);
        for (int i = 0; i < all.size(); i++) {
            largest.add(all.get(i).score, i);
        }
        List<Beam> best = new ArrayList<>();
        for (int i = 0; i < largest.count(); i++) {
            best.add(all.get((int) largest.key(i)));
        }
        return best;
    }

    @Override
    boolean done() {
        return done;
    }

    @Override
    void cancel() {
        done = true;
        cancelled = true;
    }

    /** With the last token of each, by which a listener knows its text. */
    @Override
    void tellEnd(int number, GenerationListener listener) {
        for (Generation generation : generations()) {
            if (generation.ids().length > 0) {
                listener.onToken(number, generation.ids()[generation.ids().length - 1], generation.text());
            }
            listener.onEnd(number, generation);
        }
    }

    @Override
    List<Generation> generations() {
        List<Beam> best = cancelled ? running : finished;
        return best.stream().limit(settings.numReturnSequences()).map(this::generation).toList();
    }

    private Generation generation(Beam beam) {
        int[] ids = beam.ids.stream().skip(begin).toArray();
        boolean ended = ids.length > 0 && special.isEnd(ids[ids.length - 1]);
        String text = tokenizer == null ? "" : tokenizer.decode(ids, true);
        return new Generation(prompt, ids, text,
                cancelled ? FinishReason.CANCELLED : ended ? FinishReason.STOP : FinishReason.LENGTH, beam.score);
    }
}
