package dev.lorikeet.transformer.data;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Sha256;
import java.util.Arrays;
import java.util.BitSet;
import java.util.NoSuchElementException;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Examples of files that are too large to keep: they are read again whenever somebody goes through them, by
 * {@link #forEach}. To ask for one of them goes through all before it.
 */
public final class StreamedExamples<X, Y> implements Examples<X, Y> {
    /** Goes through all, in their order, until {@code more} says that it has seen enough. */
    @FunctionalInterface
    interface Pass<X, Y> {
        void run(BiPredicate<? super X, ? super Y> more);
    }

    private final DataSource source;
    private final Pass<X, Y> pass;
    private final Supplier<String> origin;
    private @Nullable String key;
    private int size = -1;

    /** @param origin the content of the files, and how they are read, as a text */
    StreamedExamples(DataSource source, Supplier<String> origin, Pass<X, Y> pass) {
        this.source = source;
        this.origin = origin;
        this.pass = pass;
    }

    /** A SHA-256 of the files' content and of how they are read: with another one, the examples may be others. */
    public String key() {
        String known = key;
        if (known == null) {
            known = new Sha256().add(origin.get()).hex();
            key = known;
        }
        return known;
    }

    @Override
    public String name() {
        return source.name();
    }

    /** @throws InputException if a file is wrong */
    @Override
    public int size() {
        if (size < 0) {
            forEach((_, _) -> {});
        }
        return size;
    }

    /** @throws InputException if a file is wrong, or has no example */
    @Override
    public void forEach(BiConsumer<? super X, ? super Y> action) {
        int[] count = new int[1];
        pass.run((input, target) -> {
            action.accept(input, target);
            count[0] = Math.addExact(count[0], 1);
            return true;
        });
        if (count[0] == 0) {
            throw source.error("examples", "there are none");
        }
        size = count[0];
    }

    @Override
    public X input(int i) {
        return find(i, (input, _) -> input);
    }

    @Override
    public Y target(int i) {
        return find(i, (_, target) -> target);
    }

    private <T> T find(int i, BiFunction<X, Y, T> part) {
        int[] next = new int[1];
        Object[] found = new Object[1];
        pass.run((input, target) -> {
            if (next[0]++ < i) {
                return true;
            }
            found[0] = part.apply(input, target);
            return false;
        });
        if (i < 0 || next[0] <= i) {
            throw new NoSuchElementException(name() + ": example " + i);
        }
        @SuppressWarnings("unchecked") // what part gave
        T own = (T) found[0];
        return own;
    }

    /** Those whose numbers are in {@code which}. */
    public StreamedExamples<X, Y> select(BitSet which) {
        BitSet own = (BitSet) which.clone();
        return new StreamedExamples<>(source, () -> key() + " of which "
                + new Sha256().add(Arrays.toString(own.toLongArray())).hex(), more -> {
                    int[] next = new int[1];
                    pass.run((input, target) -> !own.get(next[0]++) || more.test(input, target));
                });
    }

    @Override
    public <Z> StreamedExamples<X, Z> targets(String how, Function<? super Y, ? extends Z> function) {
        return new StreamedExamples<>(source, () -> key() + " " + how,
                more -> pass.run((input, target) -> more.test(input, function.apply(target))));
    }
}
