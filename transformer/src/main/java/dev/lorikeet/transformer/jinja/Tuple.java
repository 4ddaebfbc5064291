package dev.lorikeet.transformer.jinja;

import java.util.AbstractList;
import java.util.List;

/** A list in round brackets, which equals no list in square ones and looks otherwise as a text. */
final class Tuple extends AbstractList<Object> {
    private final List<Object> items;

    Tuple(List<Object> items) {
        this.items = items;
    }

    static Tuple of(Object first, Object second) {
        return new Tuple(List.of(first, second));
    }

    @Override
    public Object get(int index) {
        return items.get(index);
    }

    @Override
    public int size() {
        return items.size();
    }
}
