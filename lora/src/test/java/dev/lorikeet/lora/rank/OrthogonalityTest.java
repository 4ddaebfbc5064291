package dev.lorikeet.lora.rank;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.lora.peft.Fixtures;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.Json;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class OrthogonalityTest {
    private static Triplets module(Tensor a, Tensor b) {
        Triplets module = new Triplets("m", new Parameter(a), new Parameter(b),
                new Parameter(Tensor.zeros(a.dim(0), 1)));
        module.a().unfreeze();
        module.b().unfreeze();
        return module;
    }

    /** The penalty, whose gradients are in the modules afterwards. */
    private static float penalty(double weight, Triplets... modules) {
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            Variable penalty = Orthogonality.penalty(tape, List.of(modules), weight);
            assertThat(penalty.value().shape().dims()).containsExactly(1);
            tape.backward(penalty);
            return penalty.item();
        }
    }

    @Test
    void isWhatPyTorchComputes() {
        Map<String, Tensor> gradients = Fixtures.tensors(Fixtures.directory()
                .resolve("adalora/regulariser.safetensors"));
        Map<String, Object> recorded = Json.readObject(Fixtures.directory().resolve("adalora/regulariser.json"));
        int seed = (int) recorded.get("seed");
        List<?> cases = (List<?>) recorded.get("cases");
        for (int n = 0; n < cases.size(); n++) {
            Map<String, Object> expected = Fixtures.asMap(cases.get(n));
            int r = (int) expected.get("rank");
            int in = (int) expected.get("in");
            int out = (int) expected.get("out");
            boolean eye = expected.containsKey("exactly_orthogonal");
            Triplets module = eye ? module(eye(r, in), eye(out, r))
                    : module(Generator.units(Generator.stream(seed, Generator.INPUT, n, 0), 1, r, in),
                            Generator.units(Generator.stream(seed, Generator.INPUT, n, 1), 1, out, r));
            double value = ((Number) expected.get("value")).doubleValue();
            double weight = ((Number) expected.get("weight")).doubleValue();
            assertThat((double) penalty(weight, module)).isCloseTo(value, Offset.offset(1e-6 * (1 + value)));
            Fixtures.assertClose(n + ".A", module.a().gradientOrThrow(), gradients.get(n + ".grad.lora_A"), 1e-6, 1e-5);
            Fixtures.assertClose(n + ".B", module.b().gradientOrThrow(), gradients.get(n + ".grad.lora_B"), 1e-6, 1e-5);
        }
    }

    private static Tensor eye(int rows, int columns) {
        Tensor eye = Tensor.zeros(rows, columns);
        for (int i = 0; i < Math.min(rows, columns); i++) {
            eye.data()[i * columns + i] = 1;
        }
        return eye;
    }

    private static Tensor normal(long key, int... dims) {
        Tensor tensor = Tensor.zeros(dims);
        Random.fillNormal(tensor, 0.5f, key);
        return tensor;
    }

    /** In double precision: the mean over four matrices, one module of which has rank 0 and counts with norms of 0. */
    @Test
    void countsModulesOfRankZeroAndHasTheGradientOfDifferences() {
        Triplets module = module(normal(1, 3, 7), normal(2, 5, 3));
        Triplets empty = module(Tensor.zeros(0, 4), Tensor.zeros(6, 0));
        assertThat((double) penalty(0.5, module, empty)).isCloseTo(reference(module, 0.5), Offset.offset(1e-6));
        assertThat(empty.a().gradientOrThrow().shape().dims()).containsExactly(0, 4);
        for (Parameter parameter : List.of(module.a(), module.b())) {
            for (int i = 0; i < parameter.value().size(); i++) {
                float before = parameter.value().data()[i];
                float step = 0x1p-8f;
                parameter.value().data()[i] = before + step;
                double above = reference(module, 0.5);
                parameter.value().data()[i] = before - step;
                double below = reference(module, 0.5);
                parameter.value().data()[i] = before;
                assertThat((double) parameter.gradientOrThrow().data()[i])
                        .isCloseTo((above - below) / (2 * step), Offset.offset(1e-4));
            }
        }
    }

    /** weight·(‖A·Aᵀ - I‖ + ‖Bᵀ·B - I‖)/4. */
    private static double reference(Triplets module, double weight) {
        Tensor a = module.a().value();
        Tensor b = module.b().value();
        int r = a.dim(0);
        double ofA = 0;
        double ofB = 0;
        for (int i = 0; i < r; i++) {
            for (int j = 0; j < r; j++) {
                double gramA = i == j ? -1 : 0;
                for (int k = 0; k < a.dim(1); k++) {
                    gramA += (double) a.get(i, k) * a.get(j, k);
                }
                double gramB = i == j ? -1 : 0;
                for (int k = 0; k < b.dim(0); k++) {
                    gramB += (double) b.get(k, i) * b.get(k, j);
                }
                ofA += gramA * gramA;
                ofB += gramB * gramB;
            }
        }
        return weight * (Math.sqrt(ofA) + Math.sqrt(ofB)) / 4;
    }
}
