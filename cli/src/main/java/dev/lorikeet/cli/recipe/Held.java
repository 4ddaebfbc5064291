package dev.lorikeet.cli.recipe;

import dev.lorikeet.transformer.settings.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The examples to validate with. */
public sealed interface Held {
    /** A share in (0, 1), or a path. */
    Kind<Held> KIND = new Kind<>("FILES|SHARE", "a path, a list of paths, or a share between 0 and 1", Held::read,
            Held::written);

    /**
     * A share of the training examples, of each class its part.
     *
     * @param of all, in (0, 1)
     */
    record Share(double of) implements Held {}

    /** Files like the others. */
    record Files(List<Path> paths) implements Held {}

    /** What is no path, be it a share or not. */
    Pattern NUMBER = Pattern.compile("(?i)[-+]?([0-9.]+(e[-+]?[0-9]+)?|nan|infinity) *%?");

    private static @Nullable Held read(Object given) {
        if (given instanceof Number number) {
            return number.doubleValue() > 0 && number.doubleValue() < 1 ? new Share(number.doubleValue()) : null;
        }
        List<Path> paths = given instanceof String text && NUMBER.matcher(text).matches() ? null
                : DataPaths.read(given);
        return paths == null ? null : new Files(paths);
    }

    private static Object written(Held held) {
        return switch (held) {
            case Share(double of) -> of;
            case Files(List<Path> paths) -> DataPaths.written(paths);
        };
    }
}
