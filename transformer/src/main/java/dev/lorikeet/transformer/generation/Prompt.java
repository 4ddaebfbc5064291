package dev.lorikeet.transformer.generation;

import dev.lorikeet.transformer.io.InputException;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a text goes on from: of a decoder its first tokens, of an encoder and decoder what the encoder reads.
 *
 * @param ids the tokens, special ones included
 * @param adapter the name of the adapter that answers, see {@link Generator#withAdapters}; null where none is chosen
 * @param readAnew whether all of it is read, whatever an earlier prompt had read: the answer is the same
 */
public record Prompt(int[] ids, @Nullable String adapter, boolean readAnew) {
    /** @throws InputException if there is no token */
    public Prompt {
        if (ids.length == 0) {
            throw new InputException("prompt: has no token, and the model begins with none of its own");
        }
        ids = ids.clone();
    }

    /** Of these tokens. */
    public static Prompt of(int... ids) {
        return new Prompt(ids, null, false);
    }

    /** The same for an adapter. */
    public Prompt with(String adapterName) {
        return new Prompt(ids, adapterName, readAnew);
    }

    /** The same, of which all is read. */
    public Prompt anew() {
        return new Prompt(ids, adapter, true);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Prompt prompt && Arrays.equals(ids, prompt.ids)
                && Objects.equals(adapter, prompt.adapter) && readAnew == prompt.readAnew;
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Arrays.hashCode(ids) + Objects.hashCode(adapter)) + Boolean.hashCode(readAnew);
    }

    @Override
    public String toString() {
        return "Prompt(" + Arrays.toString(ids) + (adapter == null ? "" : ", " + adapter)
                + (readAnew ? ", anew" : "") + ")";
    }
}
