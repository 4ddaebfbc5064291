package dev.lorikeet.cli.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers as people read them, the same in every locale, and that there is nothing to read. */
public final class Format {
    /** In place of an answer that is empty. */
    public static final String NO_ANSWER = "(no answer)";

    private Format() {}

    /** A share of one with one decimal: {@code 80.1 %}. */
    public static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    /** The difference of two shares in percentage points: {@code +9.1}. */
    static String points(double difference) {
        return String.format(Locale.ROOT, "%+.1f", 100 * difference);
    }

    /** With commas between thousands: {@code 30,522}. */
    public static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** {@code 1 class}, {@code 24 classes}. */
    public static String count(long number, String one, String many) {
        return count(number) + " " + (number == 1 ? one : many);
    }

    /** With three decimals. */
    public static String loss(double loss) {
        return String.format(Locale.ROOT, "%.3f", loss);
    }

    /** Rates and factors in as few digits as they need: {@code 0.001}, {@code 16}. */
    public static String number(double number) {
        return number == Math.rint(number) && Math.abs(number) < 1e9 ? Long.toString((long) number)
                : String.format(Locale.ROOT, "%.4g", number).replaceFirst("(\\.\\d*?)0+$", "$1").replaceFirst("\\.$",
                        "");
    }

    /** A number that was predicted, in six digits: {@code 166087}, {@code 3.71402}. */
    public static String predicted(double number) {
        return Math.abs(number) >= 1e15 || number != 0 && Math.abs(number) < 1e-4
                ? String.format(Locale.ROOT, "%.5e", number)
                : new BigDecimal(number).round(new MathContext(6)).stripTrailingZeros().toPlainString();
    }

    /** {@code 2,134 tokens/s}. */
    public static String speed(double tokensPerSecond) {
        return count(Math.round(tokensPerSecond)) + " tokens/s";
    }

    /** A time that was measured: {@code 8.4 s}, {@code 85 s}, {@code 12 min 5 s}. */
    public static String seconds(double seconds) {
        if (seconds < 10) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        long whole = Math.round(seconds);
        return whole < 120 ? whole + " s"
                : whole < 7200 ? whole / 60 + " min " + whole % 60 + " s"
                        : whole / 3600 + " h " + whole / 60 % 60 + " min";
    }

    /** A time on the clock: {@code 1:28}, {@code 2:00:05}. */
    public static String clock(double seconds) {
        long whole = Math.round(seconds);
        return whole < 3600 ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }

    /** {@code 512 bytes}, {@code 1.9 MB}. */
    public static String bytes(long bytes) {
        if (bytes < 1000) {
            return bytes + " bytes";
        }
        String[] units = {"kB", "MB", "GB", "TB"};
        double value = bytes / 1000.0;
        int unit = 0;
        while (value >= 999.95 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }
}
