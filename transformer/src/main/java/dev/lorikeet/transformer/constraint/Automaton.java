package dev.lorikeet.transformer.constraint;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.primitive.IntList;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a {@link Node} says, as states with a way for each byte (Thompson 1968; sets of states, made as they are met,
 * are the states). Every state leads to an end, so that a text that is cut off can be completed. For one thread.
 */
final class Automaton {
    /** The state that no way leads out of. */
    static final int DEAD = -1;
    private static final int UNKNOWN = -2;
    private static final int MOST_PLACES = 200_000;
    private static final int MOST_STATES = 20_000;
    /** Of all states together: each is a set of places. */
    private static final int MOST_IN_STATES = 4_000_000;

    // Of the places of the expression: ways without a byte, and at most one with a byte.
    private final List<IntList> free = new ArrayList<>();
    private final IntList low = new IntList();
    private final IntList high = new IntList();
    private final IntList target = new IntList();
    private final int last;
    private final BitSet alive;

    // Of the states: the places each is at, and where each byte leads.
    private final List<int[]> states = new ArrayList<>();
    private final List<int[]> ways = new ArrayList<>();
    private int inStates;
    private final Map<IntList, Integer> numbers = new HashMap<>();

    /** @throws InputException if it is too large, or no text is meant */
    Automaton(Node form) {
        int first = place();
        last = add(form, first);
        alive = alive();
        if (state(new int[] {first}) == DEAD) {
            throw new InputException("form: there is no text of it");
        }
    }

    /** The state before the first byte. */
    int start() {
        return 0;
    }

    /** Whether a text may end in a state. */
    boolean ends(int state) {
        return Arrays.binarySearch(states.get(state), last) >= 0;
    }

    /** The state behind a byte. */
    int next(int state, int b) {
        int[] known = ways.get(state);
        if (known[b] == UNKNOWN) {
            int[] places = states.get(state);
            known[b] = state(Arrays.stream(places).filter(p -> low.get(p) <= b && b <= high.get(p))
                    .map(target::get).toArray());
        }
        return known[b];
    }

    private int place() {
        if (free.size() == MOST_PLACES) {
            throw new InputException("form: is too large, with counts written out it has more than " + MOST_PLACES
                    + " places");
        }
        free.add(new IntList());
        low.add(256);
        high.add(-1);
        target.add(-1);
        return free.size() - 1;
    }

    /** Adds what may stand from a place on, and returns the place behind it. */
    private int add(Node node, int from) {
        return switch (node) {
            case Node.Byte(int least, int most) -> {
                int start = step(from);
                int to = place();
                low.set(start, least);
                high.set(start, most);
                target.set(start, to);
                yield to;
            }
            case Node.Sequence(List<Node> parts) -> {
                int to = from;
                for (Node part : parts) {
                    to = add(part, to);
                }
                yield to;
            }
            case Node.Choice(List<Node> options) -> {
                int to = place();
                for (Node option : options) {
                    free.get(add(option, step(from))).add(to);
                }
                yield to;
            }
            case Node.Repeat(Node part, int least, int most) -> joined(part, Node.sequence(), least, most, from);
            case Node.Joined(Node part, Node between, int least, int most) ->
                joined(part, between, least, most, from);
            case Node.Members members -> members(members, from);
        };
    }

    /** A new place, to which a way leads without a byte. */
    private int step(int from) {
        int to = place();
        free.get(from).add(to);
        return to;
    }

    private int joined(Node part, Node between, int least, int most, int from) {
        int end = place();
        int at = from;
        if (least == 0) {
            free.get(from).add(end);
        }
        for (int i = 1; i <= (most == Node.ENDLESS ? Math.max(1, least) : most); i++) {
            int begin = step(i == 1 ? at : add(between, at));
            at = add(part, begin);
            if (i >= least) {
                free.get(at).add(end);
            }
            if (most == Node.ENDLESS && i == Math.max(1, least)) {
                free.get(add(between, step(at))).add(begin);
            }
        }
        return end;
    }

    /** Two rows of places: in one of them no member has come yet, so that the next has nothing in front. */
    private int members(Node.Members members, int from) {
        int none = from;
        int some = place();
        for (Node.Member member : members.members()) {
            int behind = place();
            free.get(add(member.part(), step(none))).add(behind);
            free.get(add(member.part(), add(members.between(), step(some)))).add(behind);
            if (!member.required()) {
                free.get(some).add(behind);
            }
            none = member.required() ? place() : step(none);
            some = behind;
        }
        int end = step(some);
        free.get(none).add(end);
        return end;
    }

    /** The places from which there is a way to the end. */
    private BitSet alive() {
        List<IntList> before = new ArrayList<>();
        free.forEach(_ -> before.add(new IntList()));
        for (int p = 0; p < free.size(); p++) {
            int from = p;
            free.get(p).forEach(to -> before.get(to).add(from));
            if (target.get(p) >= 0) {
                before.get(target.get(p)).add(p);
            }
        }
        BitSet seen = new BitSet();
        spread(before, new int[] {last}, seen);
        return seen;
    }

    private static void spread(List<IntList> ways, int[] from, BitSet seen) {
        ArrayDeque<Integer> open = new ArrayDeque<>();
        for (int place : from) {
            open.add(place);
            seen.set(place);
        }
        while (!open.isEmpty()) {
            ways.get(open.poll()).forEach(next -> {
                if (!seen.get(next)) {
                    seen.set(next);
                    open.add(next);
                }
            });
        }
    }

    /** The state at these places and those that are reached from them without a byte. */
    private int state(int[] places) {
        BitSet reached = new BitSet();
        spread(free, places, reached);
        reached.and(alive);
        int[] kept = reached.stream().filter(p -> p == last || target.get(p) >= 0).toArray();
        if (kept.length == 0) {
            return DEAD;
        }
        IntList key = IntList.of(kept);
        Integer known = numbers.get(key);
        if (known != null) {
            return known;
        }
        inStates += kept.length;
        if (states.size() == MOST_STATES || inStates > MOST_IN_STATES) {
            throw new InputException("form: is too large, there are too many ways in which a text may go on");
        }
        int[] unknown = new int[256];
        Arrays.fill(unknown, UNKNOWN);
        ways.add(unknown);
        states.add(kept);
        numbers.put(key, states.size() - 1);
        return states.size() - 1;
    }
}
