package dev.lorikeet.transformer.task;

import dev.lorikeet.tensor.CrossEntropy;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.CausalHead;
import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.Model;
import java.util.ArrayList;
import java.util.List;

/**
 * The token after each token of a text, with Hugging Face's {@code …ForCausalLM} in the files. A prediction is the
 * perplexity of a text: exp of the mean loss of its tokens but the first; NaN of a text of one token.
 */
public record CausalLanguageModel(int blockSize) implements LanguageTask<Double> {
    static final String KIND = "causal-language-model";

    /** @throws IllegalArgumentException if the block size is none */
    public CausalLanguageModel {
        LanguageTask.requireBlockSize(blockSize);
    }

    @Override
    public String kind() {
        return KIND;
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
        return CrossEntropy.counted(targets(example));
    }

    /** The class of the next row of the same sequence; the last row of each has none. */
    @Override
    public int[] targets(Encoded example) {
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

    @Override
    public int[] possible(Encoded example) {
        return targets(example);
    }

    @Override
    public List<Double> predictions(Model model, Tensor logits, List<Encoded> examples) {
        List<Double> all = new ArrayList<>(examples.size());
        int row = 0;
        for (Encoded example : examples) {
            Tensor own = logits.rows(row, row + example.tokens());
            all.add(Math.exp(CrossEntropy.forward(model.compute(), own, targets(example),
                    Tensor.zeros(example.tokens(), 2))));
            row += example.tokens();
        }
        return all;
    }
}
