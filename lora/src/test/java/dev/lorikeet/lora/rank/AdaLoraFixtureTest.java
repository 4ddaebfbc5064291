package dev.lorikeet.lora.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.optim.Optimizer;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.lora.peft.Fixtures;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Allocations on prescribed gradients beside those that PEFT made, step by step. */
class AdaLoraFixtureTest {
    private static final List<String> KINDS = List.of("lora_A", "lora_B", "lora_E");

    /** A recorded case, set up to run again. */
    private static final class Case {
        final Map<String, Object> recorded;
        final Map<String, Object> config;
        final Map<String, Tensor> averages;
        final List<Triplets> modules = new ArrayList<>();
        final List<Map<String, Object>> places = new ArrayList<>();
        final AdaLoraAllocator allocator;
        final Optimizer optimizer;

        Case(String name) {
            Path folder = folder(name);
            recorded = Json.readObject(folder.resolve("case.json"));
            config = Fixtures.asMap(recorded.get("config"));
            averages = Fixtures.tensors(folder.resolve("averages.safetensors"));
            AdaLora settings = settings(config);
            Map<String, Parameter> parameters = new LinkedHashMap<>();
            for (Object item : (List<?>) recorded.get("modules")) {
                Map<String, Object> place = Fixtures.asMap(item);
                int r = settings.initialRank();
                Triplets module = new Triplets((String) place.get("name"),
                        parameter(place, "lora_A", 0.25f, r, (int) place.get("in")),
                        parameter(place, "lora_B", 0.25f, (int) place.get("out"), r),
                        parameter(place, "lora_E", 0.5f, r, 1));
                modules.add(module);
                places.add(place);
                of(module).forEach((kind, parameter) -> parameters.put(module.path() + "." + kind, parameter));
            }
            allocator = new AdaLoraAllocator(settings, modules);
            parameters.values().forEach(parameter -> parameter.duty(allocator));
            optimizer = new Optimizer(Rule.sgd(), List.of(new ParameterGroup(parameters,
                    ((Number) recorded.get("rate")).doubleValue(), 0)));
        }

        static Path folder(String name) {
            return Fixtures.directory().resolve("adalora").resolve(name);
        }

        private Parameter parameter(Map<String, Object> place, String kind, float factor, int... dims) {
            Parameter parameter = new Parameter(
                    Generator.units(stream(place, kind, Generator.PARAMETER, 0), factor, dims));
            parameter.unfreeze();
            return parameter;
        }

        private long stream(Map<String, Object> place, String kind, int what, int step) {
            return Generator.stream((int) recorded.get("seed"), what, step,
                    (int) Fixtures.asMap(place.get("tensor_numbers")).get(kind));
        }

        static Map<String, Parameter> of(Triplets module) {
            return Map.of("lora_A", module.a(), "lora_B", module.b(), "lora_E", module.e());
        }

        /** One update by the gradients of {@code step}: they are those of a sum weighted with them. */
        void update(int step) {
            boolean zero = (Boolean) recorded.get("gradients_are_zero");
            try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
                Variable loss = Variable.constant(Tensor.zeros(1));
                for (int m = 0; m < modules.size(); m++) {
                    for (String kind : KINDS) {
                        Parameter parameter = of(modules.get(m)).get(kind);
                        Tensor gradient = zero ? Tensor.zeros(parameter.value().shape())
                                : gradient(places.get(m), kind, step, parameter.value());
                        loss = ElementOps.add(tape, loss, Losses.weightedSum(tape, parameter, gradient));
                    }
                }
                tape.backward(loss);
            }
            optimizer.step(1);
        }

        private Tensor gradient(Map<String, Object> place, String kind, int step, Tensor like) {
            Tensor gradient = Generator.units(stream(place, kind, Generator.GRADIENT, step), 1,
                    like.shape().dims());
            int columns = like.dim(1);
            for (int i = 0; i < gradient.size(); i++) {
                int row = kind.equals("lora_B") ? i % columns : i / columns;
                int power = (5 * (int) place.get("module_number") + 3 * row + step / 16) % 4;
                gradient.data()[i] *= (float) Math.pow(2, -power);
            }
            return gradient;
        }

        List<List<?>> steps() {
            return ((List<?>) recorded.get("steps")).stream().<List<?>>map(row -> (List<?>) row).toList();
        }

        /** The averages and the λ, where they are recorded. */
        void checkTensors(int step) {
            Map<String, Tensor> state = allocator.state();
            String prefix = "step-" + step + ".";
            averages.keySet().stream().filter(name -> name.startsWith(prefix)).forEach(name -> {
                String[] parts = name.substring(prefix.length()).split("\\.", 2);
                Tensor actual = switch (parts[0]) {
                    case "ipt" -> state.get(parts[1] + ".exp_avg_ipt");
                    case "unc" -> state.get(parts[1] + ".exp_avg_unc");
                    case "value" -> modules.stream().filter(m -> parts[1].equals(m.path() + ".lora_E")).findFirst()
                            .orElseThrow().e().value();
                    default -> throw new AssertionError(name);
                };
                Fixtures.assertSameBits(name, actual, averages.get(name));
            });
        }
    }

    private static AdaLora settings(Map<String, Object> config) {
        return AdaLora.defaults().withRanks((int) config.get("target_r"), (int) config.get("init_r"))
                .withSchedule((int) config.get("tinit"), (int) config.get("tfinal"), (int) config.get("deltaT"))
                .withBetas(number(config, "beta1"), number(config, "beta2")).withOrthogonalWeight(0)
                .withTotalSteps((int) config.get("total_step"));
    }

    private static double number(Map<String, Object> config, String name) {
        return ((Number) config.getOrDefault(name, 0.85)).doubleValue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"slow", "quick", "betas", "ties"})
    void allocatesAsPeft(String name) {
        Case run = new Case(name);
        Map<String, Object> masks = Fixtures.asMap(run.recorded.get("masks"));
        int drawn = 0;
        for (List<?> row : run.steps()) {
            int step = (int) row.getFirst();
            AdaLoraAllocator.Mask before = run.allocator.mask();
            run.update(step);
            AdaLoraAllocator.Mask mask = run.allocator.mask();
            if (row.get(3) == null) {
                assertThat(mask).as("step %d", step).isSameAs(before);
            } else {
                drawn++;
                assertThat(mask.step()).isEqualTo(step);
                assertThat(mask.budget()).as("step %d", step).isEqualTo(row.get(1));
                assertThat(mask.dropped()).as("step %d", step).isEqualTo(row.get(5));
                assertThat((double) mask.threshold()).as("step %d", step)
                        .isCloseTo(((Number) row.get(4)).doubleValue(), Percentage.withPercentage(1e-4));
                assertThat(strings(run.allocator)).as("step %d", step).isEqualTo(masks.get(Integer.toString(step)));
            }
            run.checkTensors(step);
        }
        assertThat(drawn).isEqualTo(masks.size()).isPositive();
        Map<String, Object> ranks = Fixtures.asMap(run.recorded.get("final_ranks"));
        run.allocator.ranks().forEach((path, rank) -> assertThat(rank).isEqualTo(ranks.get(path + ".lora_E")));
        assertThat(run.allocator.history().getLast().ranks()).isEqualTo(run.allocator.ranks());
        run.allocator.end(false);
    }

    static Map<String, String> strings(AdaLoraAllocator allocator) {
        Map<String, String> strings = new LinkedHashMap<>();
        allocator.kept().forEach((path, kept) -> strings.put(path + ".lora_E", IntStream.range(0, kept.length)
                .mapToObj(i -> kept[i] ? "1" : "0").collect(Collectors.joining())));
        return strings;
    }

    /** PEFT's allocator crashes where the budget is all there is. */
    @Test
    void keepsEverythingWhereNothingHasToFall() {
        Case run = new Case("nothing-to-drop");
        for (List<?> row : run.steps()) {
            run.update((int) row.getFirst());
            run.checkTensors((int) row.getFirst());
        }
        assertThat(run.allocator.mask().dropped()).isZero();
        assertThat(run.allocator.ranks().values()).containsOnly((int) run.config.get("init_r"));
        run.allocator.end(false);
    }

    /** PEFT drops every triplet there, for the tie. */
    @Test
    void keepsEverythingAndFailsWhereNoGradientTellsTripletsApart() {
        Case run = new Case("zero");
        for (List<?> row : run.steps()) {
            int step = (int) row.getFirst();
            run.update(step);
            if (row.get(3) != null) {
                assertThat(run.allocator.mask().step()).isEqualTo(step);
                assertThat(run.allocator.mask().budget()).isEqualTo(row.get(1));
                assertThat(run.allocator.mask().dropped()).isZero();
            }
        }
        int modules = run.modules.size();
        assertThatThrownBy(() -> run.allocator.end(false)).isInstanceOf(IllegalStateException.class).hasMessage(
                "adalora: the run has ended after %s steps with %d triplets for a budget of %d: all scores are alike, "
                        + "so no gradient has come through",
                run.config.get("total_step"),
                modules * (int) run.config.get("init_r"), modules * (int) run.config.get("target_r"));
    }

    @Test
    void refusesATargetAboveTheInitialRank() {
        Map<String, Object> config = Fixtures.asMap(Json.readObject(Case.folder("target-above-init").resolve(
                "case.json")).get("config"));
        assertThatThrownBy(() -> new Case("target-above-init")).isInstanceOf(InputException.class)
                .hasMessage("targetRank (target_r): must be at most initialRank (init_r), %s, as ranks never grow, "
                        + "not %s", config.get("init_r"), config.get("target_r"));
    }

    /** A run that is taken up from the state of another goes on with the same bits. */
    @Test
    void goesOnFromItsState() {
        Case whole = new Case("ties");
        Case first = new Case("ties");
        Case second = new Case("ties");
        for (int step = 0; step < 30; step++) {
            whole.update(step);
            if (step < 15) {
                first.update(step);
            } else if (step == 15) {
                for (int m = 0; m < first.modules.size(); m++) {
                    for (String kind : KINDS) {
                        Case.of(second.modules.get(m)).get(kind).value()
                                .set(Case.of(first.modules.get(m)).get(kind).value());
                    }
                }
                second.optimizer.restore(first.optimizer.state());
            }
            if (step >= 15) {
                second.update(step);
            }
        }
        assertThat(strings(second.allocator)).isEqualTo(strings(whole.allocator));
        assertThat(second.allocator.mask().threshold()).isEqualTo(whole.allocator.mask().threshold());
        second.allocator.end(false);
    }

    @Test
    void budgetsFallAsPefts() {
        Map<String, Object> recorded = Json.readObject(Fixtures.directory().resolve("adalora/schedules.json"));
        for (Object item : (List<?>) recorded.get("schedules")) {
            Map<String, Object> expected = Fixtures.asMap(item);
            BudgetSchedule schedule = new BudgetSchedule(settings(expected), (int) expected.get("matrices"));
            List<?> budgets = (List<?>) expected.get("budget");
            String due = (String) expected.get("mask_due");
            for (int step = 0; step < budgets.size(); step++) {
                assertThat(schedule.budget(step)).as("%s, step %d", schedule, step).isEqualTo(budgets.get(step));
                assertThat(schedule.isMaskDue(step)).as("%s, step %d", schedule, step)
                        .isEqualTo(due.charAt(step) == '1');
            }
        }
    }

    @Test
    void theGeneratorGivesTheKnownNumbers() {
        Map<String, Object> recorded = Json.readObject(Fixtures.directory().resolve("adalora/generator.json"));
        Map<String, Object> example = Fixtures.asMap(recorded.get("example"));
        long stream = Generator.stream((int) recorded.get("seed"), (int) example.get("kind"), (int) example.get("step"),
                (int) example.get("tensor"));
        assertThat(Long.toUnsignedString(stream)).isEqualTo(example.get("stream"));
        List<?> values = (List<?>) example.get("values");
        for (int i = 0; i < values.size(); i++) {
            assertThat(Generator.unit(stream, i)).isEqualTo(((Number) values.get(i)).floatValue());
        }
    }
}
