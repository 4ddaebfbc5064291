package dev.lorikeet.lora;

import java.util.Map;

/** Regular expressions for the ends of modules' paths, as PEFT's {@code rank_pattern} and {@code alpha_pattern}. */
public final class PathPatterns {
    private PathPatterns() {}

    /** The value of the first pattern that fits the end of {@code path}, or {@code otherwise}. */
    public static <T> T firstMatch(Map<String, T> patterns, String path, T otherwise) {
        for (Map.Entry<String, T> entry : patterns.entrySet()) {
            if (PathExpression.ofEnd(entry.getKey()).matches(path)) {
                return entry.getValue();
            }
        }
        return otherwise;
    }

    /** A pattern for the module at {@code path} alone. */
    public static String patternOf(String path) {
        return "^" + path.replace(".", "\\.");
    }
}
