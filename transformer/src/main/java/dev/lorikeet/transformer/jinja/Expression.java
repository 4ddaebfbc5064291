package dev.lorikeet.transformer.jinja;

/**
 * Gives a value: {@link Undefined}, {@link None}, Boolean, Long, Double, String, a List, a {@link Tuple}, a Map, a
 * {@link Namespace} or a {@link Callable}.
 */
@FunctionalInterface
interface Expression {
    Object value(Frame frame);
}
