package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.primitive.LongIntMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The tokens of a model and their ids, each found by the other. Ids may have holes. */
final class Vocabulary {
    /** The id of what is no token. */
    static final int ABSENT = -1;

    private final Map<String, Integer> ids;
    /** Of each id the place of its token in the list. */
    private final LongIntMap places;
    private final List<String> tokens;

    private Vocabulary(int size) {
        ids = HashMap.newHashMap(size);
        places = new LongIntMap(size);
        tokens = new ArrayList<>(size);
    }

    private boolean add(int id, String token) {
        boolean first = places.put(id, tokens.size()) == LongIntMap.ABSENT;
        tokens.add(token);
        ids.put(token, id);
        return first;
    }

    /** The names and numbers of a file's {@code vocab}. */
    static Vocabulary of(JsonObject vocab) {
        Vocabulary vocabulary = new Vocabulary(vocab.fields().size());
        vocab.fields().forEach((token, value) -> {
            int id = value instanceof Integer number ? number : vocab.integer(token);
            if (id < 0 || id == Integer.MAX_VALUE || !vocabulary.add(id, token)) {
                throw vocab.error(token, "id " + id + (id < 0 ? " is negative"
                        : id == Integer.MAX_VALUE ? " is too large" : " is another token's too"));
            }
        });
        return vocabulary;
    }

    /** Tokens numbered from 0. Of one that is there twice, the last has the name, as the library has it. */
    static Vocabulary of(String[] numbered) {
        Vocabulary vocabulary = new Vocabulary(numbered.length);
        for (int id = 0; id < numbered.length; id++) {
            vocabulary.add(id, numbered[id]);
        }
        return vocabulary;
    }

    /** The id of a token, or {@link #ABSENT}. */
    int id(String token) {
        return ids.getOrDefault(token, ABSENT);
    }

    @Nullable
    String token(int id) {
        int place = places.get(id);
        return place == LongIntMap.ABSENT ? null : tokens.get(place);
    }

    void forEach(BiConsumer<String, Integer> each) {
        ids.forEach(each);
    }

    /** How many tokens there are. */
    int size() {
        return tokens.size();
    }

    int largestId() {
        return places.keys().mapToInt(id -> (int) id).max().orElse(ABSENT);
    }
}
