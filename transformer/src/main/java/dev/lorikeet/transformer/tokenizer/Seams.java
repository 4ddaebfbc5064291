package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.primitive.LongIntMap;
import java.util.function.IntPredicate;

/**
 * Cuts words where no merge reaches across: the tokens of the parts are those of the whole, and short parts come again,
 * so that they are remembered. Vocabularies that merge no spaces into the end of tokens have a seam before each word,
 * even where the file cuts a text nowhere.
 *
 * @param joined pairs of characters that some merge has side by side, the left one in the upper half
 * @param unknown whether a character is no token; unknown neighbours are one
 */
record Seams(LongIntMap joined, IntPredicate unknown) implements PreTokenizer {

    static Seams of(Bpe model) {
        LongIntMap joined = new LongIntMap(0);
        model.merges().ranks().keys().forEach(pair -> {
            String left = model.vocabulary().token((int) (pair >>> 32));
            String right = model.vocabulary().token((int) pair);
            if (left != null && right != null && !left.isEmpty() && !right.isEmpty()) {
                joined.put(Symbols.key(left.codePointBefore(left.length()), right.codePointAt(0)), 0);
            }
        });
        return new Seams(joined, model::isUnknown);
    }

    @Override
    public void split(NormalizedString text, int from, int to, Words words) {
        String chars = text.text();
        int start = from;
        int previous = -1;
        for (int i = from; i < to;) {
            int c = chars.codePointAt(i);
            if (previous >= 0 && !joined.contains(Symbols.key(previous, c))
                    && !(unknown.test(previous) && unknown.test(c))) {
                words.word(text, start, i);
                start = i;
            }
            previous = c;
            i += Character.charCount(c);
        }
        if (start < to) {
            words.word(text, start, to);
        }
    }
}
