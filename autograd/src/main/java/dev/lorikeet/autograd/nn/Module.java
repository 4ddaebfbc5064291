package dev.lorikeet.autograd.nn;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A part of a model: named parameters and named children. The path of a parameter joins the names with dots. */
public abstract class Module {
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private final Map<String, Module> children = new LinkedHashMap<>();

    /** Registers a parameter of this module and returns it. */
    protected final <P extends Parameter> P parameter(String name, P parameter) {
        parameters.put(name, parameter);
        return parameter;
    }

    /** Registers the parameters of what stands in a seam of this module in place of those that stood there. */
    protected final void replaceParameters(Map<String, Parameter> before, Map<String, Parameter> now) {
        parameters.keySet().removeAll(before.keySet());
        parameters.putAll(now);
    }

    /**
     * Registers a child and returns it; the name may have dots where Hugging Face has a container there, and be empty
     * where what is in the child has this module's own path.
     */
    protected final <M extends Module> M child(String name, M module) {
        if (name.isEmpty()) {
            children(module);
        } else {
            children.put(name, module);
        }
        return module;
    }

    /** Registers parameters and children of {@code part} as this module's own: the two have the same paths. */
    protected final void children(Module part) {
        parameters.putAll(part.parameters);
        children.putAll(part.children);
    }

    /** Every parameter below this module by its path, in the order of creation. */
    public final Map<String, Parameter> namedParameters() {
        Map<String, Parameter> all = new LinkedHashMap<>();
        visit("", (path, module) -> module.parameters.forEach((name, parameter) -> all.put(join(path, name),
                parameter)));
        return all;
    }

    /** This module (under the empty path) and every module below it by its path. */
    public final Map<String, Module> namedModules() {
        Map<String, Module> all = new LinkedHashMap<>();
        visit("", all::put);
        return all;
    }

    /** The module at {@code path}, or null. */
    public final @Nullable Module find(String path) {
        return namedModules().get(path);
    }

    private void visit(String path, BiConsumer<String, Module> visitor) {
        visitor.accept(path, this);
        children.forEach((name, child) -> child.visit(join(path, name), visitor));
    }

    private static String join(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /** Freezes every parameter below this module. */
    public final void freeze() {
        namedParameters().values().forEach(Parameter::freeze);
    }

    /** Unfreezes every parameter below this module. */
    public final void unfreeze() {
        namedParameters().values().forEach(Parameter::unfreeze);
    }

    /**
     * Freezes the parameters below this module whose whole path matches a regular expression.
     *
     * @return how many match
     * @throws IllegalArgumentException if none does
     */
    public final int freeze(String pattern) {
        return each("freeze", pattern, Parameter::freeze);
    }

    /** As {@link #freeze(String)}, unfreezing. */
    public final int unfreeze(String pattern) {
        return each("unfreeze", pattern, Parameter::unfreeze);
    }

    private int each(String action, String pattern, Consumer<Parameter> change) {
        Pattern paths = Pattern.compile(pattern);
        Map<String, Parameter> matching = namedParameters();
        String some = matching.keySet().stream().limit(3).collect(Collectors.joining(", "));
        matching.keySet().removeIf(path -> !paths.matcher(path).matches());
        if (matching.isEmpty()) {
            throw new IllegalArgumentException(action + ": no parameter's path matches \"" + pattern
                    + "\", they are such as " + some);
        }
        matching.values().forEach(change);
        return matching.size();
    }

    /** A table of all parameters below this module: paths, shapes, elements, whether they are trained, and memory. */
    public final String summary() {
        return Summary.of(namedParameters());
    }

    /** The number of elements of all parameters. */
    public final long parameterCount() {
        return namedParameters().values().stream().mapToLong(p -> p.shape().size()).sum();
    }

    /** The number of elements of the parameters that are trained. */
    public final long trainableCount() {
        return namedParameters().values().stream().filter(Parameter::requiresGradient)
                .mapToLong(p -> p.shape().size()).sum();
    }
}
