package dev.lorikeet.lora.merge;

import static dev.lorikeet.lora.peft.Fixtures.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.lora.Factors;
import dev.lorikeet.lora.merge.TaskArithmetic.Consensus;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class CombinationTest {
    static final List<String> NAMES = Combination.NAMES;

    @ParameterizedTest
    @FieldSource("NAMES")
    void oneAdapterOfWeightOneComesOutAsItWentIn(String name) {
        Addend update = update(1, 17, 3, 31, 2.5f, 1);
        Double density = name.matches("cat|linear|svd") ? null : Double.valueOf(1);
        Combination combination = Combination.of(name, density, Consensus.TOTAL, 0, 1);
        Factors factors = combination.combine(Cpu.shared(), List.of(update), combination.rank(List.of(3)), 1);
        assertClose(name, product(factors), update.delta(Cpu.shared()), 2e-6, 1e-6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cat", "svd"})
    void updatesOfDifferentRanksAreSummedExactly(String name) {
        List<Addend> updates = List.of(update(1, 17, 3, 31, 2, 0.5), update(2, 17, 5, 31, 1, -3));
        Combination combination = Combination.of(name, null, Consensus.TOTAL, name.equals("svd") ? 10 : 0, 1);
        int rank = combination.rank(List.of(4, 6));
        Factors factors = combination.combine(Cpu.shared(), updates, rank, 1);
        assertThat(rank).isEqualTo(10);
        assertThat(factors.a().shape()).isEqualTo(Shape.of(10, 31));
        assertThat(factors.b().shape()).isEqualTo(Shape.of(17, 10));
        Tensor sum = Tensor.zeros(17, 31);
        for (int i = 0; i < sum.size(); i++) {
            sum.data()[i] = updates.get(0).delta(Cpu.shared()).data()[i] * 0.5f
                    - 3 * updates.get(1).delta(Cpu.shared()).data()[i];
        }
        assertClose(name, product(factors), sum, 1e-5, 1e-6);
    }

    @Test
    void signsAreElectedBeforeWeights() {
        List<Tensor> tensors = List.of(row(5, -1, 2, 0, 1), row(-2, -1, 1, 0, -1), row(-2, 3, 1, -4, 0));
        float[] weights = {1, 10, 100};
        assertThat(apply(new Pruning.Nothing(), Consensus.SUM, tensors, weights)).containsExactly(-215, 289, 112, -400,
                -9);
        // the sums are 1, 1, 4, -4, 0; nought has no sign and 0 counts as positive
        assertThat(apply(new Pruning.Nothing(), Consensus.TOTAL, tensors, weights)).containsExactly(5, 300, 112 / 3f,
                -400, 1);
        // the votes are -1, -1, 3, -1, 0
        assertThat(apply(new Pruning.Nothing(), Consensus.FREQUENCY, tensors, weights)).containsExactly(-110, -5.5f,
                112 / 3f, -400, 1);
    }

    @Test
    void magnitudePruningKeepsTheLargestAndOfEqualOnesTheFirst() {
        Tensor x = row(1, -3, 2, -2, 0, 2, 0.5f);
        assertThat(new Pruning.Magnitude(0.5).prune(x, 1).toArray()).containsExactly(0, -3, 2, -2, 0, 0, 0);
        assertThat(new Pruning.Magnitude(1).prune(x, 1).toArray()).isEqualTo(x.toArray());
        assertThat(new Pruning.Magnitude(0.1).prune(x, 1).toArray()).containsOnly(0);
    }

    @Test
    void randomPruningKeepsItsShareAndTheMean() {
        Tensor x = Tensor.zeros(100, 400);
        x.fill(3);
        Tensor pruned = new Pruning.AtRandom(0.3, 5).prune(x, 1);
        double sum = 0;
        for (float value : pruned.toArray()) {
            assertThat(value).isIn(0f, 10f);
            sum += value;
        }
        assertThat(sum / x.size()).isCloseTo(3, within(0.1)); // five deviations
        assertThat(new Pruning.AtRandom(0.3, 5).prune(x, 1).toArray()).isEqualTo(pruned.toArray());
        assertThat(new Pruning.AtRandom(0.3, 6).prune(x, 1).toArray()).isNotEqualTo(pruned.toArray());
        assertThat(new Pruning.AtRandom(0.3, 5).prune(x, 2).toArray()).isNotEqualTo(pruned.toArray());
    }

    @Test
    void theSameSeedAndLayerGiveTheSameBits() {
        List<Addend> updates = List.of(update(1, 9, 4, 8, 2, 0.5), update(2, 9, 4, 8, 1, 3));
        Combination dare = Combination.of("dare_ties", 0.5, Consensus.TOTAL, 0, 7);
        float[] a = dare.combine(Cpu.shared(), updates, 4, 1).a().toArray();
        assertThat(dare.combine(Cpu.shared(), updates, 4, 1).a().toArray()).isEqualTo(a);
        assertThat(dare.combine(Cpu.shared(), updates, 4, 2).a().toArray()).isNotEqualTo(a);
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        refused("\"dare\" is not one of cat, linear, ", () -> Combination.of("dare", 0.5, Consensus.TOTAL, 0, 1));
        refused("density: is needed by ties", () -> Combination.of("ties", null, Consensus.TOTAL, 0, 1));
        refused("density: has no effect on svd", () -> Combination.of("svd", 0.5, Consensus.TOTAL, 0, 1));
        refused("rank (svd_rank): has no effect on linear",
                () -> Combination.of("linear", null, Consensus.TOTAL, 3, 1));
        refused("must not be negative, but is -1", () -> Combination.of("svd", null, Consensus.TOTAL, -1, 1));
        for (double density : new double[] {0, 1.01, -1, Double.NaN}) {
            refused("density: must be in (0, 1], not " + density,
                    () -> Combination.of("dare_linear", density, Consensus.TOTAL, 0, 1));
        }
        refused("needs adapters of one rank, not [4, 3]", () -> new Combination.Factorwise(TaskArithmetic.linear())
                .rank(List.of(4, 3)));
    }

    private static void refused(String message, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(InputException.class).hasMessageContaining(message);
    }

    private static float[] apply(Pruning pruning, Consensus consensus, List<Tensor> tensors, float[] weights) {
        return new TaskArithmetic(pruning, consensus).apply(tensors, weights, 1).toArray();
    }

    private static Tensor row(float... values) {
        return Tensor.of(values, 1, values.length);
    }

    private static Addend update(long key, int out, int rank, int in, float scaling, double weight) {
        Tensor a = Tensor.zeros(rank, in);
        Tensor b = Tensor.zeros(out, rank);
        Random.fillNormal(a, 0.5f, Random.key(key, 1));
        Random.fillNormal(b, 0.5f, Random.key(key, 2));
        return new Addend(new Factors(a, b), scaling, weight);
    }

    private static Tensor product(Factors factors) {
        return factors.product(Cpu.shared(), 1);
    }
}
