package dev.lorikeet.transformer.settings;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Settings that stand together, in the order in which they are declared. */
public final class Section {
    private final String name;
    private final List<Setting<?>> settings = new ArrayList<>();

    /** @param name of the section in a file; empty for the top */
    public Section(String name) {
        this.name = name;
    }

    /** Declares a setting. */
    public <T> Setting<T> setting(String key, Kind<T> kind, T byDefault, String doc) {
        return add(new Setting<>(name, key, kind, byDefault, doc));
    }

    /** Declares a setting that may be absent, and is by default. */
    public <T> Setting<T> optional(String key, Kind<T> kind, String doc) {
        return add(new Setting<>(name, key, kind, null, doc));
    }

    private <T> Setting<T> add(Setting<T> setting) {
        settings.add(setting);
        return setting;
    }

    public List<Setting<?>> settings() {
        return Collections.unmodifiableList(settings);
    }
}
