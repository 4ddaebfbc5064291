package dev.lorikeet.bench;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.Workers;
import dev.lorikeet.tensor.kernel.KernelChoice;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.tensor.packed.Epilogue;
import dev.lorikeet.tensor.packed.PackedMatrix;
import dev.lorikeet.tensor.packed.PackedProduct;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One row times a weight, as in the decoding of text: the product does little more than read the weight once, so
 * {@code gigabytes} a second is to be held against what {@link #read} reads of an array of the same bytes. The default
 * is 256 MB in float32, more than last-level caches hold in any format but the smallest; {@code -p out=1024} fits them.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(value = 3, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-Xmx4g"})
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class DecodeBenchmark {
    private static final int IN = 2048;
    private static final int PARTS = 64;
    private static final VectorSpecies<Integer> S = IntVector.SPECIES_PREFERRED;

    /** How the weight is stored. */
    @Param({"F32", "BF16", "F16", "INT8", "Q8_0", "Q4_0", "Q4_1", "Q4_K", "Q6_K"})
    public WeightFormat format = WeightFormat.F32;

    /** The rows of the weight (out, {@value #IN}). */
    @Param("32768")
    public int out = PARTS;

    /** The threads that share it. */
    @Param({"1", "2"})
    public int threads = 1;

    private Compute compute = new Cpu(KernelChoice.made().kernels(), new Workers(1));
    private Tensor x = Tensor.zeros(1, IN);
    private Tensor y = Tensor.zeros(1, out);
    private PackedMatrix weight = PackedMatrix.of(compute.kernels(), Tensor.zeros(IN, out));
    private int[] array = {};
    private final int[] sums = new int[16 * PARTS];

    /** Bytes of the weight, or of the array. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Traffic {
        public double gigabytes;
    }

    @Setup
    public void pack() {
        compute = new Cpu(KernelChoice.made().kernels(), new Workers(threads));
        y = Tensor.zeros(1, out);
        Random.fillNormal(x, 1f, 1);
        weight = format.blockLength() == 1 ? rounded() : taken();
        array = new int[(int) (weight.bytes() / Integer.BYTES)];
    }

    private PackedMatrix rounded() {
        Tensor values = Tensor.zeros(out, IN);
        Random.fillNormal(values, 0.02f, 2);
        return PackedMatrix.ofTransposed(compute.kernels(), values, format);
    }

    private PackedMatrix taken() {
        byte[] blocks = new byte[out * (IN / format.blockLength()) * format.blockBytes()]; // zeros take as long
        return PackedMatrix.ofTransposed(compute.kernels(), MemorySegment.ofArray(blocks), format, out, IN);
    }

    @Benchmark
    public Tensor product(Traffic traffic) {
        PackedProduct.multiply(compute, x, weight, Epilogue.none(), y, false);
        traffic.gigabytes += weight.bytes() / 1e9;
        return y;
    }

    /** The sum of as many bytes, as integers. */
    @Benchmark
    public int[] read(Traffic traffic) {
        int length = array.length / PARTS;
        compute.workers().run(PARTS, part -> sums[16 * part] = sum(array, part * length, length));
        traffic.gigabytes += 4e-9 * length * PARTS;
        return sums;
    }

    /** Four sums side by side, which do not wait for each other; what does not fill them is left out. */
    private static int sum(int[] array, int from, int length) {
        IntVector s0 = IntVector.zero(S);
        IntVector s1 = IntVector.zero(S);
        IntVector s2 = IntVector.zero(S);
        IntVector s3 = IntVector.zero(S);
        int step = S.length();
        for (int i = from; i <= from + length - 4 * step; i += 4 * step) {
            s0 = s0.add(IntVector.fromArray(S, array, i));
            s1 = s1.add(IntVector.fromArray(S, array, i + step));
            s2 = s2.add(IntVector.fromArray(S, array, i + 2 * step));
            s3 = s3.add(IntVector.fromArray(S, array, i + 3 * step));
        }
        return s0.add(s1).add(s2.add(s3)).reduceLanes(VectorOperators.ADD);
    }
}
