package dev.lorikeet.tornado.plan;

import dev.lorikeet.tornado.plan.Buffer.Travel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Steps that run one after the other with one call, and what travels for them.
 *
 * @param sent goes to the device before the steps, each time
 * @param constants go to the device before the first run
 * @param found is on the device: weights, or what the graph before left
 * @param made is written by a step; those of {@link Travel#BACK} go to the host afterwards, the others stay
 */
public record Graph(List<Step> steps, List<Buffer> sent, List<Buffer> constants, List<Buffer> found,
        List<Buffer> made) {
    public Graph {
        steps = List.copyOf(steps);
        sent = List.copyOf(sent);
        constants = List.copyOf(constants);
        found = List.copyOf(found);
        made = List.copyOf(made);
    }

    /** A graph of which nothing was run before it. */
    static Graph first(List<Step> steps) {
        return new Graph(steps, read(steps, Travel.EACH), read(steps, Travel.CONSTANT), read(steps, Travel.WEIGHT),
                written(steps));
    }

    /**
     * A graph that is run after this one, and finds there what this one was sent or made.
     *
     * @throws IllegalStateException if it reads what is neither there nor sent
     */
    Graph then(List<Step> next) {
        Set<Buffer> there = new HashSet<>(sent);
        there.addAll(made);
        List<Buffer> own = written(next);
        List<Buffer> newly = new ArrayList<>();
        List<Buffer> before = new ArrayList<>(read(next, Travel.WEIGHT));
        for (Buffer input : next.stream().flatMap(step -> step.inputs().stream()).distinct().toList()) {
            if (there.contains(input)) {
                before.add(input);
            } else if (input.travel() == Travel.EACH) {
                newly.add(input);
            } else if ((input.travel() == Travel.NEVER || input.travel() == Travel.BACK) && !own.contains(input)) {
                throw new IllegalStateException("graph: " + input.name() + " is read and was never made");
            }
        }
        return new Graph(next, newly, read(next, Travel.CONSTANT), before, own);
    }

    private static List<Buffer> read(List<Step> steps, Travel travel) {
        return steps.stream().flatMap(step -> step.inputs().stream()).filter(b -> b.travel() == travel).distinct()
                .toList();
    }

    private static List<Buffer> written(List<Step> steps) {
        return steps.stream().flatMap(step -> step.outputs().stream()).distinct().toList();
    }

    /** What goes back to the host after each run. */
    public List<Buffer> fetched() {
        return made.stream().filter(buffer -> buffer.travel() == Travel.BACK).toList();
    }

    /** All that it works on. */
    public List<Buffer> buffers() {
        List<Buffer> all = new ArrayList<>(sent);
        all.addAll(constants);
        all.addAll(found);
        all.addAll(made);
        return all;
    }

    /** Its kernels with their sizes, for messages. */
    public String title() {
        return steps.stream().map(step -> step.operation().name() + step.sizes()).collect(Collectors.joining(", "));
    }

    /** Bytes to the device with each run. */
    public long bytesSent() {
        return sent.stream().mapToLong(Buffer::bytes).sum();
    }

    /** Bytes to the host with each run. */
    public long bytesFetched() {
        return fetched().stream().mapToLong(Buffer::bytes).sum();
    }
}
