package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.primitive.IntList;
import dev.lorikeet.transformer.primitive.LongIntMap;

/** Strings with numbers, found from a text's char to char: 0 is the node of the empty string. */
final class Trie {
    static final int ABSENT = LongIntMap.ABSENT;

    private final LongIntMap children;
    private final IntList values = IntList.of(ABSENT);

    /** @param strings how many there will be, about */
    Trie(int strings) {
        children = new LongIntMap(4 * strings);
    }

    void put(String string, int value) {
        int node = 0;
        for (int i = 0; i < string.length(); i++) {
            int child = child(node, string.charAt(i));
            if (child == ABSENT) {
                child = values.size();
                children.put(key(node, string.charAt(i)), child);
                values.add(ABSENT);
            }
            node = child;
        }
        values.set(node, value);
    }

    /** The node of a string with one more char, or {@link #ABSENT} where no string begins so. */
    int child(int node, char c) {
        return children.get(key(node, c));
    }

    /** The node of a string, or {@link #ABSENT} where none begins so. */
    int node(String string) {
        int node = 0;
        for (int i = 0; i < string.length() && node != ABSENT; i++) {
            node = child(node, string.charAt(i));
        }
        return node;
    }

    /** The number of the string that ends at a node, or {@link #ABSENT} where none does. */
    int value(int node) {
        return values.get(node);
    }

    private static long key(int node, char c) {
        return (long) node << Character.SIZE | c;
    }
}
