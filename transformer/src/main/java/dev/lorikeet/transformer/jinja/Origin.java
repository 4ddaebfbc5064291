package dev.lorikeet.transformer.jinja;

import dev.lorikeet.transformer.io.InputException;
import java.nio.file.Path;

/**
 * Where a template is from.
 *
 * @param field its name in the file
 */
record Origin(Path file, String field) {
    InputException error(int line, String rule) {
        return new InputException(file, field + ", line " + line, rule);
    }
}
