package dev.lorikeet.lora;

import dev.lorikeet.transformer.io.InputException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A regular expression for paths of modules, which means the same here and in PEFT: see {@link PythonRegex} for what is
 * refused. Everything that a user may give as an expression becomes one of these before it is used.
 *
 * <p>It is at most 1,024 characters long and gives up after 200,000 steps on one path.
 */
public final class PathExpression {
    private static final int MAX_STEPS = 200_000;

    private final String regex;
    private final Pattern pattern;

    private PathExpression(String regex, Pattern pattern) {
        this.regex = regex;
        this.pattern = pattern;
    }

    /**
     * An expression for whole paths, as PEFT's {@code target_modules} and {@code exclude_modules}.
     *
     * @throws InputException if it is none, or Java and Python read it apart
     */
    public static PathExpression ofPath(String regex) {
        PythonRegex python = new PythonRegex(regex);
        return new PathExpression(regex, Pattern.compile(python.java(), python.flags()));
    }

    /**
     * An expression for a path or its end from a dot on, as the keys of PEFT's {@code rank_pattern} and
     * {@code alpha_pattern}.
     *
     * @throws InputException as {@link #ofPath}
     */
    public static PathExpression ofEnd(String regex) {
        PythonRegex python = new PythonRegex(regex);
        python.requireNoFlags();
        return new PathExpression(regex, Pattern.compile("(?:.*\\.)?(?:" + python.java() + ")"));
    }

    /**
     * An expression for the name after which a path has the number of its block, as PEFT's {@code layers_pattern}.
     *
     * @throws InputException as {@link #ofPath}
     */
    static PathExpression ofBlock(String regex) {
        PythonRegex python = new PythonRegex(regex);
        python.requireNoFlags();
        python.requireOneBranch();
        python.requireFree("idx");
        return new PathExpression(regex, Pattern.compile("(?:^|.*?\\.)" + python.java() + "\\.(\\d+)\\..*"));
    }

    /** The first number of a path after any name but its first, where PEFT has no {@code layers_pattern}. */
    static PathExpression ofAnyBlock() {
        return new PathExpression("", Pattern.compile(".*?\\.[^.]*\\.(\\d+)\\..*"));
    }

    /** @throws InputException if it takes too many steps to see */
    public boolean matches(String path) {
        return matcher(path).matches();
    }

    /**
     * The number of the block that {@code path} is in, or −1; of an expression for blocks.
     *
     * @throws InputException as {@link #matches}
     */
    int blockOf(String path) {
        Matcher matcher = matcher(path);
        return matcher.matches() ? Integer.parseInt(path, matcher.start(1), matcher.end(1), 10) : -1;
    }

    /** This one for whole paths, or the module at {@code path}. */
    PathExpression or(String path) {
        int flags = regex.matches("\\(\\?\\w+\\).*") ? regex.indexOf(')') + 1 : 0; // stay in front
        return ofPath(regex.substring(0, flags) + "(?:" + regex.substring(flags) + ")|" + PathPatterns.patternOf(path));
    }

    private Matcher matcher(String path) {
        return pattern.matcher(new Watched(path));
    }

    /** The expression as it was given. */
    @Override
    public String toString() {
        return regex;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PathExpression e && e.pattern.pattern().equals(pattern.pattern())
                && e.pattern.flags() == pattern.flags();
    }

    @Override
    public int hashCode() {
        return pattern.pattern().hashCode();
    }

    /** A path that counts how often it is looked at: a matcher that tries all ways would not end in a lifetime. */
    private final class Watched implements CharSequence {
        private final String path;
        private int steps;

        Watched(String path) {
            this.path = path;
        }

        @Override
        public char charAt(int index) {
            if (++steps > MAX_STEPS) {
                throw new InputException("\"" + regex + "\" takes more than " + MAX_STEPS + " steps on " + path
                        + "; say it with fewer repetitions");
            }
            return path.charAt(index);
        }

        @Override
        public int length() {
            return path.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return path.subSequence(start, end);
        }
    }
}
