package dev.lorikeet.transformer.metrics.text;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The scores of generated texts.
 *
 * @param texts how many
 * @param exact the share of texts that are one of their references, but for white space around them
 * @param bleu {@link Bleu}
 * @param nist {@link Nist}
 * @param meteor {@link Meteor}
 * @param rouge1 {@link Rouge} of single words
 * @param rouge2 of pairs of words
 * @param rougeL of the longest common subsequence
 * @param cider {@link Cider}
 * @param chrf {@link ChrF}
 */
public record TextScores(int texts, double exact, double bleu, double nist, double meteor, double rouge1,
        double rouge2, double rougeL, double cider, double chrf) {

    /**
     * All scores. BLEU, NIST, CIDEr and METEOR are of {@link Words#mteval} words, in small letters but for BLEU, which
     * tells capitals apart as sacreBLEU does.
     *
     * @throws IllegalArgumentException without a text
     */
    public static TextScores of(List<Generated> texts) {
        if (texts.isEmpty()) {
            throw new IllegalArgumentException("text scores: at least one text is expected");
        }
        List<Worded> words = texts.stream().map(each -> Worded.of(each, Words::mteval)).toList();
        List<Worded> small = texts.stream().map(each -> Worded.of(each,
                text -> Words.mteval(text.toLowerCase(Locale.ROOT)))).toList();
        Rouge rouge = Rouge.of(texts.stream().map(each -> Worded.of(each, Words::rouge)).toList());
        double exact = texts.stream().filter(each -> each.references().stream()
                .anyMatch(reference -> reference.strip().equals(each.answer().strip()))).count();
        return new TextScores(texts.size(), exact / texts.size(), Bleu.of(words), Nist.of(small), Meteor.of(small),
                rouge.one(), rouge.two(), rouge.longest(), Cider.of(small), ChrF.of(texts));
    }

    /** All scores by the names that Hugging Face's evaluate has for them, {@code rougeL} for example. */
    public Map<String, Double> byName() {
        Map<String, Double> named = new LinkedHashMap<>();
        named.put("exact_match", exact);
        named.put("bleu", bleu);
        named.put("chrf", chrf);
        named.put("rouge1", rouge1);
        named.put("rouge2", rouge2);
        named.put("rougeL", rougeL);
        named.put("meteor", meteor);
        named.put("nist", nist);
        named.put("cider", cider);
        return named;
    }
}
