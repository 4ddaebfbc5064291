package dev.lorikeet.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.ComputeProvider;
import dev.lorikeet.tensor.FrozenMatrix;
import dev.lorikeet.tensor.FrozenMatrix.Kept;
import dev.lorikeet.tensor.FrozenMatrix.Target;
import dev.lorikeet.tensor.FrozenMatrix.Terms;
import dev.lorikeet.tensor.FrozenMatrix.Wanted;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.tornado.plan.LayerPlan;
import dev.lorikeet.tornado.plan.Pair;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The layers on a device are the processor's, what crosses the bus is what the plan says, and memory comes back. */
class DeviceTest {
    private static final long MEMORY = 1L << 30;
    private static Detection.Device device = new Detection.Device(0, 0, "", "");

    @BeforeAll
    static void findsADevice() {
        device = Devices.first();
    }

    private static TornadoCompute compute(long memory, boolean tiled) {
        return new TornadoCompute(device, Cpu.shared(), memory, tiled);
    }

    /** Parts: b is a bias, d a dropped input of the low-rank term. */
    @ParameterizedTest
    @CsvSource({"1,1,1,0,-,NONE", "1,65,63,4,b,GELU", "33,65,63,7,b,GELU_TANH", "16,7,1,3,d,NONE",
        "65,31,130,8,bd,SILU",
        "7,384,1000,8,b,RELU", "5,3,9,2,-,TANH"})
    void aLayerIsTheProcessors(int rows, int out, int in, int rank, String parts, Activation f) {
        LayerCase layer = LayerCase.of(rows, out, in, rank, parts, f);
        try (TornadoCompute compute = compute(MEMORY, true)) {
            LayerCase.requireClose(layer.run(compute), layer.run(Cpu.shared()));
            assertThat(compute.traffic().weights()).as("computed there").isEqualTo(4L * out * in);
        }
    }

    @ParameterizedTest
    @CsvSource({"1,9,63,4,b,GELU", "33,65,63,7,bd,SILU"})
    void plainLoopsAreTheProcessorsToo(int rows, int out, int in, int rank, String parts, Activation f) {
        LayerCase layer = LayerCase.of(rows, out, in, rank, parts, f);
        try (TornadoCompute compute = compute(MEMORY, false)) {
            LayerCase.requireClose(layer.run(compute), layer.run(Cpu.shared()));
            assertThat(compute.traffic().weights()).isEqualTo(4L * out * in);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aBlockIsTheProcessors(boolean gated) {
        BlockCase block = new BlockCase(33, 65, 130, 4, gated);
        try (TornadoCompute compute = compute(MEMORY, true)) {
            LayerCase.requireClose(block.run(compute), block.run(Cpu.shared()));
            assertThat(compute.traffic().weights()).isEqualTo(4L * (gated ? 3 : 2) * 65 * 130);
            assertThat(compute.budget().used()).isZero();
        }
    }

    /** Weights once; each step what the plan says. */
    @Test
    void bytesAreThePlans() {
        LayerCase layer = LayerCase.of(33, 65, 63, 7, "b", Activation.GELU);
        Pair graphs = new LayerPlan("", 48, 65, 63, 7, false, true, Activation.GELU, true).graphs();
        try (TornadoCompute compute = compute(MEMORY, true);
                FrozenMatrix matrix = compute.take(layer.weight(), WeightFormat.F32)) {
            for (int step = 1; step <= 3; step++) {
                layer.run(matrix);
                assertThat(compute.traffic().weights()).isEqualTo(4L * 65 * 63);
                assertThat(compute.traffic().sent()).isEqualTo(
                        step * (graphs.forward().bytesSent() + Objects.requireNonNull(graphs.backward()).bytesSent()));
                assertThat(compute.traffic().fetched()).isEqualTo(step
                        * (graphs.forward().bytesFetched() + graphs.backward().bytesFetched()));
            }
        }
    }

    /** Batches of other lengths, other kinds of layers and other passes in between, in any order. */
    @Test
    void whatAnotherPassOverwroteIsSentAgain() {
        LayerCase large = LayerCase.of(33, 65, 63, 7, "b", Activation.GELU);
        LayerCase small = LayerCase.of(3, 65, 63, 7, "b", Activation.GELU);
        LayerCase plain = LayerCase.of(33, 65, 63, 0, "-", Activation.NONE);
        try (TornadoCompute compute = compute(MEMORY, true);
                FrozenMatrix matrix = compute.take(large.weight(), WeightFormat.F32)) {
            for (LayerCase layer : List.of(large, small, large, plain, small, small)) {
                LayerCase.requireClose(layer.run(matrix), layer.run(Cpu.shared()));
            }
            Tensor other = LayerCase.values(30, Shape.of(33, 63));
            Workspace room = new Workspace();
            Tensor y = Tensor.zeros(33, 65);
            Kept first = Objects.requireNonNull(matrix.forward(room, large.x(), terms(large), y, true));
            Kept second = Objects.requireNonNull(matrix.forward(room, other, terms(large), Tensor.zeros(33, 65), true));
            Tensor dx = Tensor.zeros(33, 63);
            second.backward(room, large.dy(), to(Tensor.zeros(33, 63)));
            first.backward(room, large.dy(), to(dx));
            LayerCase expected = new LayerCase(33, 65, 63, 0, false, true, Activation.GELU);
            LayerCase.requireClose("dx", dx.toArray(), Objects.requireNonNull(expected.run(Cpu.shared()).get("dx")));
            assertThat(matrix.toTensor().toArray()).isEqualTo(large.weight().toArray());
        }
    }

    private static Terms terms(LayerCase layer) {
        return new Terms(null, layer.biasTensor(), layer.f());
    }

    private static Wanted to(Tensor dx) {
        return new Wanted(new Target(dx, false), null, null, null, null);
    }

    /** What there is no memory for has the processor's bits, since the processor computes it. */
    @Test
    void withoutMemoryTheProcessorComputes() {
        LayerCase layer = LayerCase.of(33, 65, 63, 7, "b", Activation.GELU);
        BlockCase block = new BlockCase(33, 65, 130, 4, true);
        try (TornadoCompute compute = compute(1000, true)) {
            layer.run(Cpu.shared())
                    .forEach((name, values) -> assertThat(layer.run(compute).get(name)).isEqualTo(values));
            block.run(Cpu.shared())
                    .forEach((name, values) -> assertThat(block.run(compute).get(name)).isEqualTo(values));
            assertThat(compute.traffic()).isEqualTo(new Traffic.Bytes(0, 0, 0));
        }
    }

    /** TornadoVM would run the Java method instead, once, as one work-item. */
    @Test
    void aKernelThatCannotBeCompiledIsAnErrorThatNamesItAndTheDevice() {
        assertThatThrownBy(() -> BrokenKernel.run(device.name())).isInstanceOf(DeviceException.class)
                .hasMessageStartingWith("device " + device.name() + " failed at the kernel of bits: ");
        assertThat(BrokenKernel.ran()).isFalse();
    }

    /** A second kind of layer finds no memory beside the first: it takes its place, and the weight goes over again. */
    @Test
    void aKindThatNeedsTheMemoryTakesIt() {
        LayerCase large = LayerCase.of(33, 65, 63, 0, "-", Activation.NONE);
        LayerCase small = LayerCase.of(16, 65, 63, 0, "-", Activation.NONE);
        long weight = 4L * 65 * 63;
        Pair graphs = new LayerPlan("", 48, 65, 63, 0, false, false, Activation.NONE, true).graphs();
        try (TornadoCompute compute = compute(weight + graphs.bytes(), true);
                FrozenMatrix matrix = compute.take(large.weight(), WeightFormat.F32)) {
            LayerCase.requireClose(large.run(matrix), large.run(Cpu.shared()));
            LayerCase.requireClose(small.run(matrix), small.run(Cpu.shared()));
            assertThat(compute.traffic().weights()).isEqualTo(2 * weight);
            assertThat(compute.budget().used()).isLessThan(weight + graphs.bytes());
        }
    }

    @Test
    void closingGivesTheMemoryBack() {
        LayerCase layer = LayerCase.of(33, 65, 63, 7, "b", Activation.GELU);
        try (TornadoCompute compute = compute(MEMORY, true)) {
            DeviceMatrix matrix = (DeviceMatrix) compute.take(layer.weight(), WeightFormat.F32);
            layer.run(matrix);
            assertThat(matrix.deviceBytes()).isPositive();
            assertThat(compute.budget().used()).isEqualTo(matrix.bytes() - matrix.local().bytes());
            matrix.close();
            assertThat(matrix.deviceBytes()).isZero();
            assertThat(compute.budget().used()).isZero();
        }
    }

    @Test
    void isFoundThroughTheServiceAndNamesWhatDoesNotFit() {
        ComputeProvider provider = ComputeProvider.all().getFirst();
        assertThat(provider.find().devices()).contains(device.name());
        try (Compute compute = provider.open(0, Cpu.shared());
                FrozenMatrix matrix = compute.take(Tensor.zeros(3, 2), WeightFormat.F32)) {
            assertThat(compute.exact()).isFalse();
            assertThat(compute.name()).isEqualTo("TornadoVM " + device.name());
            assertThatThrownBy(() -> matrix.forward(new Workspace(), Tensor.zeros(4, 3), Terms.NONE, Tensor.zeros(4, 3),
                    false)).hasMessage("layer: x (4, 3), weight (3, 2), y (4, 3)");
        }
    }
}
