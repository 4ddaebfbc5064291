package dev.lorikeet.bench.fuzz;

import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * A reader of files, and what it is fed with.
 *
 * @param name what people call it
 * @param directory where its files lie; every refusal names a file in there
 * @param inputs what makes one input of random numbers
 * @param check writes an input where the reader looks for it, reads it, and does with what was read what users do
 */
record Reader(String name, Path directory, Inputs inputs, Check check) {
    /** Makes one input. */
    interface Inputs {
        byte[] next(SplittableRandom random);
    }

    /** Reads one input; throws what the reader throws, or an {@link AssertionError} for what it reads wrongly. */
    interface Check {
        void read(byte[] input) throws Exception;
    }

    @Override
    public String toString() {
        return name;
    }
}
