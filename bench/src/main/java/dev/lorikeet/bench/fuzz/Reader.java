package dev.lorikeet.bench.fuzz;

import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * A reader of files, and what it is fed with.
 *
 * @param name what people call it
 * @param directory where its files lie; every refusal names a file in there
 * @param inputs what makes one input of random numbers
 * @param broken inputs that are broken in one place each, all that there are
 * @param check writes an input where the reader looks for it, reads it, and does with what was read what users do
 */
record Reader(String name, Path directory, Inputs inputs, Broken broken, Check check) {
    /** Makes one input. */
    interface Inputs {
        byte[] next(SplittableRandom random);
    }

    /** Breaks an input in all places. */
    interface Broken {
        Stream<byte[]> all();
    }

    /** Reads one input; throws what the reader throws, or an {@link AssertionError} for what it reads wrongly. */
    interface Check {
        void read(byte[] input) throws Exception;
    }

    /**
     * One of files that hold a JSON object.
     *
     * @param more what fields may be called besides
     */
    static Reader ofJson(String name, Path directory, List<JsonTree> seeds, List<String> more, Check check) {
        List<String> names = Stream
                .concat(JsonTree.names(seeds).stream(), more.stream().map(field -> '"' + field + '"'))
                .toList();
        return new Reader(name, directory, random -> {
            JsonTree seed = Mutants.one(seeds, random);
            return random.nextInt(8) == 0 ? Mutants.bytes(WeightReaders.utf8(seed), random)
                    : WeightReaders.utf8(seed.changed(names, random));
        }, () -> Breaks.json(seeds), check);
    }

    /** One of files that hold a text. */
    static Reader ofText(String name, Path directory, List<String> seeds, Check check) {
        return new Reader(name, directory, random -> Mutants.lines(Mutants.one(seeds, random), seeds, random),
                () -> seeds.stream().flatMap(Breaks::cuts), check);
    }

    @Override
    public String toString() {
        return name;
    }
}
