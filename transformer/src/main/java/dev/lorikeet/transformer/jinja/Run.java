package dev.lorikeet.transformer.jinja;

import dev.lorikeet.transformer.io.InputException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One rendering of a template: where it is, what it has written, and how much it may still do. */
final class Run {
    /** Operations and characters handled: templates of real models handle each character of a talk some five times. */
    static final long MOST_WORK = 20_000_000;
    private static final int MOST_OUTPUT = 16 << 20;
    private static final int MOST_CALLS = 16;

    private final Origin origin;
    /** What {@code strftime_now} tells. */
    private final @Nullable LocalDateTime now;
    private final long mostWork;
    private final StringBuilder whole = new StringBuilder();
    private final List<Template.Span> spans = new ArrayList<>();
    private StringBuilder out = whole;
    private long work;
    private int calls;
    private int line = 1;

    Run(Origin origin, @Nullable LocalDateTime now, long mostWork) {
        this.origin = origin;
        this.now = now;
        this.mostWork = mostWork;
    }

    /** What is done next stands in this line. */
    void at(int where) {
        line = where;
        work(1);
    }

    /** Counts work that is about to be done. */
    void work(long units) {
        work += units;
        if (work > mostWork || units < 0) {
            throw error("the template does not end, or takes more than " + mostWork + " steps");
        }
    }

    /** Counts a text that is about to be made, or gone through. */
    String made(String text) {
        work(text.length());
        return text;
    }

    /** Counts a search for {@code part}, which at worst compares it with every place. */
    void searched(String text, String part) {
        work((1L + text.length()) * (1 + part.length() / 16));
    }

    void write(String text) {
        if (text.length() > MOST_OUTPUT - out.length()) {
            throw error("the template writes more than " + (MOST_OUTPUT >> 20) + " million characters");
        }
        work(text.length());
        out.append(text);
    }

    /** What {@code body} writes, which goes nowhere else. */
    String captured(Runnable body) {
        StringBuilder outer = out;
        out = new StringBuilder();
        try {
            body.run();
            return out.toString();
        } finally {
            out = outer;
        }
    }

    /** Does what a macro says. */
    String called(Runnable body) {
        if (++calls > MOST_CALLS) {
            throw error("macros call each other more than " + MOST_CALLS + " deep");
        }
        String text = captured(body);
        calls--;
        return text;
    }

    /** Remembers where {@code body} writes. */
    void marked(Runnable body) {
        if (out != whole) {
            throw error("generation within a macro or a set has no place in the text");
        }
        int from = whole.length();
        body.run();
        spans.add(new Template.Span(from, whole.length()));
    }

    Template.Rendering rendering() {
        return new Template.Rendering(whole.toString(), List.copyOf(spans));
    }

    @Nullable
    LocalDateTime now() {
        return now;
    }

    /** For what is done now. */
    InputException error(String rule) {
        return origin.error(line, rule);
    }
}
