package dev.lorikeet.cli.cron;

import com.cronutils.descriptor.CronDescriptor;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.parser.CronParser;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.transformer.data.Samples;
import dev.lorikeet.transformer.task.Completion;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Random cron expressions of Unix with what describes them: the descriptor of cron-utils, or words of our own, made by
 * rule of the same parts.
 */
public final class CronExamples {
    private static final int TRAIN = 4000;
    private static final int TEST = 500;
    /** Of five descriptions, one is the descriptor's. */
    private static final int DESCRIBED = 5;

    private final Set<CronMeaning> known = new HashSet<>();
    private final CronParser parser = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
    private final CronDescriptor descriptor = CronDescriptor.instance(Locale.UK);

    /** A part of an expression, and the words for it; no words where it goes without saying. */
    private record Said(String fields, String words) {}

    /** What there is to learn, and what is held back to test it. */
    public record Split(Samples<Completion, Completion> train, Samples<Completion, Completion> test) {}

    private CronExamples() {}

    /** 4,000 examples to train and 500 to test, whose meanings are not among the others. */
    public static Split split(long seed) {
        CronExamples drawn = new CronExamples();
        List<Completion> all = new ArrayList<>();
        for (int i = 0; all.size() < TRAIN + TEST; i++) {
            drawn.draw(Random.key(seed, i), all);
        }
        return new Split(samples("to train", all.subList(TEST, TRAIN + TEST)),
                samples("to test", all.subList(0, TEST)));
    }

    private static Samples<Completion, Completion> samples(String name, List<Completion> some) {
        return new Samples<>("cron descriptions " + name, some, some);
    }

    /** A description as the model is asked. */
    public static String prompt(String description) {
        return description + " =>";
    }

    private void draw(long key, List<Completion> all) {
        CronWords words = new CronWords(key);
        Said time = time(words);
        Said days = days(words);
        Said month = words.below(8) == 0 ? month(words) : new Said("*", "");
        String expression = time.fields + " " + days.fields.replace("MONTH", month.fields);
        CronMeaning meaning = CronMeaning.of(expression);
        if (meaning == null) {
            throw new IllegalStateException("cron: drew " + expression);
        }
        if (known.add(meaning)) {
            String described = words.below(DESCRIBED) == 0 ? descriptor.describe(parser.parse(expression))
                    : said(words, time.words, days.words, month.words);
            all.add(new Completion(prompt(described), " " + expression));
        }
    }

    private static String said(CronWords words, String time, String days, String month) {
        String plain = String.join(" ", List.of(time, days, month).stream().filter(part -> !part.isEmpty()).toList());
        String turned = days.isEmpty() ? plain
                : days + ", " + time + (month.isEmpty() ? "" : " " + month);
        String text = words.one(plain, plain, turned, words.one("run ", "please run it ", "start the job ") + plain);
        return words.below(2) == 0 ? text : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    /** Minutes and hours. */
    private static Said time(CronWords words) {
        int minute = words.one(0, 0, 15, 30, 45, words.below(60), words.below(60));
        int hour = words.below(24);
        int start = words.below(22);
        int later = words.between(start + 1, 23);
        return switch (words.below(10)) {
            case 0 -> {
                int every = words.one(2, 3, 4, 5, 6, 10, 12, 15, 20, 30);
                yield new Said("*/" + every + " *", words.one("every " + every + " minutes", "each " + every
                        + " minutes"));
            }
            case 1 -> new Said(minute + " *", minute == 0 ? words.one("every hour", "hourly", "on the hour")
                    : words.one("every hour at minute " + minute, minute + " minutes past every hour"));
            case 2 -> {
                int every = words.one(2, 3, 4, 6, 8, 12);
                yield new Said(minute + " */" + every, "every " + every + " hours" + (minute == 0 ? ""
                        : words.one(" at minute " + minute, ", " + minute + " minutes past the hour")));
            }
            case 3 -> {
                int every = words.one(5, 10, 15, 20, 30);
                yield new Said("*/" + every + " " + start + "-" + later, "every " + every + " minutes "
                        + words.one("from " + start + " to ", "between " + start + " and ") + later + " o'clock");
            }
            case 4 -> new Said(minute + " " + start + "," + later, "at " + words.time(start, minute) + " and "
                    + words.time(later, minute));
            default -> new Said(minute + " " + hour, "at "
                    + words.time(hour, minute));
        };
    }

    /** Days of the month, the month's place, and days of the week. */
    private static Said days(CronWords words) {
        int day = words.below(7);
        int other = (day + words.between(1, 6)) % 7;
        int first = words.between(1, 5);
        int last = words.between(first + 1, 6);
        int date = words.between(1, 28);
        return switch (words.below(9)) {
            case 0, 1 -> new Said("* MONTH *", words.one("", "every day", "each day", "daily"));
            case 2 -> new Said("* MONTH 1-5", words.one("on weekdays", "every weekday", "from Monday to Friday",
                    "on working days"));
            case 3 -> new Said("* MONTH 0,6", words.one("on weekends", "on Saturdays and Sundays"));
            case 4 -> new Said("* MONTH " + Math.min(day, other) + "," + Math.max(day, other), "on "
                    + CronWords.day(Math.min(day, other)) + words.one("s", "") + " and "
                    + CronWords.day(Math.max(day, other)) + words.one("s", ""));
            case 5 -> new Said("* MONTH " + first + "-" + last, words.one("from ", "every day from ")
                    + CronWords.day(first) + words.one(" to ", " through ") + CronWords.day(last));
            case 6 -> new Said(date + " MONTH *", words.one("on the " + CronWords.ordinal(date), "on day " + date)
                    + words.one(" of the month", " of each month", ""));
            default -> new Said("* MONTH " + day, words.one("on " + CronWords.day(day) + "s", "every "
                    + CronWords.day(day), "on " + CronWords.day(day), "each " + CronWords.day(day)));
        };
    }

    private static Said month(CronWords words) {
        int first = words.between(1, 11);
        int last = words.between(first + 1, 12);
        return words.below(2) == 0 ? new Said(first + "", words.one("in ", "only in ", "during ")
                + CronWords.month(first))
                : new Said(first + "-" + last, "from " + CronWords.month(first) + words.one(" to ", " until ")
                        + CronWords.month(last));
    }
}
