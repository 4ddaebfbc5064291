package dev.lorikeet.transformer.training;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.Sha256;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.Passage;
import java.util.List;
import java.util.stream.IntStream;

/** Examples as a model reads them, in a fixed order, wherever they are kept. */
public interface EncodedExamples {
    /** How many there are. */
    int size();

    /** Example {@code i}. */
    Encoded get(int i);

    /** All of them, in memory. */
    default List<Encoded> toList() {
        return IntStream.range(0, size()).mapToObj(this::get).toList();
    }

    /** How many tokens example {@code i} has. */
    default int tokens(int i) {
        return get(i).tokens();
    }

    /** What they take of the heap, about, in bytes. */
    default long bytes() {
        long numbers = 0;
        for (int i = 0; i < size(); i++) {
            Encoded each = get(i);
            int[] types = each.typeIds();
            int[] starts = each.places();
            Passage passage = each.passage();
            numbers += (passage == null ? 0 : 2 * each.tokens() + passage.text().length() / 2) + each.tokens()
                    + (types == null ? 0 : types.length) + (starts == null ? 0 : starts.length)
                    + each.offsets().length + each.classes().length + each.numbers().length;
        }
        return Integer.BYTES * numbers;
    }

    /** How many of them are longer than the model can read, and were cut. */
    default int truncated() {
        int cut = 0;
        for (int i = 0; i < size(); i++) {
            cut += get(i).truncated() > 0 ? 1 : 0;
        }
        return cut;
    }

    /** How many of their tokens are this one; where a decoder learns a text, of what it reads. */
    default long countOf(int token) {
        long count = 0;
        for (int i = 0; i < size(); i++) {
            for (int id : get(i).ids()) {
                count += id == token ? 1 : 0;
            }
        }
        return count;
    }

    /** A SHA-256 of what the model reads of them and is to say, in their order. */
    default String digest() {
        Sha256 digest = new Sha256();
        for (int i = 0; i < size(); i++) {
            add(get(i), digest);
        }
        return digest.hex();
    }

    /** Adds an example to the digest of those before it. */
    static void add(Encoded example, Sha256 digest) {
        int[] types = example.typeIds();
        int[] starts = example.places();
        float[] numbers = example.numbers();
        // of one text, the digest is that of runs before there were other examples
        if (example.sequences() > 1) {
            digest.add("sequences").add(example.offsets());
        }
        if (starts != null) {
            digest.add("words").add(starts);
        }
        if (example.passage() instanceof Passage passage) {
            digest.add("passage").add(passage.text()).add(passage.starts()).add(passage.ends());
            passage.answers().forEach(digest::add);
        }
        digest.add(example.ids()).add(types == null ? new int[0] : types).add(example.classes())
                .add(numbers.length).add(Tensor.of(numbers, numbers.length));
    }

    /** Those of a list. */
    static EncodedExamples of(List<Encoded> examples) {
        List<Encoded> all = List.copyOf(examples);
        return new EncodedExamples() {
            @Override
            public int size() {
                return all.size();
            }

            @Override
            public Encoded get(int i) {
                return all.get(i);
            }
        };
    }

    /** Some of these. */
    default EncodedExamples select(int[] which) {
        int[] own = which.clone();
        return new EncodedExamples() {
            @Override
            public int size() {
                return own.length;
            }

            @Override
            public Encoded get(int i) {
                return EncodedExamples.this.get(own[i]);
            }

            @Override
            public int tokens(int i) {
                return EncodedExamples.this.tokens(own[i]);
            }
        };
    }
}
