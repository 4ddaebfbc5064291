package dev.lorikeet.transformer.settings;

import org.jspecify.annotations.Nullable;

/**
 * The declaration of a setting, the only one that there is.
 *
 * @param section where it stands in a file, empty for the top
 * @param key its name there
 * @param kind what it may be
 * @param byDefault its value where nobody says one; null for a setting that may be absent
 * @param doc what it means, a sentence
 */
public record Setting<T>(String section, String key, Kind<T> kind, @Nullable T byDefault, String doc) {
    /** The full name, for example {@code training.epochs}. */
    public String name() {
        return section.isEmpty() ? key : section + "." + key;
    }

    /**
     * The value that something in a file stands for.
     *
     * @throws IllegalArgumentException that ends the sentence "training.epochs …"
     */
    public @Nullable T read(@Nullable Object given) {
        return given == null && byDefault == null ? null : kind.read(given);
    }

    /**
     * The value that a flag of the command line stands for: its text, or what has been made of it already.
     *
     * @throws IllegalArgumentException that ends the sentence "--epochs …"
     */
    public @Nullable T readFlag(@Nullable Object given) {
        return given instanceof String text ? kind.readText(text) : read(given);
    }

    /** The default as a file would have it, {@code null} for none. */
    public String defaultText() {
        return byDefault == null ? "null" : String.valueOf(kind.write(byDefault));
    }

    @Override
    public String toString() {
        return name();
    }
}
