package dev.lorikeet.lora.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.optim.Optimizer;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdaLoraAllocatorTest {
    private static final AdaLora SETTINGS = AdaLora.defaults().withRanks(1, 2).withSchedule(1, 1, 1);

    private final Triplets module = new Triplets("m", parameter(1, 2, 3), parameter(2, 4, 2), parameter(3, 2, 1));

    private static Parameter parameter(long key, int... dims) {
        Parameter parameter = new Parameter(Tensor.zeros(dims));
        Random.fillNormal(parameter.value(), 1, key);
        parameter.unfreeze();
        return parameter;
    }

    private Optimizer optimizer(AdaLoraAllocator allocator) {
        List.of(module.a(), module.b(), module.e()).forEach(parameter -> parameter.duty(allocator));
        return new Optimizer(Rule.adamW(), List.of(new ParameterGroup(
                Map.of("a", module.a(), "b", module.b(), "e", module.e()), 0.1, 0)));
    }

    private void backward(boolean withPenalty, AdaLoraAllocator allocator) {
        for (Parameter parameter : List.of(module.a(), module.b(), module.e())) {
            try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
                tape.backward(Losses.meanSquaredError(tape, parameter, Tensor.zeros(parameter.value().shape())));
            }
        }
        if (withPenalty) {
            try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
                Variable penalty = allocator.penalty(tape);
                tape.backward(penalty);
            }
        }
    }

    @Test
    void allocatesAsPartOfTheOptimizersStep() {
        AdaLoraAllocator allocator = new AdaLoraAllocator(SETTINGS, List.of(module));
        Optimizer optimizer = optimizer(allocator);
        allocator.begin(5);
        for (int step = 0; step < 5; step++) {
            backward(true, allocator);
            optimizer.step(1);
        }
        allocator.end(false);
        assertThat(allocator.ranks()).containsExactly(Map.entry("m", 1));
        assertThat(allocator.history()).extracting(RankAllocator.RanksAt::step).containsExactly(2);
        boolean[] kept = allocator.kept().get("m");
        assertThat(kept).containsOnlyOnce(true);
        assertThat(module.e().value().get(kept[0] ? 1 : 0, 0)).isZero();
        assertThat(module.e().value().get(kept[0] ? 0 : 1, 0)).isNotZero();
        assertThat(allocator.settings().totalSteps()).isEqualTo(5);
        assertThat(allocator.cost().steps()).isEqualTo(5);
        assertThat(allocator.scores().get("m")).doesNotContain(0f);
    }

    @Test
    void refusesAStepWithoutThePenaltyOrWithoutARun() {
        AdaLoraAllocator allocator = new AdaLoraAllocator(SETTINGS, List.of(module));
        Optimizer optimizer = optimizer(allocator);
        backward(true, allocator);
        assertThatThrownBy(() -> optimizer.step(1)).isInstanceOf(IllegalStateException.class)
                .hasMessage("adalora: no run has begun, so that nobody knows its totalSteps");
        allocator.begin(5);
        backward(true, allocator);
        optimizer.step(1);
        backward(false, allocator);
        assertThatThrownBy(() -> optimizer.step(1)).isInstanceOf(IllegalStateException.class)
                .hasMessage("adalora: the loss of step 1 lacks the penalty, whose orthogonalWeight is 0.5");
    }

    @Test
    void refusesARunThatNeverAllocates() {
        AdaLora rarely = SETTINGS.withSchedule(0, 0, 10);
        assertThatThrownBy(() -> new AdaLoraAllocator(rarely, List.of(module)).begin(10))
                .isInstanceOf(InputException.class)
                .hasMessage("interval (deltaT): with 10, initialSteps (tinit) 0 and finalSteps (tfinal) 0 a run of 10 "
                        + "steps would never allocate ranks");
        AdaLoraAllocator allocator = new AdaLoraAllocator(rarely, List.of(module));
        allocator.begin(11);
        assertThatThrownBy(() -> allocator.end(false)).isInstanceOf(IllegalStateException.class)
                .hasMessage("adalora: the run has ended after 0 steps without allocating ranks");
        assertThatThrownBy(() -> new AdaLoraAllocator(SETTINGS.withTotalSteps(7), List.of(module)).begin(8))
                .isInstanceOf(InputException.class)
                .hasMessage("totalSteps (total_step): is 7, but the run has 8 steps");
    }

    /** Whether the schedule masks at all is what counting its masks says. */
    @ParameterizedTest
    @CsvSource({"0, 0, 1", "0, 0, 9", "0, 0, 10", "3, 0, 4", "3, 2, 40", "8, 0, 5", "4, 0, 5", "5, 0, 5"})
    void knowsWhetherItEverMasks(int initial, int last, int interval) {
        BudgetSchedule schedule = new BudgetSchedule(SETTINGS.withSchedule(initial, last, interval).withTotalSteps(10),
                1);
        boolean ever = false;
        for (int step = 0; step < 10; step++) {
            ever |= step < schedule.lastMask() ? schedule.isMaskDue(step) : step == schedule.lastMask();
        }
        assertThat(schedule.everMasks()).isEqualTo(ever);
    }

    @Test
    void refusesScoresThatAreNoNumbers() {
        AdaLoraAllocator allocator = new AdaLoraAllocator(SETTINGS.withOrthogonalWeight(0), List.of(module));
        Optimizer optimizer = optimizer(allocator);
        allocator.begin(5);
        module.a().value().data()[0] = Float.NaN;
        for (int step = 0; step < 2; step++) {
            backward(false, allocator);
            optimizer.step(1);
        }
        backward(false, allocator);
        assertThatThrownBy(() -> optimizer.step(1)).isInstanceOf(ArithmeticException.class)
                .hasMessage("adalora: a score of m in step 2 is NaN; a lower learning rate may help");
    }

    @Test
    void refusesAParameterThatNoLossReaches() {
        AdaLoraAllocator allocator = new AdaLoraAllocator(SETTINGS.withOrthogonalWeight(0).withTotalSteps(9),
                List.of(module));
        Optimizer optimizer = optimizer(allocator);
        assertThatThrownBy(() -> optimizer.step(1)).isInstanceOf(IllegalStateException.class)
                .hasMessage("adalora: m.lora_A has no gradient, so that it cannot be ranked: nothing that is "
                        + "trained for comes through its layer, which should be no target");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-1|12|0|0|1|0.85|0.5|0|targetRank (target_r): must be at least 0, not -1",
        "8|0|0|0|1|0.85|0.5|0|initialRank (init_r): must be at least 1, not 0",
        "8|12|-1|0|1|0.85|0.5|0|initialSteps (tinit): must be at least 0, not -1",
        "8|12|0|-1|1|0.85|0.5|0|finalSteps (tfinal): must be at least 0, not -1",
        "8|12|0|0|0|0.85|0.5|0|interval (deltaT): must be at least 1, not 0",
        "8|12|0|0|1|1|0.5|0|beta1: must be in (0, 1), not 1.0",
        "8|12|0|0|1|NaN|0.5|0|beta1: must be in (0, 1), not NaN",
        "8|12|0|0|1|0.85|-0.5|0|orthogonalWeight (orth_reg_weight): must be at least 0, not -0.5",
        "8|12|0|0|1|0.85|0.5|-4|totalSteps (total_step): must be at least 0, not -4",
        "8|12|6|4|1|0.85|0.5|10|initialSteps (tinit): must be below totalSteps (total_step) - finalSteps (tfinal), "
                + "10 - 4, not 6"})
    void refusesSettingsOutOfTheirRange(int target, int initial, int before, int after, int each, double beta1,
            double weight, int total, String message) {
        assertThatThrownBy(() -> new AdaLora(target, initial, before, after, each, beta1, 0.85, weight, total))
                .isInstanceOf(InputException.class).hasMessage(message);
    }
}
