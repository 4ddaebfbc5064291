package dev.lorikeet.cli.cron;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.parser.CronParser;
import dev.lorikeet.transformer.metrics.text.Generated;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * When a cron expression of Unix is due: {@code 0 0 * * 7} and {@code 0 0 * * SUN} mean the same. As crontab(5) has it,
 * a day is one of the month's or one of the week's where both are limited; a field that begins with a star is not.
 *
 * @param fields the minutes, hours, days of the month, months, and days of the week from Sunday on
 * @param either whether a day of the month or of the week is enough; else it has to be both
 */
public record CronMeaning(List<BitSet> fields, boolean either) {
    private static final int[] FIRST = {0, 0, 1, 1, 0};
    private static final int[] LAST = {59, 23, 31, 12, 7};
    private static final List<String> MONTHS = List.of("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP",
            "OCT", "NOV", "DEC");
    private static final List<String> DAYS = List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");
    private static final int DAY = 2;
    private static final int MONTH = 3;
    private static final int WEEKDAY = 4;
    private static final int LONGEST = 200;

    /** What an expression means; null where it is none: cron-utils must be able to read it. */
    static @Nullable CronMeaning of(String expression) {
        String[] parts = expression.strip().split("\\s+");
        if (parts.length != FIRST.length || expression.length() > LONGEST) {
            return null;
        }
        try {
            new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX)).parse(expression);
            List<BitSet> fields = new ArrayList<>();
            for (int i = 0; i < parts.length; i++) {
                fields.add(values(parts[i], i));
            }
            boolean either = !parts[DAY].startsWith("*") && !parts[WEEKDAY].startsWith("*");
            BitSet days = fields.get(DAY);
            BitSet weekdays = fields.get(WEEKDAY);
            if (either && (days.cardinality() == LAST[DAY] || weekdays.cardinality() == DAYS.size())) {
                days.set(FIRST[DAY], LAST[DAY] + 1); // every day, as with two stars
                weekdays.set(0, DAYS.size());
                either = false;
            }
            return new CronMeaning(fields, either);
        } catch (IllegalArgumentException e) { // cron-utils' word for what is no expression, NumberFormatException too
            return null;
        }
    }

    /** The share of answers that are cron expressions, and due when one of their references is. */
    public static double share(List<Generated> texts) {
        return texts.stream().filter(each -> {
            CronMeaning meaning = of(each.answer().strip());
            return meaning != null && each.references().stream().anyMatch(one -> meaning.equals(of(one.strip())));
        }).count() / (double) texts.size();
    }

    private static BitSet values(String text, int field) {
        BitSet values = new BitSet();
        for (String part : text.split(",", -1)) {
            String[] step = part.split("/", -1);
            String[] ends = step[0].split("-", -1);
            int from = step[0].equals("*") ? FIRST[field] : number(ends[0], field);
            int to = step[0].equals("*") || ends.length == 1 && step.length == 2 ? LAST[field]
                    : number(ends[ends.length - 1], field);
            int by = step.length == 2 ? Integer.parseInt(step[1]) : 1;
            if (step.length > 2 || ends.length > 2 || from < FIRST[field] || to > LAST[field] || by < 1 || from > to) {
                throw new IllegalArgumentException(part);
            }
            for (int value = from; value <= to; value += by) {
                values.set(field == WEEKDAY ? value % DAYS.size() : value);
            }
        }
        return values;
    }

    private static int number(String text, int field) {
        int name = field == MONTH ? 1 + MONTHS.indexOf(text.toUpperCase(Locale.ROOT))
                : field == WEEKDAY ? DAYS.indexOf(text.toUpperCase(Locale.ROOT)) : -1;
        return name > 0 || field == WEEKDAY && name == 0 ? name : Integer.parseInt(text);
    }
}
