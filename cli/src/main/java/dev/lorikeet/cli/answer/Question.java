package dev.lorikeet.cli.answer;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a user asks.
 *
 * @param columns what stands beside the answer, by name: the text, or the whole row that has it
 * @param texts one, or the two of a pair; none in an empty line, which keeps its place and has no answer
 */
public record Question(Map<String, @Nullable Object> columns, List<String> texts) {}
