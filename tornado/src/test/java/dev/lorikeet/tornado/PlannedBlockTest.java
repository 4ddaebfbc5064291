package dev.lorikeet.tornado;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.tornado.plan.Buffer;
import dev.lorikeet.tornado.plan.Buffer.Travel;
import dev.lorikeet.tornado.plan.Capacity;
import dev.lorikeet.tornado.plan.FeedForwardPlan;
import dev.lorikeet.tornado.plan.Graph;
import dev.lorikeet.tornado.plan.LayerPlan;
import dev.lorikeet.tornado.plan.Pair;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The steps of a planned feed-forward block, run as Java, are the block. */
class PlannedBlockTest {

    @ParameterizedTest
    @CsvSource({"1,7,63,1,false", "33,65,130,4,false", "17,31,66,3,true", "1,9,33,2,true"})
    void isTheBlock(int rows, int in, int wide, int rank, boolean gated) {
        BlockCase block = new BlockCase(rows, in, wide, rank, gated);
        int capacity = Capacity.of(rows);
        LayerPlan up = layer("up.", capacity, wide, in, rank, gated ? Activation.NONE : block.activation());
        LayerPlan gate = layer("gate.", capacity, wide, in, rank, Activation.NONE);
        LayerPlan down = layer("down.", capacity, in, wide, rank, Activation.NONE);
        FeedForwardPlan plan = new FeedForwardPlan(up, gated ? gate : null, down, block.activation());
        Map<Buffer, float[]> host = new HashMap<>();
        put(host, plan.x(), block.x());
        put(host, block, up, 1);
        put(host, block, gate, 2);
        put(host, block, down, 3);
        Pair graphs = plan.graphs();
        var device = KernelsInJava.device(false);
        Map<Buffer, float[]> there = device.apply(graphs.forward(), host);
        put(there, plan.dy(), block.dy());
        Graph back = Objects.requireNonNull(graphs.backward());
        Map<Buffer, float[]> after = device.apply(back, there);

        Map<String, float[]> expected = block.run(Cpu.shared());
        Map<String, float[]> results = new LinkedHashMap<>();
        expected.forEach((name, values) -> {
            Buffer wanted = name.equals("y") ? plan.y()
                    : name.equals("dx") ? plan.dx()
                            : after.keySet().stream().filter(b -> b.name().equals(name) && b.travel() == Travel.BACK)
                                    .findAny().orElseThrow();
            results.put(name, Arrays.copyOf(after.get(wanted), values.length));
        });
        LayerCase.requireClose(results, expected);
    }

    private static LayerPlan layer(String name, int rows, int out, int in, int rank, Activation f) {
        return new LayerPlan(name, rows, out, in, rank, false, true, f, true);
    }

    private static void put(Map<Buffer, float[]> host, BlockCase block, LayerPlan layer, int part) {
        put(host, layer.weight(), block.weight(part));
        put(host, layer.a(), block.a(part));
        put(host, layer.b(), block.b(part));
        put(host, layer.biasBuffer(), block.bias(part));
        host.put(layer.scale(), new float[] {LayerCase.SCALE});
    }

    private static void put(Map<Buffer, float[]> host, Buffer buffer, Tensor values) {
        host.put(buffer, Arrays.copyOf(values.toArray(), buffer.length()));
    }
}
