package dev.lorikeet.bench.roofline;

/**
 * One operation of a pass.
 *
 * @param name as the tape calls it, with its last dimensions
 * @param way forward, backward or, for what no tape has, empty
 * @param flops of its products
 * @param bytes that it must read and write, each once: inputs, output, gradients, and what products read besides
 */
record Entry(String name, String way, double flops, double bytes) {}
