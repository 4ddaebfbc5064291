package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.JsonObject;
import it.unimi.dsi.fastutil.ints.Int2ObjectOpenHashMap;
import it.unimi.dsi.fastutil.objects.Object2IntMap;
import it.unimi.dsi.fastutil.objects.Object2IntOpenHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tokens of a model and their ids, each found by the other. Ids may have holes. */
final class Vocabulary {
    /** The id of what is no token. */
    static final int ABSENT = -1;

    private final Object2IntOpenHashMap<String> ids;
    private final Int2ObjectOpenHashMap<String> tokens;

    private Vocabulary(int size) {
        ids = new Object2IntOpenHashMap<>(size);
        ids.defaultReturnValue(ABSENT);
        tokens = new Int2ObjectOpenHashMap<>(size);
    }

    /** The names and numbers of a file's {@code vocab}. */
    static Vocabulary of(JsonObject vocab) {
        Vocabulary vocabulary = new Vocabulary(vocab.fields().size());
        vocab.fields().forEach((token, value) -> {
            int id = value instanceof Integer number ? number : vocab.integer(token);
            if (id < 0 || id == Integer.MAX_VALUE || vocabulary.tokens.put(id, token) != null) {
                throw vocab.error(token, "id " + id + (id < 0 ? " is negative"
                        : id == Integer.MAX_VALUE ? " is too large" : " is another token's too"));
            }
            vocabulary.ids.put(token, id);
        });
        return vocabulary;
    }

    /** Tokens numbered from 0. Of one that is there twice, the last has the name, as the library has it. */
    static Vocabulary of(String[] numbered) {
        Vocabulary vocabulary = new Vocabulary(numbered.length);
        for (int id = 0; id < numbered.length; id++) {
            vocabulary.tokens.put(id, numbered[id]);
            vocabulary.ids.put(numbered[id], id);
        }
        return vocabulary;
    }

    /** The id of a token, or {@link #ABSENT}. */
    int id(String token) {
        return ids.getInt(token);
    }

    @Nullable
    String token(int id) {
        return tokens.get(id);
    }

    Set<Object2IntMap.Entry<String>> entries() {
        return ids.object2IntEntrySet();
    }

    /** How many tokens there are. */
    int size() {
        return tokens.size();
    }

    int largestId() {
        return tokens.keySet().intStream().max().orElse(ABSENT);
    }
}
