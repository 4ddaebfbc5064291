package dev.lorikeet.transformer.task;

import dev.lorikeet.transformer.chat.ChatMessage;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.metrics.Thresholds;
import dev.lorikeet.transformer.model.CausalHead;
import dev.lorikeet.transformer.model.EmbeddingHead;
import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.MaskedHead;
import dev.lorikeet.transformer.model.Outputs;
import dev.lorikeet.transformer.model.SequenceHead;
import dev.lorikeet.transformer.model.SequenceToSequenceHead;
import dev.lorikeet.transformer.model.SpanHead;
import dev.lorikeet.transformer.model.TokenHead;
import dev.lorikeet.transformer.task.SequenceRegression.Scale;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The tasks of this library: how an application makes one, and how files tell which it was. */
public final class Tasks {
    /** What files call the most tokens of what a task reads. */
    static final String MAX_LENGTH = "max_length";

    private static final String LABELS = "labels";
    private static final String BLOCK_SIZE = "block_size";
    static final Map<String, Function<JsonObject, Task<?, ?, ?>>> KINDS = new TreeMap<>(Map.of(
            SequenceClassification.KIND,
            json -> new SequenceClassification<>(reading(json), names(json), choice(json)),
            MultiLabelClassification.KIND,
            json -> new MultiLabelClassification<>(reading(json), names(json), choice(json),
                    thresholds(json)),
            SequenceRegression.KIND,
            json -> new SequenceRegression<>(reading(json), names(json), choice(json), scales(json)),
            TokenClassification.KIND, json -> new TokenClassification(names(json)),
            SentenceEmbedding.KIND,
            json -> new SentenceEmbedding(EmbeddingHead.Pooling.of(json.string("pooling")), json.flag("normalize"),
                    EmbeddingLoss.read(json)),
            QuestionAnswering.KIND, json -> new QuestionAnswering(json.integer(MAX_LENGTH),
                    json.integer(QuestionAnswering.DOC_STRIDE), json.integer(QuestionAnswering.MAX_ANSWER_LENGTH),
                    json.flag(QuestionAnswering.NO_ANSWER), json.number(QuestionAnswering.NULL_THRESHOLD, 0)),
            MaskedLanguageModel.KIND, json -> new MaskedLanguageModel(json.integer(BLOCK_SIZE, 0)),
            CausalLanguageModel.KIND, Tasks::causal,
            SequenceToSequence.KIND, json -> new SequenceToSequence(json.integer(MAX_LENGTH, 0))));

    private Tasks() {}

    /** One class of a text, by the mean of its tokens, as a sentence encoder has it. */
    public static SequenceClassification<String> classification(List<String> labels) {
        return classification(Reading.TEXT, labels);
    }

    /** One class of an input, by the mean of its tokens. */
    public static <X> SequenceClassification<X> classification(Reading<X> reading, List<String> labels) {
        return new SequenceClassification<>(reading, labels, HeadChoice.MEAN);
    }

    /** One class of a text, with Hugging Face's {@code …ForSequenceClassification} of the architecture. */
    public static SequenceClassification<String> pretrainedClassification(List<String> labels) {
        return new SequenceClassification<>(Reading.TEXT, labels, HeadChoice.PRETRAINED);
    }

    /** Any number of labels of an input, by the mean of its tokens; those are said that are likelier than not. */
    public static <X> MultiLabelClassification<X> multiLabel(Reading<X> reading, List<String> labels) {
        return new MultiLabelClassification<>(reading, labels, HeadChoice.MEAN, Thresholds.usual(labels.size()));
    }

    /** Numbers of a text, with Hugging Face's {@code …ForSequenceClassification} of the architecture. */
    public static SequenceRegression<String> pretrainedRegression(List<String> names) {
        return SequenceRegression.unscaled(Reading.TEXT, names, HeadChoice.PRETRAINED);
    }

    /** Numbers of an input, by the mean of its tokens, as they are in {@code train}. */
    public static <X> SequenceRegression<X> regression(Reading<X> reading, List<String> names,
            Examples<X, float[]> train) {
        List<DoubleStream.Builder> numbers = names.stream().map(_ -> DoubleStream.builder()).toList();
        train.forEach((_, target) -> {
            for (int name = 0; name < target.length; name++) {
                numbers.get(name).add(target[name]);
            }
        });
        List<Scale> scales = numbers.stream().map(own -> Scale.of(own.build().toArray())).toList();
        return new SequenceRegression<>(reading, names, HeadChoice.MEAN, scales);
    }

    /** A tag of each word of a sentence, with Hugging Face's {@code …ForTokenClassification} of the architecture. */
    public static TokenClassification tokenClassification(List<String> labels) {
        return new TokenClassification(labels);
    }

    /** A tag of each word of a sentence, of those that are in {@code train}, sorted. */
    public static TokenClassification tokenClassification(Examples<List<String>, List<String>> train) {
        Set<String> tags = new TreeSet<>();
        train.forEach((_, own) -> tags.addAll(own));
        return new TokenClassification(List.copyOf(tags));
    }

    /** Embeddings of texts, of length 1. */
    public static SentenceEmbedding embedding(EmbeddingHead.Pooling pooling, EmbeddingLoss loss) {
        return new SentenceEmbedding(pooling, true, loss);
    }

    /** Embeddings of texts, by the mean of their tokens and of length 1. */
    public static SentenceEmbedding embedding(EmbeddingLoss loss) {
        return embedding(EmbeddingHead.Pooling.MEAN, loss);
    }

    /** The part of a text that answers a question, in windows as transformers' {@code run_qa.py} has them. */
    public static QuestionAnswering questionAnswering() {
        return new QuestionAnswering(QuestionAnswering.USUAL_LENGTH, QuestionAnswering.USUAL_STRIDE,
                QuestionAnswering.USUAL_ANSWER, false);
    }

    /** The tokens behind masks, each text an example. */
    public static MaskedLanguageModel maskedLanguageModel() {
        return new MaskedLanguageModel(0);
    }

    /** The token after each token, each text an example. */
    public static CausalLanguageModel<String> causalLanguageModel() {
        return CausalLanguageModel.ofTexts(0);
    }

    /** The completion after each prompt. */
    public static CausalLanguageModel<Completion> completion() {
        return new CausalLanguageModel<>(LanguageForm.COMPLETION, LossOn.COMPLETION, 0, TruncationSide.RIGHT, 0);
    }

    /** What the model is to say in talks. */
    public static CausalLanguageModel<List<ChatMessage>> chat() {
        return new CausalLanguageModel<>(LanguageForm.MESSAGES, LossOn.COMPLETION, 0, TruncationSide.RIGHT, 0);
    }

    /** The completion for each prompt, which an encoder reads. */
    public static SequenceToSequence sequenceToSequence() {
        return new SequenceToSequence(0);
    }

    /** The task of one of Hugging Face's heads. */
    static Task<?, ?, ?> of(Head head) {
        return switch (head) {
            case SequenceHead sequences when sequences
                    .outputs() instanceof Outputs(List<String> names, Outputs.Problem problem) ->
                switch (problem) {
                    case REGRESSION -> pretrainedRegression(names);
                    case SINGLE_LABEL -> pretrainedClassification(names);
                    case MULTI_LABEL ->
                        new MultiLabelClassification<>(Reading.TEXT, names, HeadChoice.PRETRAINED,
                                Thresholds.usual(names.size()));
                };
            case TokenHead tokens -> new TokenClassification(tokens.outputs().labels());
            case SpanHead _ -> questionAnswering();
            case MaskedHead _ -> maskedLanguageModel();
            case CausalHead _ -> causalLanguageModel();
            case SequenceToSequenceHead _ -> sequenceToSequence();
            default -> throw new InputException("model: there is no task for " + head.className() + " yet");
        };
    }

    /** @param json a {@code task.json} that {@link TaskModel#save} wrote */
    static Task<?, ?, ?> read(JsonObject json, TaskFiles files) {
        String kind = json.string("task");
        Function<JsonObject, Task<?, ?, ?>> reader = files.tasks().get(kind);
        if (reader == null) {
            throw json.error("task", "\"" + kind + "\" is not one of "
                    + String.join(", ", new TreeSet<>(files.tasks().keySet())));
        }
        try {
            return reader.apply(json);
        } catch (IllegalArgumentException e) {
            String[] place = String.valueOf(e.getMessage()).split(": ", 2);
            throw KINDS.containsKey(kind) && place.length == 2 ? json.error(place[0], place[1])
                    : json.error("task", String.valueOf(e.getMessage()));
        }
    }

    private static Reading<?> reading(JsonObject json) {
        return Reading.of(json.string("input", Reading.TEXT.name()));
    }

    private static CausalLanguageModel<?> causal(JsonObject json) {
        return new CausalLanguageModel<>(LanguageForm.of(json.string("input", LanguageForm.TEXT.name())),
                LossOn.of(json.string("loss_on", LossOn.ALL.fileName())), json.integer(MAX_LENGTH, 0),
                TruncationSide.of(json.string("truncation_side", TruncationSide.RIGHT.fileName())),
                json.integer(BLOCK_SIZE, 0));
    }

    private static HeadChoice choice(JsonObject json) {
        return HeadChoice.of(json.string("pooling", HeadChoice.PRETRAINED.fileName()));
    }

    /** Models of before have one for all labels. */
    private static Thresholds thresholds(JsonObject json) {
        return new Thresholds(json.has("threshold")
                ? Collections.nCopies(json.list(LABELS).size(), json.number("threshold"))
                : json.list("thresholds").stream().map(each -> {
                    if (!(each instanceof Number number)) {
                        throw json.error("thresholds", "numbers are expected, not " + Shown.value(each));
                    }
                    return number.doubleValue();
                }).toList());
    }

    private static List<Scale> scales(JsonObject json) {
        if (!json.has("means") && !json.has("deviations")) {
            return Collections.nCopies(json.list(LABELS).size(), Scale.NONE);
        }
        List<?> means = json.list("means");
        List<?> deviations = json.list("deviations");
        if (means.size() != deviations.size()) {
            throw json.error("deviations", deviations.size() + " for " + means.size() + " means");
        }
        return IntStream.range(0, means.size())
                .mapToObj(i -> new Scale(number(means.get(i), json), number(deviations.get(i), json))).toList();
    }

    private static float number(@Nullable Object value, JsonObject json) {
        if (value instanceof Number number) {
            return number.floatValue();
        }
        throw json.error("means", "numbers are expected, not " + Shown.value(value));
    }

    private static List<String> names(JsonObject json) {
        return json.list(LABELS).stream().map(name -> {
            if (!(name instanceof String text)) {
                throw json.error(LABELS, "names are expected");
            }
            return text;
        }).toList();
    }
}
