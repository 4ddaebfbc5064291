package dev.lorikeet.transformer.task;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.data.TextPair;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.metrics.Answered;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.SpanHead;
import dev.lorikeet.transformer.tokenizer.Encoding;
import dev.lorikeet.transformer.tokenizer.Truncation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The part of a text that answers a question (Devlin et al. 2018, section 4.2 and 4.3), with Hugging Face's
 * {@code …ForQuestionAnswering}. An input is the question and the text; the model reads them together. A text that is
 * too long is read in windows that overlap, each with the question, as in transformers' {@code run_qa.py}; a window
 * without the whole answer has the first token as begin and end, and so has a text without an answer. The windows of an
 * example are learned together.
 *
 * <p>A prediction is the best answers, the best first.
 *
 * @param maxLength the most tokens of a window, if the model reads as many
 * @param docStride how many tokens of the text each further window has of the one before
 * @param maxAnswerLength the most tokens of an answer that is given
 * @param noAnswer whether a text may have no answer, as in SQuAD 2.0 (Rajpurkar et al. 2018)
 * @param nullThreshold there is none where its score is higher than the best answer's by more than this: {@code
 *     null_score_diff_threshold} of {@code run_qa.py}
 */
public record QuestionAnswering(int maxLength, int docStride, int maxAnswerLength, boolean noAnswer,
        double nullThreshold)
        implements
            Task<TextPair, Answers, List<AnswerSpan>> {
    static final String KIND = "question-answering";
    static final String DOC_STRIDE = "doc_stride";
    static final String MAX_ANSWER_LENGTH = "max_answer_length";
    static final String NO_ANSWER = "no_answer";
    static final String NULL_THRESHOLD = "null_score_diff_threshold";

    /** Those of {@code run_qa.py}. */
    public static final int USUAL_LENGTH = 384;
    public static final int USUAL_STRIDE = 128;
    public static final int USUAL_ANSWER = 30;

    private static final String CLASS = "ForQuestionAnswering";

    /** With the threshold 0: there is no answer where that is likelier than any. */
    public QuestionAnswering(int maxLength, int docStride, int maxAnswerLength, boolean noAnswer) {
        this(maxLength, docStride, maxAnswerLength, noAnswer, 0);
    }

    /**
     * @throws IllegalArgumentException if a length is none, the stride is no less than that of a window, or the
     *     threshold is not finite
     */
    public QuestionAnswering {
        if (maxLength < 2) {
            throw new IllegalArgumentException(Tasks.MAX_LENGTH + ": must be at least 2, not " + maxLength);
        }
        if (docStride < 0 || docStride >= maxLength) {
            throw new IllegalArgumentException(
                    DOC_STRIDE + ": must be from 0 to below " + Tasks.MAX_LENGTH + " " + maxLength
                            + ", not " + docStride);
        }
        if (maxAnswerLength < 1) {
            throw new IllegalArgumentException(MAX_ANSWER_LENGTH + ": must be at least 1, not " + maxAnswerLength);
        }
        if (!Double.isFinite(nullThreshold)) {
            throw new IllegalArgumentException(NULL_THRESHOLD + ": must be finite, not " + nullThreshold);
        }
    }

    /** This where a text may have no answer, by another threshold: what the model has learned stays the same. */
    public QuestionAnswering orNone(double threshold) {
        return new QuestionAnswering(maxLength, docStride, maxAnswerLength, true, threshold);
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put(Tasks.MAX_LENGTH, maxLength);
        settings.put(DOC_STRIDE, docStride);
        settings.put(MAX_ANSWER_LENGTH, maxAnswerLength);
        settings.put(NO_ANSWER, noAnswer);
        settings.put(NULL_THRESHOLD, nullThreshold);
        return settings;
    }

    /** The windows in which {@code model} reads an input, at least one. */
    public List<Encoding> windows(TextPair input, Model model) {
        String question = input.first().stripLeading(); // as run_qa.py: blanks there would take all of the room
        int most = Math.min(maxLength, model.backbone().maxTokens());
        Encoding whole = model.tokenizer().encode(question, input.second(), Integer.MAX_VALUE);
        if (whole.ids().length <= most) {
            return List.of(whole);
        }
        int room = most - besideTheText(whole);
        if (room < 1) {
            throw new InputException(KIND + ": the question " + Shown.value(question) + " has so many tokens that of "
                    + most + " none are left for the text");
        }
        return model.tokenizer().encodeParts(question, input.second(), new Truncation(most,
                Truncation.Strategy.ONLY_SECOND, Truncation.Side.RIGHT, Math.min(docStride, room - 1)));
    }

    /**
     * @throws InputException if the question leaves no room for its text, which is too long to be read whole; tells
     *     short questions by themselves
     */
    public void requireRoom(TextPair input, Model model) {
        Encoding alone = model.tokenizer().encode(input.first().stripLeading(), "", Integer.MAX_VALUE);
        if (besideTheText(alone) >= Math.min(maxLength, model.backbone().maxTokens())) {
            windows(input, model);
        }
    }

    private static int besideTheText(Encoding whole) {
        int beside = 0;
        for (int of : whole.textOf()) {
            beside += of == 1 ? 0 : 1;
        }
        return beside;
    }

    @Override
    public Encoded encode(TextPair input, @Nullable Answers target, Model model) {
        boolean segments = model.backbone().config().segments() > 1;
        List<Encoding> windows = windows(input, model);
        Encoded encoded = Encoded.of(windows.stream().map(window -> {
            Encoded own = Encoded.of(window.ids(), 0);
            return segments ? own.typeIds(window.typeIds()) : own;
        }).toList());
        int[] starts = new int[encoded.tokens()];
        int[] ends = new int[encoded.tokens()];
        int next = 0;
        for (Encoding window : windows) {
            for (int i = 0; i < window.ids().length; i++, next++) {
                boolean inside = window.textOf()[i] == 1;
                starts[next] = inside ? window.starts()[i] : -1;
                ends[next] = inside ? window.ends()[i] : -1;
            }
        }
        Passage passage = new Passage(input.second(), starts, ends, target == null ? List.of() : target.texts());
        Encoded asked = encoded.passage(passage);
        return target == null ? asked : asked.classes(bounds(asked, passage, target));
    }

    /** Begin and end of each window, one behind the other, counted from its first token. */
    private static int[] bounds(Encoded encoded, Passage passage, Answers target) {
        if (!target.within(passage.text()).equals(target.texts())) {
            throw new IllegalArgumentException(KIND + ": an answer does not stand where it is said to begin");
        }
        int[] bounds = new int[2 * encoded.sequences()];
        if (target.texts().isEmpty()) {
            return bounds;
        }
        int start = target.starts().getFirst();
        int end = start + target.texts().getFirst().length();
        for (int s = 0; s < encoded.sequences(); s++) {
            int from = encoded.offsets()[s];
            int first = from;
            int last = encoded.offsets()[s + 1] - 1;
            while (first < last && !passage.has(first)) {
                first++;
            }
            while (last > first && !passage.has(last)) {
                last--;
            }
            if (passage.has(first) && passage.starts()[first] <= start && passage.ends()[last] >= end) {
                int begin = first;
                while (begin < last && passage.starts()[begin + 1] <= start) {
                    begin++;
                }
                int close = last;
                while (close > first && passage.ends()[close - 1] >= end) {
                    close--;
                }
                bounds[2 * s] = begin - from;
                bounds[2 * s + 1] = close - from;
            }
        }
        return bounds;
    }

    @Override
    public Head head(Model model, long seed) {
        model.tokenizer(); // what reads texts is not loaded without
        return model.hasHead() && model.head() instanceof SpanHead head ? head : model.newHead(CLASS, null, seed);
    }

    /** How many windows there are. */
    @Override
    public int count(Encoded example) {
        return example.sequences();
    }

    /** Of each window the mean of the cross-entropies of begin and end over its tokens. */
    @Override
    public Variable loss(Tape tape, Variable logits, List<Encoded> examples, double over) {
        Variable[] losses = new Variable[2 * examples.stream().mapToInt(Encoded::sequences).sum()];
        int next = 0;
        int first = 0;
        for (Encoded example : examples) {
            if (example.classes().length != 2 * example.sequences()) {
                throw new IllegalArgumentException(KIND + ": " + example.classes().length + " begins and ends of "
                        + example.sequences() + " windows");
            }
            for (int s = 0; s < example.sequences(); s++) {
                int from = first + example.offsets()[s];
                int to = first + example.offsets()[s + 1];
                Variable window = ShapeOps.slice(tape, logits, 0, from, to);
                for (int bound = 0; bound < 2; bound++) {
                    Variable scores = ShapeOps.reshape(tape, ShapeOps.slice(tape, window, 1, bound, bound + 1), 1,
                            to - from);
                    losses[next++] = Losses.crossEntropy(tape, scores, new int[] {example.classes()[2 * s + bound]},
                            0f, 2 * over);
                }
            }
            first += example.tokens();
        }
        Variable sum = losses[0];
        for (int i = 1; i < losses.length; i++) {
            sum = ElementOps.add(tape, sum, losses[i]);
        }
        return sum;
    }

    @Override
    public List<List<AnswerSpan>> predictions(Model model, Tensor logits, List<Encoded> examples) {
        SpanSearch search = search();
        List<List<AnswerSpan>> all = new ArrayList<>(examples.size());
        int first = 0;
        for (Encoded example : examples) {
            all.add(search.best(logits, first, example).answers());
            first += example.tokens();
        }
        return all;
    }

    private SpanSearch search() {
        return new SpanSearch(maxAnswerLength, noAnswer, nullThreshold);
    }

    /** F1 of the words, and how many answers are right to the letter, as SQuAD's own script tells. */
    @Override
    public Meter meter() {
        SpanSearch search = search();
        List<List<String>> actual = new ArrayList<>();
        List<String> said = new ArrayList<>();
        List<String> found = new ArrayList<>();
        List<Float> nullScores = new ArrayList<>();
        return new Meter() {
            @Override
            public void add(Tensor logits, List<Encoded> examples) {
                int first = 0;
                for (Encoded example : examples) {
                    actual.add(Objects.requireNonNull(example.passage()).answers());
                    SpanSearch.Result best = search.best(logits, first, example);
                    said.add(best.answers().getFirst().text());
                    if (noAnswer) {
                        found.add(best.found());
                        nullScores.add(best.nullScore());
                    }
                    first += example.tokens();
                }
            }

            @Override
            public Evaluation result(double loss) {
                return Evaluation.of(new Answered(actual, said, found, nullScores), loss);
            }
        };
    }
}
