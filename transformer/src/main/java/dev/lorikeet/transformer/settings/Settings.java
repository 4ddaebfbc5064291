package dev.lorikeet.transformer.settings;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Values of settings.
 *
 * @param values by setting, in order; null for one that is absent
 */
public record Settings(Map<Setting<?>, @Nullable Object> values) {
    public Settings {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** These settings with their defaults. */
    public static Settings of(Collection<Setting<?>> settings) {
        Map<Setting<?>, @Nullable Object> values = new LinkedHashMap<>();
        settings.forEach(setting -> values.put(setting, setting.byDefault()));
        return new Settings(values);
    }

    public boolean has(Setting<?> setting) {
        return values.containsKey(setting);
    }

    /** A setting that has a value always. */
    public <T> T get(Setting<T> setting) {
        return Objects.requireNonNull(find(setting), setting::name);
    }

    /** A setting that may be absent. */
    @SuppressWarnings("unchecked") // with and of put nothing else there
    public <T> @Nullable T find(Setting<T> setting) {
        require(setting);
        return (T) values.get(setting);
    }

    /** @throws IllegalArgumentException if the value breaks the setting's rule */
    public <T> Settings with(Setting<T> setting, @Nullable T value) {
        require(setting);
        try {
            setting.read(value == null ? null : setting.kind().write(value));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(setting.name() + " " + e.getMessage(), e);
        }
        Map<Setting<?>, @Nullable Object> changed = new LinkedHashMap<>(values);
        changed.put(setting, value);
        return new Settings(changed);
    }

    private void require(Setting<?> setting) {
        if (!has(setting)) {
            throw new IllegalArgumentException(setting.name() + " is none of " + values.keySet());
        }
    }

    /** Some of them. */
    public Settings only(Predicate<Setting<?>> which) {
        Map<Setting<?>, @Nullable Object> some = new LinkedHashMap<>(values);
        some.keySet().removeIf(which.negate());
        return new Settings(some);
    }

    /** The tree of a file: each value by its key, in its section. */
    public Map<String, @Nullable Object> tree() {
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        values.keySet().forEach(setting -> section(tree, setting.section()).put(setting.key(), written(setting)));
        return tree;
    }

    @SuppressWarnings("unchecked") // a section's key is no setting's
    private static Map<String, @Nullable Object> section(Map<String, @Nullable Object> tree, String name) {
        return name.isEmpty() ? tree
                : (Map<String, @Nullable Object>) Objects
                        .requireNonNull(tree.computeIfAbsent(name, _ -> new LinkedHashMap<String, @Nullable Object>()));
    }

    private <T> @Nullable Object written(Setting<T> setting) {
        T value = find(setting);
        return value == null ? null : setting.kind().write(value);
    }
}
