package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeSettings;
import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Mistake;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.data.DataSource;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.data.Input;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.data.TextPair;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.metrics.Answered;
import dev.lorikeet.transformer.metrics.Details;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.AnswerSpan;
import dev.lorikeet.transformer.task.Answers;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.QuestionAnswering;
import dev.lorikeet.transformer.task.Reading;
import dev.lorikeet.transformer.task.Task;
import dev.lorikeet.transformer.tokenizer.Encoding;
import dev.lorikeet.transformer.training.EncodedDataset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The part of a text that answers a question.
 *
 * @param model that reads the questions, some of which may leave no room for a text; null where none is asked
 */
record Spans(QuestionAnswering task, @Nullable Model model)
        implements
            CommandTask<TextPair, Answers, List<AnswerSpan>> {
    Spans(QuestionAnswering task) {
        this(task, null);
    }

    @Override
    public Spans readBy(Model reader) {
        return new Spans(task, reader);
    }

    @Override
    public QuestionAnswering orNone(double threshold) {
        return task.orNone(threshold);
    }

    private Input<TextPair> input(Recipe.Files files) {
        Input<TextPair> plain = Reading.PAIR.columns(List.of(Objects.requireNonNull(files.text()), Objects
                .requireNonNull(files.pair())));
        Model reader = model;
        return reader == null ? plain : new Input<>(plain.columns(), row -> {
            TextPair own = plain.reader().apply(row);
            try {
                task.requireRoom(own, reader);
            } catch (InputException e) {
                throw row.error(e.getMessage());
            }
            return own;
        });
    }

    /** The columns that say the answers: they are compared with the text. */
    private static List<String> targets(Recipe.Files files) {
        return Stream.concat(Stream.of(Objects.requireNonNull(files.pair())), files.labels().stream()).toList();
    }

    @Override
    public List<String> labels() {
        return List.of();
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put(RecipeSettings.TASK.name(), TaskKind.QUESTION_ANSWERING.fileName());
        settings.put(RecipeSettings.MAX_LENGTH.name(), Integer.toString(task.maxLength()));
        settings.put(RecipeSettings.DOC_STRIDE.name(), Integer.toString(task.docStride()));
        settings.put(RecipeSettings.MAX_ANSWER_LENGTH.name(), Integer.toString(task.maxAnswerLength()));
        return settings;
    }

    @Override
    public String title() {
        return "question answering";
    }

    @Override
    public String outputs() {
        return "a part of the text" + (task.noAnswer() ? ", or none" : "");
    }

    @Override
    public String metric() {
        return "f1";
    }

    @Override
    public Examples<TextPair, Answers> read(DataSource source, Recipe recipe) {
        Recipe.Files files = (Recipe.Files) recipe.data();
        return new Table(source, files.format()).samples(input(files), targets(files), row -> AnswerCells.of(row,
                files.labels().size()));
    }

    @Override
    public int texts() {
        return 2;
    }

    @Override
    public List<String> textNames() {
        return List.of("question", "context");
    }

    @Override
    public TextPair input(List<String> texts) {
        return Reading.PAIR.input(texts);
    }

    /** One for each window in which a long text is read. */
    @Override
    public List<Encoding> encodings(TextPair input, Model model) {
        return task.windows(input, model);
    }

    /** None: what answers without learning tells nothing of this. */
    @Override
    public Map<String, Supplier<Evaluation>> baselines(EncodedDataset train, EncodedDataset test, Recipe recipe) {
        return Map.of();
    }

    @Override
    public int stratum(Answers target) {
        return target.texts().isEmpty() ? 1 : 0;
    }

    @Override
    public List<List<String>> summary(Examples<TextPair, Answers> train, Examples<TextPair, Answers> test) {
        return List.of(List.of("", "questions", "without an answer", "answers of each"), row("train", train),
                row("test", test));
    }

    private static List<String> row(String part, Examples<TextPair, Answers> data) {
        int[] counts = new int[2];
        data.forEach((_, answers) -> {
            counts[0] += answers.texts().isEmpty() ? 1 : 0;
            counts[1] += answers.texts().size();
        });
        return List.of(part, Format.count(data.size()), Format.count(counts[0]),
                Format.number((double) counts[1] / data.size()));
    }

    @Override
    public List<Mistake> mistakes(Examples<TextPair, Answers> data, Details details) {
        return Mistakes.of((Answered) details, i -> data.input(i).first());
    }

    @Override
    public String show(Answers target) {
        return target.texts().isEmpty() ? Format.NO_ANSWER
                : String.join(" | ", target.texts().stream().distinct().toList());
    }

    private static List<AnswerSpan> first(List<AnswerSpan> answers, int top) {
        return answers.subList(0, Math.min(top, answers.size()));
    }

    private static String text(AnswerSpan answer) {
        return answer.text().isEmpty() ? Format.NO_ANSWER : answer.text();
    }

    @Override
    public void tell(TextPair input, List<AnswerSpan> answers, int top, Terminal terminal) {
        Told.probabilities(first(answers, top).stream()
                .map(each -> new Prediction(text(each), (float) each.probability())).toList(), terminal);
    }

    @Override
    public List<List<String>> tries(String run) {
        return List.of(List.of("predict", "--run", run, "a question of your own", "the text that has its answer"));
    }

    @Override
    public List<String> cellNames() {
        return List.of("answer", "probability");
    }

    /** An empty text where there is no answer. */
    @Override
    public List<?> cells(List<AnswerSpan> answers) {
        return List.of(answers.getFirst().text(), answers.getFirst().probability());
    }

    /** Begins are those of SQuAD, which counts code points. */
    @Override
    public Map<String, Object> json(TextPair input, List<AnswerSpan> answers, int top) {
        List<Map<String, Object>> all = new ArrayList<>();
        for (AnswerSpan answer : first(answers, top)) {
            Map<String, Object> own = new LinkedHashMap<>();
            own.put("text", answer.text());
            own.put("answer_start", input.second().codePointCount(0, answer.start()));
            own.put("probability", answer.probability());
            all.add(own);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("answer", answers.getFirst().text());
        json.put("answers", all);
        return json;
    }

    /** The task of these examples: where one has no answer, there may be none. */
    private Spans of(Recipe recipe, Examples<TextPair, Answers> train) {
        boolean[] none = new boolean[1];
        train.forEach((_, answers) -> none[0] |= answers.texts().isEmpty());
        Double threshold = recipe.nullThreshold();
        return none[0] ? new Spans(task.orNone(threshold == null ? 0 : threshold), model) : this;
    }

    /** Of questions, contexts and answers, as SQuAD has them. */
    static final class OfRecipe implements RecipeTask {
        @Override
        public TaskKind kind() {
            return TaskKind.QUESTION_ANSWERING;
        }

        @Override
        public boolean isMeant(Recipe.Files files, Table table) {
            List<String> columns = files.text() == null && files.labels().isEmpty() ? table.columns() : List.of();
            return columns.containsAll(List.of("question", "context")) && !answers(columns).isEmpty();
        }

        /** SQuAD's columns, or one with the answer and perhaps one that says where it begins. */
        @Override
        public Recipe settle(Recipe recipe, Recipe.Files files, Table table) {
            List<String> columns = table.columns();
            String text = files.text() == null ? Columns.known("question", List.of(), columns) : files.text();
            String pair = files.pair() != null ? files.pair()
                    : Columns.known("context", List.of("passage", "paragraph"), columns);
            List<String> labels = files.labels().isEmpty() ? answers(columns) : files.labels();
            if (labels.isEmpty() || files.format().header() && !columns.isEmpty()
                    && !columns.containsAll(List.of(text, pair))) {
                throw new InputException(files.train().getFirst(), "columns",
                        "a question, a context and answers are needed "
                                + "(text-column, pair-column and label-column), there are " + Shown.names(columns));
            }
            return recipe.with(kind(), text, pair, labels);
        }

        /** The columns of answers that there plainly are; none where there are none. */
        private static List<String> answers(List<String> columns) {
            return columns.contains("answers") ? List.of("answers")
                    : !columns.contains("answer") ? List.of()
                            : Stream.of("start", "answer_start").filter(columns::contains).findFirst()
                                    .map(start -> List.of("answer", start)).orElse(List.of("answer"));
        }

        @Override
        public TaskData<?, ?, ?> read(FileExamples files) {
            Recipe.Files own = files.files();
            Spans spans = new Spans(task(files.recipe()), files.model().get());
            Examples<TextPair, Answers> train = files.examples(spans.input(own), targets(own), kind().fileName() + " "
                    + spans.task.maxLength() + " " + files.recipe().model(),
                    row -> AnswerCells.of(row, own.labels()
                            .size()));
            return files.with(spans.of(files.recipe(), train), train);
        }

        /** Of texts that have an answer. */
        private static QuestionAnswering task(Recipe recipe) {
            int length = recipe.maxLength() == 0 ? QuestionAnswering.USUAL_LENGTH : recipe.maxLength();
            return new QuestionAnswering(length, recipe.docStride(length), recipe.maxAnswerLength(), false);
        }

        @Override
        public @Nullable CommandTask<?, ?, ?> of(Task<?, ?, ?> task) {
            return task instanceof QuestionAnswering answers ? new Spans(answers) : null;
        }
    }
}
