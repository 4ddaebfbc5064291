package dev.lorikeet.bench.roofline;

/**
 * What the machine can do at most, measured in turn with the passes.
 *
 * @param flops fused multiply-adds on registers, two flops each, in a second
 * @param bandwidth bytes read from memory in a second
 */
record Roof(double flops, double bandwidth) {}
