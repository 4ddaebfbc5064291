package dev.lorikeet.cli.cron;

import dev.lorikeet.tensor.Random;
import java.util.List;
import java.util.Locale;

/** Drawn numbers, and what people call hours, days and months: of several words one at random. */
final class CronWords {
    static final List<String> DAYS = List.of("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
            "Saturday");
    private static final List<String> MONTHS = List.of("January", "February", "March", "April", "May", "June", "July",
            "August", "September", "October", "November", "December");

    private final long key;
    private long drawn;

    CronWords(long key) {
        this.key = key;
    }

    int below(int bound) {
        return (int) Math.floorMod(Random.bits(key, drawn++), (long) bound);
    }

    int between(int least, int most) {
        return least + below(most - least + 1);
    }

    @SafeVarargs
    final <T> T one(T... of) {
        return of[below(of.length)];
    }

    String time(int hour, int minute) {
        int half = hour % 12 == 0 ? 12 : hour % 12;
        String clock = String.format(Locale.ROOT, "%02d:%02d", hour, minute);
        String spoken = half + (minute == 0 ? "" : String.format(Locale.ROOT, ":%02d", minute))
                + (hour < 12 ? one("am", " am", " a.m.", " in the morning") : one("pm", " pm", " p.m."));
        return minute == 0 && hour == 0 ? one("midnight", clock, spoken.replace(" in the morning", " am"))
                : minute == 0 && hour == 12 ? one("noon", clock, spoken)
                        : one(clock, clock, spoken);
    }

    static String day(int day) {
        return DAYS.get(day % DAYS.size());
    }

    static String month(int month) {
        return MONTHS.get(month - 1);
    }

    static String ordinal(int number) {
        return number + (number / 10 == 1 ? "th" : switch (number % 10) {
            case 1 -> "st";
            case 2 -> "nd";
            case 3 -> "rd";
            default -> "th";
        });
    }
}
