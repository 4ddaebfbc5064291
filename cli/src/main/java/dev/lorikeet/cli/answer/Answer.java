package dev.lorikeet.cli.answer;

import dev.lorikeet.cli.report.Terminal;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a model says to one question.
 *
 * @param json fields of an object
 * @param cells of a row, under {@link Answering#cellNames}
 * @param told shows it to a person, below the text
 */
public record Answer(Map<String, @Nullable Object> json, List<?> cells, Consumer<Terminal> told) {}
