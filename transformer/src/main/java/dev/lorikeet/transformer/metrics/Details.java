package dev.lorikeet.transformer.metrics;

/** What there is to see of a model's answers beside numbers: of each kind of task another. */
public sealed interface Details permits Classified, Labelled, Fit, Tagged, Retrieved, Answered {}
