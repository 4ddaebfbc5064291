package dev.lorikeet.tornado;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as TornadoVM's options have them. */
final class Megabytes {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})(MB|GB)");

    private Megabytes() {}

    /**
     * The bytes of, for example, {@code 512MB} or {@code 4GB}.
     *
     * @throws IllegalArgumentException if it is no such size
     */
    static long bytes(String size) {
        Matcher matcher = SIZE.matcher(size.strip().toUpperCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException("tornado.device.memory: a size like 4GB or 512MB expected, not " + size);
        }
        return Long.parseLong(matcher.group(1)) << (matcher.group(2).equals("GB") ? 30 : 20);
    }
}
