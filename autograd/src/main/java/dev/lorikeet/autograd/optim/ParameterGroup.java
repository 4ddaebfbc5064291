package dev.lorikeet.autograd.optim;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Parameter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Parameters that share a learning rate and a weight decay.
 *
 * @param parameters by names that are an optimizer's own, in the order of updates
 * @param rate the peak learning rate, multiplied by the schedule's factor
 * @param decay the weight decay; 0 for none
 */
public record ParameterGroup(Map<String, Parameter> parameters, double rate, double decay) {
    public ParameterGroup {
        requireNotNegative("rate", rate);
        requireNotNegative("decay", decay);
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    private static void requireNotNegative(String name, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("parameter group: " + name + " must be at least 0, not " + value);
        }
    }

    /** The parameters of {@code module} that are trained, by {@code prefix} and their paths. */
    public static Map<String, Parameter> trained(String prefix, Module module) {
        Map<String, Parameter> trained = new LinkedHashMap<>();
        module.namedParameters().forEach((path, parameter) -> {
            if (parameter.requiresGradient()) {
                trained.put(prefix + path, parameter);
            }
        });
        return trained;
    }

    /** This as groups of the parameters that have the same factor on the rate, in the order of the first of each. */
    public List<ParameterGroup> scaled(ToDoubleFunction<Parameter> factor) {
        Map<Double, Map<String, Parameter>> byFactor = new LinkedHashMap<>();
        parameters.forEach((name, parameter) -> byFactor
                .computeIfAbsent(factor.applyAsDouble(parameter), _ -> new LinkedHashMap<>()).put(name, parameter));
        return byFactor.entrySet().stream()
                .map(same -> new ParameterGroup(same.getValue(), rate * same.getKey(), decay)).toList();
    }

    /**
     * Two groups of one rate: matrices, which decay, and biases and the weights of norms, which do not. Those have at
     * most one axis, and are told by that.
     */
    public static List<ParameterGroup> split(Map<String, Parameter> parameters, double rate, double decay) {
        Map<String, Parameter> decayed = new LinkedHashMap<>();
        Map<String, Parameter> plain = new LinkedHashMap<>();
        parameters.forEach((name, parameter) -> (parameter.shape().rank() >= 2 ? decayed : plain).put(name,
                parameter));
        return List.of(new ParameterGroup(decayed, rate, decay), new ParameterGroup(plain, rate, 0));
    }
}
