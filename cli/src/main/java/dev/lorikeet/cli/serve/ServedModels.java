package dev.lorikeet.cli.serve;

import dev.lorikeet.lora.AdapterSet;
import dev.lorikeet.lora.LoraWeights;
import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.generation.Prompt;
import dev.lorikeet.transformer.io.InputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The names that clients know, and what each means at the moment: the model itself, or an adapter. Adapters come and go
 * while texts are written; a text ends with the adapter that it began with.
 */
public final class ServedModels {
    private final String base;
    private final Generator generator;
    private final @Nullable AdapterSet set;
    /** For each name that clients know that of the set. */
    private final Map<String, String> names = new LinkedHashMap<>();
    /** Names of the set that no client has any more. */
    private final List<String> retired = new ArrayList<>();
    private int loaded;

    /**
     * A model with the adapters that its set has.
     *
     * @param base by which clients know the model itself
     * @param set null for no adapters, now and later
     * @throws InputException if an adapter has the model's name
     */
    public ServedModels(String base, Generator generator, @Nullable AdapterSet set) {
        this.base = base;
        this.set = set;
        this.generator = set == null ? generator : generator.withAdapters(set::choose, AdapterSet.BASE);
        names.put(base, AdapterSet.BASE);
        if (set != null) {
            for (String name : set.names()) {
                requireFree(name);
                names.put(name, name);
            }
        }
    }

    private void requireFree(String name) {
        if (name.equals(base) || name.isBlank()) {
            throw new InputException("adapter: cannot be called \"" + name + "\""
                    + (name.isBlank() ? "" : ", as the model is"));
        }
    }

    Generator generator() {
        return generator;
    }

    /** All names, that of the model first. */
    synchronized List<String> names() {
        return List.copyOf(names.keySet());
    }

    /** @throws Refusal if there is no model of a name */
    synchronized void require(String name) {
        if (!names.containsKey(name)) {
            throw Refusal.noModel(name, names.keySet());
        }
    }

    /**
     * A prompt for the model that a name means now.
     *
     * @throws Refusal if there is none
     */
    synchronized Prompt named(String name, Prompt prompt) {
        String adapter = names.get(name);
        if (adapter == null) {
            throw Refusal.noModel(name, names.keySet());
        }
        return set == null ? prompt : prompt.with(adapter);
    }

    /**
     * Adds an adapter, or puts it in the place of one: texts that begin later have it.
     *
     * @throws InputException if the name is the model's, or the adapter cannot be served
     * @throws IllegalStateException if there is no set
     */
    synchronized void load(String name, LoraWeights weights) {
        requireFree(name);
        String own = name + "@" + ++loaded;
        adapters().add(own, weights);
        String before = names.put(name, own);
        if (before != null) {
            retired.add(before);
        }
    }

    /**
     * Takes an adapter away: texts that have begun end with it.
     *
     * @throws InputException if the name is the model's
     * @throws Refusal if there is none of this name
     * @throws IllegalStateException if there is no set
     */
    synchronized void unload(String name) {
        requireFree(name);
        require(name);
        adapters();
        retired.add(names.remove(name));
    }

    /** Whether there are adapters that no client can name. */
    synchronized boolean hasRetired() {
        return !retired.isEmpty();
    }

    /** Forgets the adapters that no client can name and no prompt has. */
    synchronized void forget(Set<String> inUse) {
        retired.removeIf(name -> {
            if (inUse.contains(name)) {
                return false;
            }
            adapters().remove(name);
            return true;
        });
    }

    private AdapterSet adapters() {
        if (set == null) {
            throw new IllegalStateException("served models: there is no set of adapters");
        }
        return set;
    }
}
