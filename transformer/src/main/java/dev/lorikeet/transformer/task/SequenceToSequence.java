package dev.lorikeet.transformer.task;

import dev.lorikeet.tensor.CrossEntropy;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.EncoderDecoder;
import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.SequenceToSequenceHead;
import dev.lorikeet.transformer.tokenizer.Encoding;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A text for a text, such as its summary or its translation, with Hugging Face's {@code …ForConditionalGeneration} in
 * the files: an encoder reads the prompt, and a decoder learns each token of the completion from those before it. Both
 * have the special tokens of the tokenizer, and the completion its end; the decoder begins with
 * {@code decoder_start_token_id}.
 *
 * <p>An {@link Encoded} has two sequences, what the encoder reads and what the decoder does, and a class for each token
 * of the second. A prediction is the perplexity of the completion.
 *
 * @param maxLength the most tokens of each of the two; 0 for as many as the model reads
 */
public record SequenceToSequence(int maxLength) implements LanguageTask<Completion, Double> {
    static final String KIND = "sequence-to-sequence";

    /** @throws IllegalArgumentException if there is room for no token */
    public SequenceToSequence {
        if (maxLength < 0 || maxLength == 1) {
            throw new IllegalArgumentException(
                    Tasks.MAX_LENGTH + ": must be at least 2, or 0 for none, not " + maxLength);
        }
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Map<String, Object> settings() {
        return maxLength == 0 ? Map.of() : Map.of(Tasks.MAX_LENGTH, maxLength);
    }

    /** Of a prompt, and of a completion. */
    @Override
    public int most(Model model) {
        int most = model.backbone().maxTokens();
        return maxLength > 0 ? Math.min(most, maxLength) : most;
    }

    @Override
    public Encoded encode(Completion input, @Nullable Completion target, Model model) {
        requireItself(input, target);
        int most = most(model);
        Encoding prompt = model.tokenizer().encode(input.prompt(), most);
        Encoding completion = model.tokenizer().encode(input.completion(), most);
        if (prompt.ids().length == 0 || completion.ids().length == 0) {
            throw new InputException(KIND + ": a text without tokens");
        }
        return encoded(prompt.ids(), ended(completion.ids(), most, model), prompt.truncated() + completion.truncated(),
                model);
    }

    /** With the token that ends a text, where the tokenizer does not write it: else no end would be learned. */
    private static int[] ended(int[] ids, int most, Model model) {
        String end = model.endToken();
        Integer id = end == null ? null : model.tokenizer().idOf(end);
        if (id == null || ids[ids.length - 1] == id) {
            return ids;
        }
        int length = Math.min(ids.length, most - 1);
        int[] ended = Arrays.copyOf(ids, length + 1);
        ended[length] = id;
        return ended;
    }

    /**
     * An example of tokens.
     *
     * @param targets all that the decoder is to write, its end included
     * @param truncated how many more there were
     */
    static Encoded encoded(int[] prompt, int[] targets, int truncated, Model model) {
        int[] read = new int[targets.length];
        read[0] = model.decoderStart();
        System.arraycopy(targets, 0, read, 1, targets.length - 1);
        return Encoded.of(List.of(Encoded.of(prompt, truncated), Encoded.of(read, 0))).classes(targets);
    }

    @Override
    public boolean isForEncoderDecoder() {
        return true;
    }

    /** That of the files. */
    @Override
    public Head head(Model model, long seed) {
        if (!(model.backbone() instanceof EncoderDecoder)) {
            throw new InputException(
                    KIND + ": the model " + model.id() + " is no encoder with a decoder, as T5 and BART "
                            + "are");
        }
        Head head = model.head();
        if (!(head instanceof SequenceToSequenceHead)) {
            throw new InputException(KIND + ": the model " + model.id() + " is a " + head.className()
                    + ", which has no head for that");
        }
        return head;
    }

    @Override
    public int count(Encoded example) {
        return CrossEntropy.counted(example.classes());
    }

    @Override
    public int[] targets(Encoded example) {
        return example.classes();
    }

    @Override
    public int[] possible(Encoded example) {
        return example.classes();
    }

    @Override
    public List<Double> predictions(Model model, Tensor logits, List<Encoded> examples) {
        return perplexities(model.compute(), logits, examples);
    }
}
