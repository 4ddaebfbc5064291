package dev.lorikeet.transformer.constraint;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** A set of texts, in bytes. */
sealed interface Node {
    /** How often {@link Repeat} and {@link Joined} may at most, where there is no end. */
    int ENDLESS = Integer.MAX_VALUE;

    /** One byte from {@code low} to {@code high}. */
    record Byte(int low, int high) implements Node {}

    /** One behind the other; of none, the empty text. */
    record Sequence(List<Node> parts) implements Node {}

    /** One of them. */
    record Choice(List<Node> options) implements Node {}

    /** From {@code least} to {@code most} times. */
    record Repeat(Node part, int least, int most) implements Node {}

    /** As {@link Repeat}, with something in between. */
    record Joined(Node part, Node between, int least, int most) implements Node {}

    /** Members in their order, with something between those that are there. */
    record Members(List<Member> members, Node between) implements Node {}

    /** One of {@link Members}. */
    record Member(Node part, boolean required) {}

    /** The texts of this in which there is no such byte. */
    default Node without(IntPredicate excluded) {
        return switch (this) {
            case Byte(int low, int high) -> new Choice(IntStream.rangeClosed(low, high)
                    .filter(b -> !excluded.test(b)).<Node>mapToObj(b -> new Byte(b, b)).toList());
            case Sequence(List<Node> parts) -> new Sequence(without(parts, excluded));
            case Choice(List<Node> options) -> new Choice(without(options, excluded));
            case Repeat(Node part, int least, int most) -> new Repeat(part.without(excluded), least, most);
            case Joined(Node part, Node between, int least, int most) ->
                new Joined(part.without(excluded), between.without(excluded), least, most);
            case Members(List<Member> members, Node between) -> new Members(members.stream()
                    .map(member -> new Member(member.part.without(excluded), member.required)).toList(),
                    between.without(excluded));
        };
    }

    private static List<Node> without(List<Node> nodes, IntPredicate excluded) {
        return nodes.stream().map(node -> node.without(excluded)).toList();
    }

    static Node sequence(Node... parts) {
        return new Sequence(List.of(parts));
    }

    static Node choice(Node... options) {
        return new Choice(List.of(options));
    }

    static Node optional(Node part) {
        return new Repeat(part, 0, 1);
    }

    /** This very text. */
    static Node text(String text) {
        List<Node> bytes = new ArrayList<>();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            bytes.add(new Byte(b & 0xFF, b & 0xFF));
        }
        return new Sequence(bytes);
    }
}
