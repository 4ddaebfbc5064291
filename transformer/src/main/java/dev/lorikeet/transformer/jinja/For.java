package dev.lorikeet.transformer.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A loop. What its body sets is gone in the next round; only a {@link Namespace} outlives it.
 *
 * @param filter of the items; null for all
 * @param otherwise where there is no item
 */
record For(int line, BiConsumer<Frame, Object> target, Expression over, @Nullable Expression filter, Statement body,
        Statement otherwise) implements Statement {
    @Override
    public Flow run(Frame frame) {
        Run run = frame.run();
        Object value = over.value(frame);
        run.at(line);
        List<Object> items = Values.items(run, value);
        if (filter != null) {
            List<Object> some = new ArrayList<>();
            for (Object item : items) {
                Frame inside = frame.inner();
                target.accept(inside, item);
                if (Values.isTrue(filter.value(inside))) {
                    some.add(item);
                }
            }
            items = some;
        }
        if (items.isEmpty()) {
            return otherwise.run(frame.inner());
        }
        for (int i = 0; i < items.size(); i++) {
            run.at(line);
            Frame inside = frame.inner();
            inside.set("loop", new Loop(items, i));
            target.accept(inside, items.get(i));
            if (body.run(inside) == Flow.BREAK) {
                break;
            }
        }
        return Flow.NEXT;
    }
}
