package dev.lorikeet.transformer.jinja;

import java.util.List;

/** {@code loop} inside of a {@code for}. */
record Loop(List<Object> items, int index) {
    Object get(Run run, String name) {
        return switch (name) {
            case "index" -> index + 1L;
            case "index0" -> (long) index;
            case "revindex" -> (long) items.size() - index;
            case "revindex0" -> items.size() - index - 1L;
            case "first" -> index == 0;
            case "last" -> index == items.size() - 1;
            case "length" -> (long) items.size();
            case "depth" -> 1L; // counts the rounds of loops that call themselves, which are not supported
            case "depth0" -> 0L;
            case "previtem" -> index == 0 ? new Undefined("the item before the first") : items.get(index - 1);
            case "nextitem" -> index == items.size() - 1 ? new Undefined("the item behind the last")
                    : items.get(index + 1);
            case "cycle" -> (Callable) (during, arguments) -> {
                if (arguments.inOrder().isEmpty()) {
                    throw during.error("loop.cycle: nothing to choose from");
                }
                return arguments.inOrder().get(index % arguments.inOrder().size());
            };
            default -> throw run.error("loop." + name + " is not supported");
        };
    }
}
