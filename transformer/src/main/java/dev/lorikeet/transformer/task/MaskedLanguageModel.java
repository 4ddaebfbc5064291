package dev.lorikeet.transformer.task;

import dev.lorikeet.tensor.CrossEntropy;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Softmax;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.MaskedHead;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The tokens behind masks (Devlin et al. 2018, section 3.1 and appendix A.2), with Hugging Face's {@code …ForMaskedLM}:
 * the head of the files, or a new one, tied to the table of the words. Each time that an example is seen,
 * {@value #CHOSEN} of its tokens are chosen anew, at least one and never special tokens; of those, {@value #MASKED}
 * become the mask, {@value #RANDOM} a random token, and the rest stays. Only they get logits.
 *
 * <p>A prediction is, for each mask in a text, the {@value #ANSWERS} most probable tokens.
 */
public record MaskedLanguageModel(int blockSize) implements TextTask<String, List<List<Prediction>>> {
    static final String KIND = "masked-language-model";
    private static final String CLASS = "ForMaskedLM";
    private static final double CHOSEN = 0.15;
    private static final double MASKED = 0.8;
    private static final double RANDOM = 0.1;
    private static final int ANSWERS = 100;

    /** @throws IllegalArgumentException if the block size is none */
    public MaskedLanguageModel {
        TextTask.requireBlockSize(blockSize);
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Head head(Model model, long seed) {
        return model.hasHead() && model.head() instanceof MaskedHead head ? head : model.newHead(CLASS, null, seed);
    }

    @Override
    public Encoded encode(String input, @Nullable String target, Model model) {
        requireItself(input, target);
        return text(input, target == null, model);
    }

    /** Its places are those that may be chosen; its classes are not there before they are. */
    @Override
    public Encoded piece(int[] ids, Model model) {
        Tokenizer tokenizer = model.tokenizer();
        return Encoded.of(ids, 0).places(IntStream.range(0, ids.length).filter(i -> !tokenizer.isSpecial(ids[i]))
                .toArray());
    }

    /** @throws InputException if there is no mask */
    @Override
    public Encoded question(Encoded text, Model model) {
        int mask = model.tokenizer().maskId();
        int[] places = IntStream.range(0, text.tokens()).filter(i -> text.ids()[i] == mask).toArray();
        if (places.length == 0) {
            throw new InputException(KIND + ": there is no " + model.tokenizer().token(mask) + " in the text"
                    + (text.truncated() > 0 ? " up to token " + text.tokens() + ", where the model stops" : ""));
        }
        return text.places(places);
    }

    /** How many of so many tokens are chosen. */
    private static int chosen(int tokens) {
        return tokens == 0 ? 0 : Math.max(1, (int) Math.round(CHOSEN * tokens));
    }

    private static boolean isDrawn(Encoded example) {
        int[] places = example.places();
        return places == null || places.length == example.classes().length;
    }

    @Override
    public Encoded drawn(Encoded example, Model model, long key) {
        int[] places = example.places();
        if (places == null || isDrawn(example)) {
            return example;
        }
        int[] own = Arrays.stream(Random.permutation(places.length, key)).limit(chosen(places.length))
                .map(i -> places[i]).sorted().toArray();
        int[] ids = example.ids().clone();
        long draws = Random.key(key, KIND);
        for (int i = 0; i < own.length; i++) {
            double draw = Random.uniform(draws, 2L * i);
            if (draw < MASKED) {
                ids[own[i]] = model.tokenizer().maskId();
            } else if (draw < MASKED + RANDOM) {
                ids[own[i]] = Math.floorMod(Random.bits(draws, 2L * i + 1), model.tokenizer().vocabularySize());
            }
        }
        return example.ids(ids).places(own).classes(Arrays.stream(own).map(i -> example.ids()[i]).toArray());
    }

    /** How many targets there are, or will be once they are drawn. */
    @Override
    public int count(Encoded example) {
        return isDrawn(example) ? targets(example).length : chosen(places(example).length);
    }

    /** Where the masks are, or what has a class of its own. */
    private static int[] places(Encoded example) {
        int[] places = example.places();
        return places != null ? places
                : IntStream.range(0, example.classes().length)
                        .filter(i -> example.classes()[i] != CrossEntropy.IGNORED).toArray();
    }

    @Override
    public int[] rows(List<Encoded> examples) {
        int[] rows = new int[examples.stream().mapToInt(example -> places(example).length).sum()];
        int next = 0;
        int first = 0;
        for (Encoded example : examples) {
            for (int place : places(example)) {
                rows[next++] = first + place;
            }
            first += example.tokens();
        }
        return rows;
    }

    @Override
    public int[] targets(Encoded example) {
        if (!isDrawn(example) || example.places() == null && example.classes().length != example.tokens()) {
            throw new IllegalArgumentException(KIND + ": " + example.classes().length + " targets for "
                    + (example.places() == null ? example.tokens() + " tokens" : "tokens that are not drawn yet"));
        }
        return example.places() != null ? example.classes()
                : Arrays.stream(example.classes()).filter(target -> target != CrossEntropy.IGNORED).toArray();
    }

    @Override
    public int[] possible(Encoded example) {
        return isDrawn(example) ? targets(example)
                : Arrays.stream(places(example)).map(place -> example.ids()[place]).toArray();
    }

    @Override
    public List<List<List<Prediction>>> predictions(Model model, Tensor logits, List<Encoded> examples) {
        Tensor probabilities = Tensor.zeros(logits.shape());
        Softmax.forward(model.compute(), logits, probabilities);
        List<List<List<Prediction>>> all = new ArrayList<>(examples.size());
        int row = 0;
        for (Encoded example : examples) {
            List<List<Prediction>> own = new ArrayList<>();
            for (int i = 0; i < places(example).length; i++) {
                own.add(answers(probabilities, row++, model.tokenizer()));
            }
            all.add(own);
        }
        return all;
    }

    private static List<Prediction> answers(Tensor probabilities, int row, Tokenizer tokenizer) {
        return IntStream.range(0, Math.min(probabilities.dim(1), tokenizer.vocabularySize())).boxed()
                .filter(id -> tokenizer.token(id) != null)
                .sorted(Comparator.comparing(id -> -probabilities.get(row, id))) // of equal ones the first first
                .limit(ANSWERS)
                .map(id -> new Prediction(Objects.requireNonNull(tokenizer.token(id)), probabilities.get(row, id)))
                .toList();
    }
}
