package dev.lorikeet.cli.task;

import dev.lorikeet.transformer.data.Row;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.task.Answers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Answers as files have them: SQuAD's {@code answers}, an object with lists {@code text} and {@code answer_start}, or a
 * column with the one answer and a column that says where it begins, in code points; without that it is where the
 * answer stands first.
 */
final class AnswerCells {
    private static final String TEXT = "text";
    private static final String START = "answer_start";

    private AnswerCells() {}

    /**
     * The answers of a row, which are none where its cell is empty.
     *
     * @param row the text, and the columns of the answers
     * @param columns how many of these there are
     */
    static Answers of(Row row, int columns) {
        String context = row.text(0);
        Object answer = row.value(1);
        if (answer == null || answer instanceof String text && text.isBlank()) {
            return Answers.NONE;
        }
        if (answer instanceof String text) {
            return columns == 1 ? first(row, context, text)
                    : new Answers(List.of(text), List.of(start(row, context, text, row.number(2))));
        }
        if (columns == 1 && answer instanceof Map<?, ?> lists && lists.get(TEXT) instanceof List<?> texts
                && lists.get(START) instanceof List<?> starts && texts.size() == starts.size()) {
            return squad(row, context, texts, starts);
        }
        throw row.error("the answers are " + Shown.value(answer) + ", " + (columns == 1
                ? "an object with lists " + TEXT + " and " + START + " of one length is expected, or a text"
                : "a text is expected"));
    }

    private static Answers first(Row row, String context, String answer) {
        if (!context.contains(answer)) {
            throw row.error("the answer " + Shown.value(answer) + " does not stand in the text");
        }
        return Answers.in(context, answer);
    }

    private static Answers squad(Row row, String context, List<?> texts, List<?> starts) {
        List<String> all = new ArrayList<>();
        List<Integer> begins = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            if (!(texts.get(i) instanceof String text) || text.isEmpty()) {
                throw row.error("answer " + (i + 1) + " is " + Shown.value(texts.get(i)) + ", a text is expected");
            }
            all.add(text);
            begins.add(start(row, context, text, starts.get(i)));
        }
        return new Answers(all, begins);
    }

    /** Where in the text that is, as Java counts. */
    private static int start(Row row, String context, String answer, @Nullable Object start) {
        if (!(start instanceof Number number) || number.doubleValue() != Math.rint(number.doubleValue())
                || number.doubleValue() < 0) {
            throw row.error("the answer " + Shown.value(answer) + " begins at " + Shown.value(start)
                    + ", a whole number from 0 on is expected");
        }
        int most = context.codePointCount(0, context.length());
        int begin = context.offsetByCodePoints(0, (int) Math.min(number.doubleValue(), most));
        if (!context.startsWith(answer, begin)) {
            throw row.error("the answer " + Shown.value(answer) + " does not stand in the text at "
                    + number.longValue() + (context.contains(answer) ? ", but at " + context.codePointCount(0,
                            context.indexOf(answer)) : ""));
        }
        return begin;
    }
}
