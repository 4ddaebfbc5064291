package dev.lorikeet.transformer.task;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.model.EmbeddingHead;
import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.Model;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A vector of each text, near those of texts that mean the same (Reimers and Gurevych 2019). An input is the texts of
 * an example, as many as the {@link EmbeddingLoss} compares; a target is their score, or {@link #NO_SCORE} where the
 * loss has none. A prediction is the embedding of each text of an input, which may then have any number of them;
 * {@link Embedder} is the short way to those.
 *
 * @param normalize whether embeddings are scaled to a length of 1
 */
public record SentenceEmbedding(EmbeddingHead.Pooling pooling, boolean normalize, EmbeddingLoss loss)
        implements
            Task<List<String>, Float, float[][]> {
    static final String KIND = "sentence-embedding";

    /** The target of an example of a loss without scores. */
    public static final Float NO_SCORE = Float.NaN;

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>(loss.settings());
        settings.put("loss", loss.fileName());
        settings.put("pooling", pooling.fileName());
        settings.put("normalize", normalize);
        return settings;
    }

    @Override
    public Encoded encode(List<String> texts, @Nullable Float score, Model model) {
        if (texts.isEmpty()) {
            throw new IllegalArgumentException("embedding: an example without a text");
        }
        Encoded encoded = Encoded.of(texts.stream().map(text -> Reading.TEXT.encode(text, model)).toList());
        return score == null ? encoded : withScore(encoded, score);
    }

    private Encoded withScore(Encoded encoded, float score) {
        requireTexts(encoded.sequences());
        if (loss.isScored() == Float.isNaN(score)) {
            throw new IllegalArgumentException("embedding: an example " + (loss.isScored() ? "without a score"
                    : "with the score " + score) + ", " + loss.fileName() + " needs "
                    + (loss.isScored() ? "one" : "none"));
        }
        loss.requireScore(score);
        return loss.isScored() ? encoded.numbers(score) : encoded;
    }

    private void requireTexts(int texts) {
        if (texts < loss.fewestTexts() || texts > loss.mostTexts()) {
            throw new IllegalArgumentException("embedding: " + texts + " texts of an example, " + loss.fileName()
                    + " compares " + (loss.mostTexts() == Integer.MAX_VALUE ? "at least " : "") + loss.fewestTexts());
        }
    }

    @Override
    public Head head(Model model, long seed) {
        model.tokenizer(); // what reads texts is not loaded without
        return new EmbeddingHead(pooling, normalize);
    }

    @Override
    public int count(Encoded example) {
        return 1;
    }

    /**
     * The loss of embeddings; of {@link EmbeddingLoss.MultipleNegativesRanking} it depends on which examples are
     * computed together.
     *
     * @param embeddings (texts, hidden)
     */
    @Override
    public Variable loss(Tape tape, Variable embeddings, List<Encoded> examples, double over) {
        for (Encoded example : examples) {
            requireTexts(example.sequences());
            if (example.numbers().length != (loss.isScored() ? 1 : 0)) {
                throw new IllegalArgumentException("embedding: " + example.numbers().length + " scores of an example, "
                        + loss.fileName() + " needs " + (loss.isScored() ? "one" : "none"));
            }
        }
        return loss.loss(tape, embeddings, examples, over);
    }

    /** @param embeddings (texts, hidden) */
    @Override
    public List<float[][]> predictions(Model model, Tensor embeddings, List<Encoded> examples) {
        List<float[][]> all = new ArrayList<>(examples.size());
        int row = 0;
        for (Encoded example : examples) {
            float[][] own = new float[example.sequences()][];
            for (int i = 0; i < own.length; i++) {
                own[i] = embeddings.rows(row, ++row).toArray();
            }
            all.add(own);
        }
        return all;
    }

    /** Correlations of the cosine where there are scores, else how well anchors find their positives. */
    @Override
    public Meter meter() {
        return loss.isScored() ? new CosineMeter() : new RetrievalMeter();
    }
}
