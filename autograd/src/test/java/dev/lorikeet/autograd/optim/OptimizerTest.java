package dev.lorikeet.autograd.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What all rules share; the numbers of their steps are compared with recorded ones elsewhere. */
class OptimizerTest {
    static Stream<Rule> rules() {
        return Stream.of(Rule.adamW(), new Rule.AdamW(0.8, 0.9, 1e-6, true), Rule.adam(), Rule.sgd(),
                new Rule.Sgd(0.9, true), Rule.lion(), Rule.adafactor(),
                new Rule.Adafactor(1e-30, 1e-3, 1, -0.8, 0.9, true, true, true), Rule.torchAdafactor());
    }

    @ParameterizedTest
    @MethodSource("rules")
    void takesUpWhereAnotherOneWas(Rule rule) {
        Map<String, Parameter> straight = parameters();
        Map<String, Parameter> resumed = parameters();
        steps(optimizer(rule, straight), straight, 1, 10);
        Optimizer first = optimizer(rule, resumed);
        steps(first, resumed, 1, 5);
        OptimizerState state = first.state();
        assertThat(state.steps()).isEqualTo(5);
        Optimizer second = optimizer(rule, resumed);
        second.restore(state);
        steps(second, resumed, 6, 10);
        assertThat(second.steps()).isEqualTo(10);
        straight.forEach((name, parameter) -> {
            assertThat(resumed.get(name).value().toArray()).as(name).isEqualTo(parameter.value().toArray());
            assertThat(parameter.value().toArray()).isNotEqualTo(parameters().get(name).value().toArray());
        });
    }

    @Test
    void refusesAStateOfSomethingElse() {
        Map<String, Parameter> parameters = parameters();
        Optimizer adamW = optimizer(Rule.adamW(), parameters);
        steps(adamW, parameters, 1, 2);
        OptimizerState state = adamW.state();
        refuses(new OptimizerState(2, without(state, "b.exp_avg")), "b.exp_avg is missing");
        refuses(new OptimizerState(2, with(state, "c.exp_avg", Tensor.zeros(1))),
                "there is nothing that c.exp_avg belongs to");
        refuses(new OptimizerState(2, with(state, "b.exp_avg", Tensor.zeros(3, 4))),
                "b.exp_avg must be (4, 3), not (3, 4)");
        refuses(new OptimizerState(1, state.tensors()), "a.step must be a whole number from 0 to 1, not 2.0");
        refuses(new OptimizerState(-1, state.tensors()), "steps must be at least 0, not -1");
    }

    private static void refuses(OptimizerState state, String message) {
        Optimizer optimizer = optimizer(Rule.adamW(), parameters());
        assertThatThrownBy(() -> optimizer.restore(state)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("optimizer state: " + message);
        assertThat(optimizer.steps()).isZero();
    }

    private static Map<String, Tensor> without(OptimizerState state, String name) {
        Map<String, Tensor> tensors = new LinkedHashMap<>(state.tensors());
        tensors.remove(name);
        return tensors;
    }

    private static Map<String, Tensor> with(OptimizerState state, String name, Tensor tensor) {
        Map<String, Tensor> tensors = new LinkedHashMap<>(state.tensors());
        tensors.put(name, tensor);
        return tensors;
    }

    @Test
    void refusesAParameterThatIsThereTwice() {
        Parameter parameter = parameters().get("a");
        ParameterGroup group = new ParameterGroup(Map.of("a", parameter), 1, 0);
        ParameterGroup otherName = new ParameterGroup(Map.of("other", parameter), 1, 0);
        for (ParameterGroup second : List.of(group, otherName)) {
            assertThatThrownBy(() -> new Optimizer(Rule.sgd(), List.of(group, second)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching("optimizer: the parameter (a|other) is there twice, .*");
        }
    }

    @Test
    void refusesCoefficientsThatMakeNoSense() {
        assertThatThrownBy(() -> new Rule.AdamW(1, 0.9, 1e-8, false))
                .hasMessage("AdamW: beta1 must be in [0, 1), not 1.0");
        assertThatThrownBy(() -> new Rule.Adam(0, Double.NaN, 1e-8))
                .hasMessage("Adam: beta2 must be in [0, 1), not NaN");
        assertThatThrownBy(() -> new Rule.Sgd(0, true)).hasMessage("SGD: nesterov needs a momentum above 0");
        assertThatThrownBy(() -> new Rule.Lion(0.9, -1)).hasMessage("Lion: beta2 must be in [0, 1), not -1.0");
        assertThatThrownBy(() -> new Rule.Adafactor(0, 0, 0, -0.8, 0, true, true, true))
                .hasMessage("Adafactor: clipThreshold must be above 0, not 0.0");
        assertThatThrownBy(() -> new Rule.Adafactor(0, 0, 1, -0.8, 0, true, false, true))
                .hasMessage("Adafactor: warmupInit needs relativeStep");
        assertThatThrownBy(() -> new ParameterGroup(Map.of(), -1, 0))
                .hasMessage("parameter group: rate must be at least 0, not -1.0");
    }

    @Test
    void biasesAndTheWeightsOfNormsDoNotDecay() {
        LayerNorm norm = new LayerNorm(Tensor.zeros(3), Tensor.zeros(3), 1e-5f);
        norm.unfreeze();
        Embedding frozen = new Embedding(Tensor.zeros(4, 3), -1);
        assertThat(ParameterGroup.trained("x.", frozen)).isEmpty();
        Map<String, Parameter> trained = new LinkedHashMap<>(ParameterGroup.trained("norm.", norm));
        frozen.unfreeze();
        trained.putAll(ParameterGroup.trained("words.", frozen));
        List<ParameterGroup> groups = ParameterGroup.split(trained, 0.1, 0.01);
        assertThat(groups).extracting(ParameterGroup::rate).containsExactly(0.1, 0.1);
        assertThat(groups).extracting(ParameterGroup::decay).containsExactly(0.01, 0.0);
        assertThat(groups.get(0).parameters()).containsOnlyKeys("words.weight");
        assertThat(groups.get(1).parameters()).containsOnlyKeys("norm.weight", "norm.bias");
    }

    private static Optimizer optimizer(Rule rule, Map<String, Parameter> parameters) {
        return new Optimizer(rule, List.of(new ParameterGroup(Map.of("a", parameters.get("a")), 0.1, 0.01),
                new ParameterGroup(Map.of("b", parameters.get("b")), 0.05, 0)));
    }

    /** A vector and a matrix. */
    static Map<String, Parameter> parameters() {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        parameters.put("a", new Parameter(Tensor.zeros(5)));
        parameters.put("b", new Parameter(Tensor.zeros(4, 3)));
        parameters.forEach((name, parameter) -> {
            Random.fillNormal(parameter.value(), 1f, Random.key(1, name));
            parameter.unfreeze();
        });
        return parameters;
    }

    private static void steps(Optimizer optimizer, Map<String, Parameter> parameters, int from, int to) {
        for (int step = from; step <= to; step++) {
            for (Map.Entry<String, Parameter> named : parameters.entrySet()) {
                Tensor gradient = Tensor.zeros(named.getValue().value().shape());
                Random.fillNormal(gradient, 1f, Random.key(Random.key(2, named.getKey()), step));
                give(named.getValue(), gradient);
            }
            optimizer.step(1.0 / step);
        }
    }

    /** Makes {@code gradient} the parameter's. */
    static void give(Parameter parameter, Tensor gradient) {
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            tape.backward(Losses.weightedSum(tape, parameter, gradient));
        }
    }
}
