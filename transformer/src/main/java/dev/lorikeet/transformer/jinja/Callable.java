package dev.lorikeet.transformer.jinja;

/** What can be called: a macro, a function, a method of a value. */
@FunctionalInterface
interface Callable {
    Object call(Run run, Arguments arguments);
}
