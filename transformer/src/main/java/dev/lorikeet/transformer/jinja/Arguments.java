package dev.lorikeet.transformer.jinja;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a function, a filter or a test is given, beside the value that it is for. */
record Arguments(String of, List<Object> inOrder, Map<String, Object> named) {
    /**
     * These, by the names of parameters.
     *
     * @param parameters all that there may be, in order
     */
    Arguments.Bound bound(Run run, String... parameters) {
        if (inOrder.size() > parameters.length) {
            throw run.error(of + ": takes " + (parameters.length == 0 ? "nothing" : "at most " + parameters.length)
                    + " in brackets, not " + inOrder.size());
        }
        Set<String> unknown = new HashSet<>(named.keySet());
        for (int i = 0; i < parameters.length; i++) {
            if (unknown.remove(parameters[i]) && i < inOrder.size()) {
                throw run.error(of + ": \"" + parameters[i] + "\" is given twice");
            }
        }
        if (!unknown.isEmpty()) {
            throw run.error(of + ": \"" + unknown.stream().sorted().findFirst().orElseThrow() + "\" is not supported");
        }
        return new Bound(run, this, List.of(parameters));
    }

    /** Arguments whose names are known. */
    record Bound(Run run, Arguments arguments, List<String> parameters) {
        boolean has(String name) {
            return parameters.indexOf(name) < arguments.inOrder.size() || arguments.named.containsKey(name);
        }

        Object value(String name) {
            int place = parameters.indexOf(name);
            Object value = place < arguments.inOrder.size() ? arguments.inOrder.get(place)
                    : arguments.named.get(name);
            if (value == null) {
                throw run.error(arguments.of + ": \"" + name + "\" is missing");
            }
            return value;
        }

        Object value(String name, Object whenAbsent) {
            return has(name) ? value(name) : whenAbsent;
        }

        boolean flag(String name, boolean whenAbsent) {
            return has(name) ? Values.isTrue(value(name)) : whenAbsent;
        }

        String text(String name) {
            if (value(name) instanceof String text) {
                return text;
            }
            throw run.error(arguments.of + ": \"" + name + "\" must be a text, not " + Values.type(value(name)));
        }

        /** Where it is missing or none, what stands for that. */
        String text(String name, String whenAbsent) {
            return has(name) && value(name) != None.NONE ? text(name) : whenAbsent;
        }

        int whole(String name, int whenAbsent) {
            if (!has(name) || value(name) == None.NONE) {
                return whenAbsent;
            }
            if (Values.number(value(name)) instanceof Long number && number == number.intValue()) {
                return number.intValue();
            }
            throw run.error(arguments.of + ": \"" + name + "\" must be a whole number, not "
                    + Values.type(value(name)));
        }
    }
}
