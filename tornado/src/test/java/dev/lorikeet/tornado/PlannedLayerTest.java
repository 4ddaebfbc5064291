package dev.lorikeet.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.tornado.plan.Buffer;
import dev.lorikeet.tornado.plan.Buffer.Travel;
import dev.lorikeet.tornado.plan.Capacity;
import dev.lorikeet.tornado.plan.Graph;
import dev.lorikeet.tornado.plan.LayerPlan;
import dev.lorikeet.tornado.plan.Pair;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The steps of a planned layer, run as Java, are the layer. What the host does not send is not there. */
class PlannedLayerTest {

    /** Parts: b is a bias, d a dropped input of the low-rank term. */
    @ParameterizedTest
    @CsvSource({"1,1,1,0,-,NONE", "7,1,63,1,b,NONE", "1,65,63,4,b,GELU", "33,65,63,7,b,GELU", "17,63,65,0,b,GELU_TANH",
        "16,7,1,3,d,NONE", "65,31,130,8,bd,SILU", "23,40,33,5,-,RELU", "5,3,9,2,b,TANH"})
    void plainLoops(int rows, int out, int in, int rank, String parts, Activation f) {
        requireTheLayer(LayerCase.of(rows, out, in, rank, parts, f), KernelsInJava.device(false));
    }

    @ParameterizedTest
    @CsvSource({"1,1,1,0,-,NONE", "1,9,63,4,b,GELU", "2,65,17,3,b,NONE", "65,7,63,1,d,SILU"})
    void tiles(int rows, int out, int in, int rank, String parts, Activation f) {
        requireTheLayer(LayerCase.of(rows, out, in, rank, parts, f), KernelsInJava.device(true));
    }

    private static void requireTheLayer(LayerCase layer,
            BiFunction<Graph, Map<Buffer, float[]>, Map<Buffer, float[]>> device) {
        LayerPlan plan = new LayerPlan("", Capacity.of(layer.rows()), layer.out(), layer.in(), layer.rank(),
                layer.dropped(), layer.bias(), layer.f(), true);
        Pair graphs = plan.graphs();
        Map<Buffer, float[]> host = new HashMap<>();
        put(host, plan.x(), layer.x());
        put(host, plan.weight(), layer.weight());
        if (layer.rank() > 0) {
            put(host, plan.termInput(), layer.dropped() ? layer.droppedX() : layer.x());
            put(host, plan.a(), layer.a());
            put(host, plan.b(), layer.b());
            host.put(plan.scale(), new float[] {LayerCase.SCALE});
        }
        if (layer.bias()) {
            put(host, plan.biasBuffer(), layer.biasTensor());
        }
        assertThat(graphs.forward().sent()).allMatch(buffer -> host.containsKey(buffer));
        Map<Buffer, float[]> there = device.apply(graphs.forward(), host);
        Graph back = Objects.requireNonNull(graphs.backward());
        put(there, plan.dy(), layer.dy());
        assertThat(back.sent()).containsExactly(plan.dy());
        Map<Buffer, float[]> after = device.apply(back, there);

        Map<String, float[]> results = new LinkedHashMap<>();
        Map<String, float[]> expected = layer.run(Cpu.shared());
        expected.forEach((name, values) -> {
            Buffer made = after.keySet().stream()
                    .filter(buffer -> buffer.name().equals(name) && buffer.travel() == Travel.BACK).findAny()
                    .orElseThrow();
            float[] result = Arrays.copyOf(after.get(made), values.length);
            if (name.equals("dA") || name.equals("dB")) { // the case has the processor add them to 1
                for (int i = 0; i < result.length; i++) {
                    result[i] += 1;
                }
            }
            results.put(name, result);
        });
        LayerCase.requireClose(results, expected);
    }

    /** As the host sends it: rows that are not there are zeros. */
    private static void put(Map<Buffer, float[]> host, Buffer buffer, Tensor values) {
        host.put(buffer, Arrays.copyOf(values.toArray(), buffer.length()));
    }
}
