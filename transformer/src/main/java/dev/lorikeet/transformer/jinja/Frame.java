package dev.lorikeet.transformer.jinja;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The names that a part of a template knows: those that were set in it, and those around it. */
final class Frame {
    private final Run run;
    private final @Nullable Frame outer;
    private final Map<String, Object> names = new HashMap<>();

    private Frame(Run run, @Nullable Frame outer) {
        this.run = run;
        this.outer = outer;
    }

    static Frame of(Run run) {
        return new Frame(run, null);
    }

    Frame inner() {
        return new Frame(run, this);
    }

    Run run() {
        return run;
    }

    void set(String name, Object value) {
        names.put(name, value);
    }

    /** A value, {@link Undefined} where there is none. */
    Object get(String name) {
        for (Frame frame = this; frame != null; frame = frame.outer) {
            Object value = frame.names.get(name);
            if (value != null) {
                return value;
            }
        }
        return new Undefined(name);
    }
}
