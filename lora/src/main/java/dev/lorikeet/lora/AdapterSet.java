package dev.lorikeet.lora;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.model.Batch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Several adapters on one model that serves: each may be used alone, with others at once, or for some sequences of a
 * batch. They can be exchanged at any time, while any number of threads computes:
 *
 * <pre>{@code
 * AdapterSet set = AdapterSet.on(model);                  // before the first thread computes
 * set.add("legal", Peft.read(model, directory));
 * set.use("legal");                                       // from the next pass on
 * set.add("legal", Peft.read(model, another));            // the same, in place
 * }</pre>
 *
 * <p>A pass sees the adapters that were in use when its tape met the first layer, to its end, whatever changes
 * meanwhile; it takes no lock for that, but reads one volatile field. Only changes wait for each other.
 */
public final class AdapterSet {
    /** In {@link #choose}: the model without an adapter. PEFT's name for it. */
    public static final String BASE = "__base__";

    /**
     * What there is at one moment; another one takes its place when something changes.
     *
     * @param adapters all, by name
     * @param used the names of those in use
     * @param active those
     */
    private record State(Map<String, Adapters> adapters, List<String> used, Adapters active) {
        State(Map<String, Adapters> adapters, List<String> used) {
            this(Collections.unmodifiableMap(adapters), used, stack(adapters, used));
        }
    }

    private final Module model;
    private volatile State state = new State(Map.of(), List.of());

    private AdapterSet(Module model) {
        this.model = model;
    }

    /**
     * An empty set on {@code model}, which is frozen and computes as before.
     *
     * @throws IllegalStateException if a layer has an adapter already
     */
    public static AdapterSet on(Module model) {
        model.namedModules().forEach((path, module) -> {
            if (module instanceof Linear linear && linear.adapter() != null
                    || module instanceof Embedding embedding && embedding.adapter() != null) {
                throw new IllegalStateException("adapter set: " + path + " has an adapter already, detach that first");
            }
        });
        AdapterSet set = new AdapterSet(model);
        model.freeze();
        // A seam in every layer, so that adapters come and go without any thread seeing half of one.
        for (Module module : model.namedModules().values()) {
            switch (module) {
                case Linear linear -> linear.adapter((pass, x, base) -> set.of(pass).forward(pass, x, base));
                case Embedding embedding -> embedding.adapter((pass, index, base) -> set.of(pass).forward(pass, index,
                        base));
                default -> {
                }
            }
        }
        return set;
    }

    /** What the pass uses. */
    private Active of(Pass pass) {
        return pass.tape().pinned(this, () -> state.active);
    }

    /**
     * Adds an adapter, or puts it in the place of one of this name: a pass that begins later uses the new one.
     *
     * @param weights are not copied and must not change any more
     * @throws InputException if {@code name} is {@value #BASE} or empty, or the adapter trains biases of the base, or
     *     modules whole that are no linear layers
     * @throws IllegalArgumentException if it is for another model
     */
    public synchronized void add(String name, LoraWeights weights) {
        if (name.isEmpty() || name.equals(BASE)) {
            throw new InputException("adapter set: \"" + name + "\" cannot be an adapter's name");
        }
        if (weights.plan().model() != model) {
            throw new IllegalArgumentException("adapter set: the adapter " + name + " is for another model");
        }
        Map<String, Adapters> next = new LinkedHashMap<>(state.adapters);
        next.put(name, Adapters.of(name, weights));
        state = new State(next, state.used);
    }

    /**
     * Uses these adapters from the next pass on, their updates added up; none for the base alone.
     *
     * @throws InputException if there is no adapter of a name, a name is there twice, or the adapters cannot be added
     *     up: with DoRA, biases, whole modules or single rows, each stands for itself
     */
    public synchronized void use(String... names) {
        state = new State(state.adapters, List.of(names));
    }

    private static Adapters stack(Map<String, Adapters> adapters, List<String> names) {
        Adapters stack = Adapters.NONE;
        for (int i = 0; i < names.size(); i++) {
            if (names.subList(0, i).contains(names.get(i))) {
                throw new InputException("adapter set: the adapter " + names.get(i) + " is named twice");
            }
            stack = stack.and(find(adapters, names.get(i)));
        }
        return stack;
    }

    private static Adapters find(Map<String, Adapters> adapters, String name) {
        Adapters found = adapters.get(name);
        if (found == null) {
            throw new InputException("adapter set: there is no adapter \"" + name + "\", there are "
                    + Shown.names(adapters.keySet()));
        }
        return found;
    }

    /**
     * Forgets an adapter; passes that use it go on to their end.
     *
     * @throws InputException if there is none of this name
     * @throws IllegalStateException if it is in use
     */
    public synchronized void remove(String name) {
        find(state.adapters, name);
        if (state.used.contains(name)) {
            throw new IllegalStateException("adapter set: the adapter " + name + " is in use");
        }
        Map<String, Adapters> next = new LinkedHashMap<>(state.adapters);
        next.remove(name);
        state = new State(next, state.used);
    }

    /** The names of all adapters, in the order in which they came. */
    public List<String> names() {
        return List.copyOf(state.adapters.keySet());
    }

    /** The names of those in use. */
    public List<String> used() {
        return state.used;
    }

    /**
     * Chooses an adapter for each sequence of the one batch that {@code tape} will compute: the base runs once for all.
     *
     * @param names one for each sequence, {@link #BASE} for none
     * @throws InputException if there is no adapter of a name
     * @throws IllegalArgumentException if there are more or fewer names than sequences
     * @throws IllegalStateException if the tape has computed already
     */
    public void choose(Tape tape, Batch batch, List<String> names) {
        if (names.size() != batch.sequences()) {
            throw new IllegalArgumentException("adapter set: " + names.size() + " names for " + batch.sequences()
                    + " sequences");
        }
        Active chosen = bySequence(names);
        if (tape.pinned(this, () -> chosen) != chosen) {
            throw new IllegalStateException("adapter set: the tape has computed already");
        }
    }

    private Active bySequence(List<String> names) {
        Map<String, Adapters> adapters = state.adapters;
        Map<String, List<Integer>> sequences = new LinkedHashMap<>();
        for (int s = 0; s < names.size(); s++) {
            sequences.computeIfAbsent(names.get(s), _ -> new ArrayList<>()).add(s);
        }
        List<AdaptersByRow.Group> groups = new ArrayList<>();
        sequences.forEach((name, which) -> groups.add(new AdaptersByRow.Group(
                name.equals(BASE) ? Adapters.NONE : find(adapters, name), which.stream().mapToInt(s -> s).toArray())));
        return new AdaptersByRow(groups, names.size());
    }

    /** Takes the adapters out of the model, which is the base again. No pass may be under way. */
    public synchronized void close() {
        state = new State(Map.of(), List.of());
        for (Module module : model.namedModules().values()) {
            switch (module) {
                case Linear linear -> linear.adapter(null);
                case Embedding embedding -> embedding.adapter(null);
                default -> {
                }
            }
        }
    }
}
