package dev.lorikeet.autograd;

import static dev.lorikeet.autograd.OpSpec.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.LinearOps.LowRank;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Attention;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.FrozenMatrix;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.Workers;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.kernel.ScalarKernels;
import dev.lorikeet.tensor.packed.Cpu;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TapeTest {
    private final Workspace workspace = new Workspace();

    private Tape training() {
        return Tape.training(Cpu.shared(), workspace);
    }

    @Test
    void walksBackOnce() {
        try (Tape tape = training()) {
            Variable loss = Losses.weightedSum(tape, Variable.leaf(normal("x", 3)), normal("w", 3));
            tape.backward(loss);
            assertThatThrownBy(() -> tape.backward(loss)).isInstanceOf(IllegalStateException.class)
                    .hasMessage("backward: a tape can be walked back once only");
        }
    }

    @Test
    void refusesWhatHasNoGradient() {
        Variable x = Variable.leaf(normal("x", 3));
        try (Tape tape = training(); Tape inference = Tape.inference(Cpu.shared(), workspace)) {
            assertThatThrownBy(() -> tape.backward(ElementOps.tanh(tape, x)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("backward: a scalar expected, the shape is (3)");
            Variable constant = Losses.weightedSum(tape, Variable.constant(x.value()), normal("w", 3));
            assertThatThrownBy(() -> tape.backward(constant)).isInstanceOf(IllegalStateException.class)
                    .hasMessage("backward: the loss depends on nothing that requires a gradient");
            Variable unrecorded = Losses.weightedSum(inference, x, normal("w", 3));
            assertThat(unrecorded.requiresGradient()).isFalse();
            assertThatThrownBy(() -> inference.backward(unrecorded)).isInstanceOf(IllegalStateException.class)
                    .hasMessage("backward: an inference tape records nothing");
        }
        assertThat(x.gradient()).isNull();
    }

    @Test
    void valuesAreGoneOnceBackwardHasUsedThemButForTheLoss() {
        try (Tape tape = training()) {
            Variable y = ElementOps.tanh(tape, Variable.leaf(normal("x", 3)));
            Variable apart = ElementOps.tanh(tape, Variable.constant(normal("x", 3)));
            Variable loss = ReductionOps.sum(tape, y);
            float before = loss.item();
            tape.backward(loss);
            assertThat(loss.item()).isEqualTo(before);
            assertThat(apart.value().toArray()).isNotEmpty();
            assertThatThrownBy(y::value).isInstanceOf(IllegalStateException.class)
                    .hasMessage("variable (3): its value was used and released; read it before");
        }
    }

    @Test
    void valuesAreGoneOnceTheTapeIsClosed() {
        Variable x = Variable.leaf(normal("x", 3));
        Variable y;
        try (Tape tape = training()) {
            y = ElementOps.tanh(tape, x);
        }
        assertThatThrownBy(y::value).isInstanceOf(IllegalStateException.class)
                .hasMessage("variable (3): its tape is closed, and the value is gone; copy what must outlive a tape");
        try (Tape next = training()) {
            assertThatThrownBy(() -> ElementOps.add(next, x, y)).isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("variable (3): its tape is closed");
        }
    }

    @Test
    void refusesVariablesOfAnotherTape() {
        Variable x = Variable.leaf(normal("x", 3));
        try (Tape one = training(); Tape other = training()) {
            Variable y = ElementOps.tanh(one, x);
            assertThatThrownBy(() -> ElementOps.add(other, x, y)).isInstanceOf(IllegalStateException.class).hasMessage(
                    "add: input 1 (3) belongs to another tape; detach and copy it, or use one tape for both");
            Variable loss = ReductionOps.sum(one, y);
            assertThatThrownBy(() -> other.backward(loss)).isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("backward: input 0 (1) belongs to another tape");
        }
    }

    @Test
    void refusesAGradientOfAnotherShapeThanTheValue() {
        Variable x = Variable.leaf(normal("x", 3));
        try (Tape tape = training()) {
            Variable loss = tape.record("odd", Tensor.zeros(1), (t, _) -> t.addGradient(x, Tensor.zeros(4)), x);
            assertThatThrownBy(() -> tape.backward(loss)).isInstanceOf(IllegalStateException.class)
                    .hasMessage("odd: backward made a gradient (4) for an input (3)");
        }
    }

    @Test
    void noGradientFlowsThroughADetachedVariableNorOutOfNoGrad() {
        Variable x = Variable.leaf(Tensor.of(new float[] {1, 2, 3}, 3));
        try (Tape tape = training()) {
            Variable y = ElementOps.scale(tape, x, 2f);
            Variable detached = y.detach();
            assertThat(detached.value()).isSameAs(y.value());
            Variable constant = tape.noGrad(() -> {
                assertThat(tape.isTraining()).isTrue();
                return ElementOps.scale(tape, x, 5f);
            });
            assertThat(constant.requiresGradient()).isFalse();
            Variable product = ElementOps.multiply(tape, ElementOps.multiply(tape, y, detached), constant);
            tape.backward(ReductionOps.sum(tape, product));
        }
        assertThat(x.gradientOrThrow().toArray()).containsExactly(20, 80, 180); // 2·2x·5x
    }

    @Test
    void hooksSeeWholeGradients() {
        Variable x = Variable.leaf(Tensor.of(new float[] {1, 2, 3}, 3));
        List<float[]> seen = new ArrayList<>();
        try (Tape tape = training(); Tape inference = Tape.inference(Cpu.shared(), workspace)) {
            Variable y = ElementOps.scale(tape, x, 2f);
            tape.onGradient(x, dx -> seen.add(dx.toArray()));
            tape.onGradient(y, dy -> seen.add(dy.toArray()));
            inference.onGradient(x, _ -> seen.clear());
            tape.backward(ReductionOps.sum(tape, ElementOps.add(tape, ElementOps.add(tape, y, y), x)));
            assertThatThrownBy(() -> tape.onGradient(x.detach(), _ -> {})).isInstanceOf(
                    IllegalArgumentException.class).hasMessage("onGradient: Variable(3) requires no gradient");
        }
        assertThat(seen).containsExactly(new float[] {2, 2, 2}, new float[] {5, 5, 5});
    }

    @Test
    void givesTheGradientsOfChosenVariablesAlone() {
        Variable x = Variable.leaf(Tensor.of(new float[] {1, 2, 3}, 3));
        Variable w = Variable.leaf(Tensor.of(new float[] {4, 5, 6}, 3));
        Variable unused = Variable.leaf(Tensor.zeros(2));
        step(x, 1);
        try (Tape tape = training()) {
            Variable y = ElementOps.multiply(tape, x, w);
            Variable z = ElementOps.multiply(tape, y, y);
            List<Tensor> gradients = Derivatives.gradients(tape, ReductionOps.sum(tape, z), List.of(x, y, unused));
            assertThat(gradients.get(0).toArray()).containsExactly(32, 100, 216); // 2·x·w²
            assertThat(gradients.get(1).toArray()).containsExactly(8, 20, 36);
            assertThat(gradients.get(2).toArray()).containsExactly(0, 0);
        }
        assertThat(w.gradient()).isNull();
        assertThat(x.gradientOrThrow().toArray()).containsExactly(1, 1, 1);
        try (Tape tape = training()) {
            Variable loss = ReductionOps.sum(tape, x);
            assertThatThrownBy(() -> Derivatives.gradients(tape, loss, List.of(w.detach())))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("gradients: Variable(3) requires no gradient");
        }
    }

    @Test
    void namesTheFirstOperationThatMakesANan() {
        Variable x = Variable.leaf(Tensor.of(new float[] {1, 2, 3e38f, 4}, 2, 2));
        try (Tape tape = training().observe(new Anomalies())) {
            Variable y = ElementOps.tanh(tape, x);
            assertThatThrownBy(() -> ElementOps.multiply(tape, x, x)).isInstanceOf(ArithmeticException.class)
                    .hasMessage("multiply: made Infinity at [1, 0] of its output (2, 2), inputs (2, 2), (2, 2)");
            Variable given = Variable.constant(Tensor.of(new float[] {0, Float.NaN}, 2));
            assertThatThrownBy(() -> ElementOps.add(tape, y, given)).isInstanceOf(ArithmeticException.class)
                    .hasMessage("add: input 1 (2) has NaN at [1]");
            Variable tiny = Variable.leaf(Tensor.of(new float[] {1e-30f, 2e-30f}, 2));
            Variable steep = ElementOps.scale(tape, ReductionOps.sum(tape, tiny), 1e20f);
            Variable loss = ElementOps.scale(tape, steep, 1e20f);
            assertThatThrownBy(() -> tape.backward(loss)).isInstanceOf(ArithmeticException.class)
                    .hasMessage("scale: backward made Infinity at [0] of the gradient of input 0 (1), output (1)");
        }
    }

    /** An intermediate with several users has the gradients of all of them before it is walked. */
    @Test
    void sumsGradientsOverAllPaths() {
        Variable x = Variable.leaf(Tensor.of(new float[] {1, 2, 3}, 3));
        Variable unused = Variable.leaf(Tensor.zeros(3));
        try (Tape tape = training()) {
            Variable twice = ElementOps.add(tape, x, x);
            ElementOps.add(tape, twice, unused);
            Variable fourTimes = ElementOps.add(tape, twice, twice);
            Variable fiveTimes = ElementOps.add(tape, fourTimes, x);
            tape.backward(Losses.weightedSum(tape, fiveTimes, Tensor.of(new float[] {1, 10, 100}, 3)));
        }
        assertThat(x.gradientOrThrow().toArray()).containsExactly(5, 50, 500);
        assertThat(unused.gradient()).isNull();
    }

    @Test
    void gradientsOfLeavesAddUpOverTapesUntilTheyAreCleared() {
        Variable x = Variable.leaf(normal("x", 3));
        step(x, 1);
        assertThat(x.gradientOrThrow().toArray()).containsExactly(1, 1, 1);
        step(x, 0.5f);
        assertThat(x.gradientOrThrow().toArray()).containsExactly(1.5f, 1.5f, 1.5f);
        x.clearGradient();
        assertThatThrownBy(x::gradientOrThrow).isInstanceOf(IllegalStateException.class)
                .hasMessage("variable (3): no backward pass has reached it");
        step(x, 3);
        assertThat(x.gradientOrThrow().toArray()).containsExactly(3, 3, 3);
    }

    /** Adds the gradient of weight·Σx. */
    private void step(Variable x, float weight) {
        Tensor weights = Tensor.zeros(x.value().shape());
        weights.fill(weight);
        try (Tape tape = training()) {
            tape.backward(Losses.weightedSum(tape, x, weights));
        }
    }

    @Test
    void drawsOtherKeysAtEachCallAndTheSameFromTheSameKey() {
        long[] keys = keys(7);
        assertThat(keys).doesNotHaveDuplicates().isEqualTo(keys(7)).doesNotContain(keys(8));
    }

    private long[] keys(int step) {
        try (Tape tape = Tape.training(Cpu.shared(), workspace, Random.key(Random.key(1, "step"), step))) {
            return LongStream.generate(tape::nextKey).limit(20).toArray();
        }
    }

    /** A block's other values go back and are no longer read; the result is there until it is released. */
    @Test
    void withoutARecordOnlyTheResultOfABlockStays() {
        List<Variable> made = new ArrayList<>();
        try (Tape tape = Tape.inference(Cpu.shared(), workspace)) {
            Variable x = Variable.constant(normal("x", 100));
            Variable y = tape.resultOf(inner -> {
                made.add(ElementOps.gelu(inner, x));
                return ElementOps.scale(inner, made.getFirst(), 2);
            });
            assertThat(workspace.elements()).isEqualTo(100);
            assertThat(y.value().toArray()).isEqualTo(ElementOps.scale(tape, ElementOps.gelu(tape, x), 2).value()
                    .toArray());
            assertThatThrownBy(() -> made.getFirst().value()).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("its tape is closed");
            assertThat(tape.resultOf(_ -> y)).isSameAs(y);
            assertThat(tape.checkpoint(y, ElementOps::gelu).value().toArray())
                    .isEqualTo(ElementOps.gelu(tape, y).value().toArray());
            long before = workspace.elements();
            tape.release(y);
            assertThat(workspace.elements()).isEqualTo(before + 100);
            assertThatThrownBy(y::value).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("was used and released");
            tape.release(x); // no value of the tape's
            assertThat(x.value().size()).isEqualTo(100);
        }
    }

    /** Nothing is given back that the way back needs, and the random numbers go on behind a block. */
    @Test
    void aBlockOfATrainingTapeIsAsWithoutOne() {
        Variable x = Variable.leaf(normal("x", 100));
        List<float[]> gradients = new ArrayList<>();
        for (boolean inBlocks : List.of(true, false)) {
            x.clearGradient();
            try (Tape tape = Tape.training(Cpu.shared(), workspace, 5)) {
                Variable aside = tape.noGrad(() -> inBlocks ? tape.resultOf(inner -> drop(inner, x)) : drop(tape, x));
                Variable y = inBlocks ? tape.resultOf(inner -> drop(inner, x)) : drop(tape, x);
                Variable z = ElementOps.gelu(tape, ElementOps.add(tape, y, aside));
                tape.release(y);
                tape.release(aside);
                tape.backward(Losses.weightedSum(tape, z, normal("w", 100)));
            }
            gradients.add(x.gradientOrThrow().toArray());
        }
        assertThat(gradients.getFirst()).isEqualTo(gradients.getLast());
    }

    private static Variable drop(Tape tape, Variable x) {
        return ElementOps.scale(tape, ElementOps.dropout(tape, x, 0.5f, tape.nextKey()), 3);
    }

    /** In bytes that the thread allocates: a step takes a dozen buffers of 128 KiB and more, and lists and lambdas. */
    @Test
    void aSecondStepTakesTheBuffersOfTheFirst() {
        var thread = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        Compute compute = new Cpu(new ScalarKernels(), new Workers(1)); // whose vectors are never objects
        FrozenMatrix weight = compute.take(normal("weight", 1024, 1024), WeightFormat.F32);
        Variable x = Variable.leaf(normal("x", 32, 1024));
        Variable a = Variable.leaf(normal("a", 4, 1024));
        Variable b = Variable.leaf(normal("b", 1024, 4));
        Variable gamma = Variable.leaf(normal("gamma", 1024));
        Tensor probe = normal("probe", 32, 1024);
        int[] offsets = {0, 16, 32};
        long[] allocated = new long[2];
        for (int step = 0; step < allocated.length; step++) {
            long before = thread.getCurrentThreadAllocatedBytes();
            try (Tape tape = Tape.training(compute, workspace)) {
                Variable y = LinearOps.linear(tape, x, weight, null, new LowRank(x, a, b, 1), Activation.NONE);
                y = ElementOps.layerNorm(tape, ElementOps.gelu(tape, y), x, gamma, gamma, 1e-5f);
                Variable v = ElementOps.dropout(tape, y, 0.1f, 1);
                y = SequenceOps.attention(tape, Attention.bidirectional(4), y, y, v, offsets, offsets);
                tape.backward(Losses.weightedSum(tape, y, probe));
            }
            x.clearGradient(); // a leaf keeps the buffer of its gradient
            allocated[step] = thread.getCurrentThreadAllocatedBytes() - before;
        }
        assertThat(allocated[0]).isGreaterThan(8 * 128 << 10);
        assertThat(allocated[1]).isLessThan(128 << 10);
    }

    @Test
    void aScalarHasAnItem() {
        assertThat(Variable.constant(Tensor.of(new float[] {5, 7}, 2).rows(1, 2)).item()).isEqualTo(7);
        assertThatThrownBy(() -> Variable.constant(Tensor.zeros(2)).item()).isInstanceOf(IllegalStateException.class)
                .hasMessage("item: one element expected, shape is (2)");
    }
}
