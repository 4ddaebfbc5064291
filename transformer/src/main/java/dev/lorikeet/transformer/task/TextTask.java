package dev.lorikeet.transformer.task;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.tokenizer.Encoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Tokens of running text. Nothing of a text is left out: one that is longer than a model reads is cut into pieces of
 * about the same length, which are read each by itself. With a {@linkplain #blockSize block size}, whole texts stand
 * together in one example, as many as there is room for; no token sees another text.
 *
 * @param <X> an input, for example a text
 * @param <P> a prediction
 */
public sealed interface TextTask<X, P> extends LanguageTask<X, P> permits MaskedLanguageModel, CausalLanguageModel {
    /** The most tokens of an example that has several texts; 0 where each text is one. */
    int blockSize();

    /** A sequence of tokens to learn from. */
    Encoded piece(int[] ids, Model model);

    /** What is asked about a text. */
    Encoded question(Encoded text, Model model);

    /** @throws IllegalArgumentException if it is no size of blocks */
    static void requireBlockSize(int blockSize) {
        if (blockSize < 0 || blockSize == 1) {
            throw new IllegalArgumentException("block_size: must be at least 2, or 0 for none, not " + blockSize);
        }
    }

    @Override
    default Map<String, Object> settings() {
        return blockSize() == 0 ? Map.of() : Map.of("block_size", blockSize());
    }

    /**
     * A text to learn from, all of it, or one to be asked about, as much of it as the model reads.
     *
     * @param asked whether it is one to be asked about
     */
    default Encoded text(String input, boolean asked, Model model) {
        int most = model.backbone().maxTokens();
        Encoding encoding = model.tokenizer().encode(input, asked ? most : Integer.MAX_VALUE);
        int[] ids = encoding.ids();
        if (ids.length == 0) {
            throw new InputException(kind() + ": a text without tokens");
        }
        if (asked) {
            return question(Encoded.of(ids, encoding.truncated()), model);
        }
        int count = Math.ceilDiv(ids.length, blockSize() == 0 ? most : Math.min(most, blockSize()));
        List<Encoded> pieces = new ArrayList<>(count);
        for (long i = 0; i < count; i++) {
            pieces.add(piece(Arrays.copyOfRange(ids, (int) (i * ids.length / count),
                    (int) ((i + 1) * ids.length / count)), model));
        }
        return Encoded.joined(pieces);
    }

    /** Blocks of whole texts, in their order; without a block size, each text and each piece of one alone. */
    @Override
    default List<Encoded> arranged(List<Encoded> encoded, Model model) {
        List<Encoded> all = new ArrayList<>();
        List<Encoded> block = new ArrayList<>();
        int tokens = 0;
        for (Encoded text : encoded) {
            for (Encoded piece : text.each()) {
                if (!block.isEmpty() && tokens + piece.tokens() > blockSize()) {
                    all.add(Encoded.joined(block));
                    block.clear();
                    tokens = 0;
                }
                block.add(piece);
                tokens += piece.tokens();
            }
        }
        if (!block.isEmpty()) {
            all.add(Encoded.joined(block));
        }
        return all;
    }
}
