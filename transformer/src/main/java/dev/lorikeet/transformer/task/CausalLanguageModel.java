package dev.lorikeet.transformer.task;

import dev.lorikeet.tensor.CrossEntropy;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.CausalHead;
import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The token after each token of a text, with Hugging Face's {@code …ForCausalLM} in the files: supervised fine-tuning.
 * Of completions and of talks, those tokens are learned that the model is to write, and only these get logits.
 *
 * <p>A completion or a talk is one example, however long: what is more than {@link #maxLength} is cut off the
 * {@link #side} and counted, but never what makes it an example, the last token before what is learned and the first
 * that is.
 *
 * <p>A prediction is the perplexity of what is learned: exp of its mean loss; NaN where nothing can be told.
 *
 * @param <X> an input
 * @param maxLength the most tokens of a completion or a talk; 0 for as many as the model reads
 */
public record CausalLanguageModel<X>(LanguageForm<X> form, LossOn lossOn, int maxLength, TruncationSide side,
        int blockSize) implements TextTask<X, Double> {
    static final String KIND = "causal-language-model";

    /** @throws IllegalArgumentException if the block size is none, or there is room for no token */
    public CausalLanguageModel {
        TextTask.requireBlockSize(blockSize);
        if (maxLength < 0 || maxLength == 1) {
            throw new IllegalArgumentException(
                    Tasks.MAX_LENGTH + ": must be at least 2, or 0 for none, not " + maxLength);
        }
    }

    /** Of texts. */
    public static CausalLanguageModel<String> ofTexts(int blockSize) {
        return new CausalLanguageModel<>(LanguageForm.TEXT, LossOn.ALL, 0, TruncationSide.RIGHT, blockSize);
    }

    /** Whether each token is learned, and has logits. */
    private boolean isWhole() {
        return form.equals(LanguageForm.TEXT);
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Map<String, Object> settings() {
        if (isWhole()) {
            return TextTask.super.settings();
        }
        Map<String, Object> settings = new LinkedHashMap<>(TextTask.super.settings());
        settings.put("input", form.name());
        settings.put("loss_on", lossOn.fileName());
        settings.put("truncation_side", side.fileName());
        if (maxLength > 0) {
            settings.put(Tasks.MAX_LENGTH, maxLength);
        }
        return settings;
    }

    @Override
    public Encoded encode(X input, @Nullable X target, Model model) {
        requireItself(input, target);
        return input instanceof String text ? text(text, target == null, model) : cut(form.read(input, model), model);
    }

    @Override
    public int most(Model model) {
        int most = model.backbone().maxTokens();
        most = maxLength > 0 ? Math.min(most, maxLength) : most;
        return blockSize > 0 ? Math.min(most, blockSize) : most;
    }

    private Encoded cut(LanguageForm.Written whole, Model model) {
        int[] ids = whole.encoding().ids();
        int[] classes = LanguageForm.classes(ids, whole.learned(), lossOn);
        int first = IntStream.range(1, ids.length).filter(i -> classes[i] != CrossEntropy.IGNORED).findFirst()
                .orElseThrow(() -> new InputException(KIND + ": the model writes nothing of it"));
        int over = Math.max(0, ids.length - most(model));
        int from = side == TruncationSide.LEFT ? Math.min(over, first - 1)
                : Math.max(0, first + 1 - (ids.length - over));
        int to = ids.length - (over - from);
        return Encoded.of(Arrays.copyOfRange(ids, from, to), over).classes(Arrays.copyOfRange(classes, from, to));
    }

    /** Its classes are its ids: they are compared with the row before. */
    @Override
    public Encoded piece(int[] ids, Model model) {
        return Encoded.of(ids, 0).classes(ids);
    }

    @Override
    public Encoded question(Encoded text, Model model) {
        return text.classes(text.ids());
    }

    /** That of the files. */
    @Override
    public Head head(Model model, long seed) {
        Head head = model.head();
        if (!(head instanceof CausalHead)) {
            throw new InputException(KIND + ": the model " + model.id() + " is a " + head.className()
                    + ", which has no head for that");
        }
        return head;
    }

    @Override
    public int count(Encoded example) {
        return CrossEntropy.counted(next(example));
    }

    /** The class of the next row of the same sequence; the last row of each has none. */
    private static int[] next(Encoded example) {
        int[] classes = example.classes();
        if (classes.length != example.tokens()) {
            throw new IllegalArgumentException(KIND + ": " + classes.length + " targets for " + example.tokens()
                    + " tokens");
        }
        int[] next = new int[classes.length];
        System.arraycopy(classes, 1, next, 0, classes.length - 1);
        for (int s = 1; s < example.offsets().length; s++) {
            next[example.offsets()[s] - 1] = CrossEntropy.IGNORED;
        }
        return next;
    }

    /** Of a text all, those that count for nothing too, of what is learned in part those that count. */
    @Override
    public int @Nullable [] rows(List<Encoded> examples) {
        if (isWhole()) {
            return null;
        }
        int[] rows = new int[examples.stream().mapToInt(this::count).sum()];
        int count = 0;
        int first = 0;
        for (Encoded example : examples) {
            int[] next = next(example);
            for (int i = 0; i < next.length; i++) {
                if (next[i] != CrossEntropy.IGNORED) {
                    rows[count++] = first + i;
                }
            }
            first += next.length;
        }
        return rows;
    }

    @Override
    public int[] targets(Encoded example) {
        int[] next = next(example);
        return isWhole() ? next : Arrays.stream(next).filter(target -> target != CrossEntropy.IGNORED).toArray();
    }

    @Override
    public int[] possible(Encoded example) {
        return targets(example);
    }

    @Override
    public List<Double> predictions(Model model, Tensor logits, List<Encoded> examples) {
        return perplexities(model.compute(), logits, examples);
    }
}
