package dev.lorikeet.transformer.jinja;

import java.util.HashMap;
import java.util.Map;

/** What {@code namespace()} makes: the one value that can be changed, so that loops can tell what they found. */
final class Namespace {
    private final Map<String, Object> fields;

    Namespace(Map<String, Object> fields) {
        this.fields = new HashMap<>(fields);
    }

    void set(String name, Object value) {
        fields.put(name, value);
    }

    Object get(String name) {
        Object value = fields.get(name);
        return value == null ? new Undefined("the namespace's \"" + name + "\"") : value;
    }
}
