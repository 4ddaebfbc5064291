package dev.lorikeet.autograd.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.nn.TrainingDuty;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What optimizers do beside their rule for parameters that ask for it. */
class TrainingDutyTest {
    /** Notes what it finds after each step. */
    private static final class Witness implements TrainingDuty {
        final List<Parameter> parameters = new ArrayList<>();
        final List<float[]> seen = new ArrayList<>();

        @Override
        public void begin(int steps) {}

        @Override
        public Variable penalty(Tape tape) {
            return null;
        }

        @Override
        public void afterStep() {
            parameters.forEach(parameter -> {
                seen.add(parameter.value().toArray());
                seen.add(parameter.gradientOrThrow().toArray());
            });
        }

        @Override
        public void end(boolean early) {}

        @Override
        public Map<String, Tensor> state() {
            return Map.of("seen", Tensor.of(new float[] {seen.size()}, 1));
        }

        @Override
        public void restore(Map<String, Tensor> state) {
            seen.clear();
            for (int i = 0; i < state.get("seen").get(0); i++) {
                seen.add(new float[0]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.lorikeet.autograd.optim.OptimizerTest#rules")
    void isDoneOnceAfterEachUpdateWithTheGradientAsItWas(Rule rule) {
        Witness duty = new Witness();
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        for (String name : List.of("a", "b")) {
            Parameter parameter = new Parameter(Tensor.of(new float[] {1, -2, 3, 4, 5, -6}, 2, 3));
            parameter.unfreeze();
            parameter.duty(duty);
            duty.parameters.add(parameter);
            parameters.put(name, parameter);
        }
        Optimizer optimizer = new Optimizer(rule, List.of(new ParameterGroup(parameters, 0.1, 0.5)));
        assertThat(optimizer.duties()).containsExactly(duty);
        Tensor gradient = Tensor.of(new float[] {0.5f, 1, -1, 2, 0.25f, -4}, 2, 3);
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            tape.backward(Losses.weightedSum(tape, parameters.get("a"), gradient));
        }
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            tape.backward(Losses.weightedSum(tape, parameters.get("b"), gradient));
        }
        optimizer.step(1);
        assertThat(duty.seen).hasSize(4);
        for (int i = 0; i < 2; i++) {
            assertThat(duty.seen.get(2 * i)).isEqualTo(duty.parameters.get(i).value().toArray())
                    .isNotEqualTo(new float[] {1, -2, 3, 4, 5, -6});
            assertThat(duty.seen.get(2 * i + 1)).isEqualTo(gradient.toArray());
            assertThat(duty.parameters.get(i).gradient()).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.lorikeet.autograd.optim.OptimizerTest#rules")
    void isPartOfTheState(Rule rule) {
        Witness duty = new Witness();
        Parameter parameter = new Parameter(Tensor.zeros(2));
        parameter.duty(duty);
        Optimizer optimizer = new Optimizer(rule, List.of(new ParameterGroup(Map.of("a", parameter), 0.1, 0)));
        duty.seen.add(new float[0]);
        OptimizerState state = optimizer.state();
        assertThat(state.tensors().get("seen").get(0)).isEqualTo(1);
        duty.seen.clear();
        optimizer.restore(state);
        assertThat(duty.seen).hasSize(1);
        Map<String, Tensor> without = new LinkedHashMap<>(state.tensors());
        without.remove("seen");
        assertThatThrownBy(() -> optimizer.restore(new OptimizerState(0, without)))
                .hasMessage("optimizer state: seen is missing");
    }
}
