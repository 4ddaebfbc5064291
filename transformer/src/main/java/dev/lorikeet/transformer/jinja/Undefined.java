package dev.lorikeet.transformer.jinja;

/**
 * What a name stands for that nobody has set: nothing as a text, false, without items; anything else is refused.
 *
 * @param what was looked for, as messages say it
 */
record Undefined(String what) {}
