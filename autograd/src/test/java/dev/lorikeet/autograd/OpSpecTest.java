package dev.lorikeet.autograd;

import static dev.lorikeet.autograd.OpSpec.doubles;
import static dev.lorikeet.autograd.OpSpec.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.lorikeet.autograd.OpSpec.Refusal;
import dev.lorikeet.autograd.OpSpec.Sample;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workers;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.kernel.ScalarKernels;
import dev.lorikeet.tensor.kernel.VectorKernels;
import dev.lorikeet.tensor.packed.Cpu;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation at every sample of its spec. */
@Execution(ExecutionMode.CONCURRENT)
class OpSpecTest {
    private static final List<OpSpec> SPECS = Stream
            .of(ElementSpecs.all(), NormSpecs.all(), ReductionSpecs.all(), ShapeSpecs.all(), LinearSpecs.all(),
                    SequenceSpecs.all(), LossSpecs.all(), SimilarityLossSpecs.all())
            .flatMap(List::stream).toList();
    private static final Compute SCALAR = new Cpu(new ScalarKernels(), new Workers(1));
    private static final Compute VECTOR = new Cpu(new VectorKernels(), new Workers(3));

    /** Losses have an axis here, and none in PyTorch. */
    private static final Shape SCALAR_SHAPE = Shape.of(1);
    private static final Pattern TOPIC = Pattern.compile("\\w*(Ops|Losses)\\.class");

    /** Of the largest element, or of one. */
    private static final double ERROR = 1e-6;
    private static final double PYTORCH_ERROR = 1e-5;
    /** A tensor of smaller elements is compared as if it had this one: what is left may be PyTorch's rounding alone. */
    private static final double SMALL = 0.1;
    private static final double STEP = 1e-6;
    private static final double SLOPE_ERROR = 1e-5;
    private static final double RELATIVE_SLOPE_ERROR = 1e-3;
    /** Inputs of more elements are moved at so many of them only. */
    private static final int MOVED = 64;

    /** Tensors that were compared, and messages. */
    private static final AtomicInteger CHECKS = new AtomicInteger();

    /** What came out: the value, and the gradients of Σ value·probe. */
    private record Run(Tensor value, Variable[] leaves) {}

    static Stream<Arguments> samples() {
        return SPECS.stream().flatMap(
                spec -> spec.samples().stream().map(sample -> Arguments.of(spec.name() + " " + sample.name(), sample)));
    }

    static Stream<Arguments> refusals() {
        return SPECS.stream().flatMap(spec -> spec.refusals().stream()
                .map(refusal -> Arguments.of(spec.name() + ": " + refusal.message(), refusal)));
    }

    @AfterAll
    static void report() {
        System.out.printf("ops: %d, samples: %d, checks: %d%n", SPECS.size(), samples().count(), CHECKS.get());
    }

    /** Where all inputs require a gradient, where one does, and where the operation runs twice on the same inputs. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("samples")
    void isTheReferenceRounded(String name, Sample sample) {
        Scalar[][] x = scalars(values(sample));
        Scalar[] y = sample.reference().apply(x);
        Tensor probe = normal("probe", y.length);
        double[][] gradients = probed(y, probe).gradients(x);
        requireClose(name, sample, probe, Scalar.values(y), gradients, i -> true, false);
        requireClose(name, sample, probe, Scalar.values(y), gradients, i -> true, true);
        for (int only = 0; only < x.length && x.length > 1; only++) {
            int required = only;
            requireClose(name, sample, probe, Scalar.values(y), gradients, i -> i == required, false);
        }
    }

    private static void requireClose(String name, Sample sample, Tensor probe, double[] value, double[][] gradients,
            IntPredicate required, boolean twice) {
        int times = twice ? 2 : 1;
        Run run = run(Cpu.shared(), sample, probe, required, twice);
        assertThat(run.value().size()).isEqualTo(value.length);
        requireClose(name + ": value", run.value(), value, 1, ERROR, 1);
        for (int i = 0; i < gradients.length; i++) {
            Variable leaf = run.leaves()[i];
            assertThat(leaf.value().toArray()).as("%s: input %d afterwards", name, i)
                    .isEqualTo(sample.inputs()[i].toArray());
            if (required.test(i)) {
                requireClose(name + ": gradient of input " + i, leaf.gradientOrThrow(), gradients[i], times, ERROR, 1);
            } else {
                assertThat(leaf.gradient()).as("%s: gradient of input %d, which requires none", name, i).isNull();
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("samples")
    @Tag("slow")
    void gradientOfTheReferenceIsItsSlope(String name, Sample sample) {
        double[][] values = values(sample);
        Scalar[][] x = scalars(values);
        Scalar[] y = sample.reference().apply(x);
        Tensor probe = normal("probe", y.length);
        double[][] gradients = probed(y, probe).gradients(x);
        for (int i = 0; i < values.length; i++) {
            int input = i;
            int step = Math.max(1, values[i].length / MOVED) | 1; // odd: all columns have their turn
            IntStream.range(0, Math.ceilDiv(values[i].length, step)).map(k -> k * step).parallel().forEach(j -> {
                double slope = (moved(sample, values, input, j, STEP, probe)
                        - moved(sample, values, input, j, -STEP, probe)) / (2 * STEP);
                assertThat(Math.abs(gradients[input][j] - slope))
                        .as("%s: input %d, element %d: %s beside a slope of %s", name, input, j, gradients[input][j],
                                slope)
                        .isLessThanOrEqualTo(SLOPE_ERROR + RELATIVE_SLOPE_ERROR * Math.abs(slope));
            });
            CHECKS.incrementAndGet();
        }
    }

    /** What the reference gives where one element of an input is moved. */
    private static double moved(Sample sample, double[][] values, int input, int element, double by, Tensor probe) {
        double[][] moved = values.clone();
        moved[input] = values[input].clone();
        moved[input][element] += by;
        return probed(sample.reference().apply(scalars(moved)), probe).value();
    }

    /** One thread beside three, too. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("samples")
    void scalarAndVectorKernelsGiveTheSameBits(String name, Sample sample) {
        Run scalar = run(SCALAR, sample, i -> true);
        Run vector = run(VECTOR, sample, i -> true);
        requireSameBits(name + ": value", vector.value(), scalar.value());
        for (int i = 0; i < scalar.leaves().length; i++) {
            requireSameBits(name + ": gradient of input " + i, vector.leaves()[i].gradientOrThrow(),
                    scalar.leaves()[i].gradientOrThrow());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("samples")
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64", disabledReason = "PyTorch is on the class path for Linux "
            + "only")
    @Execution(ExecutionMode.SAME_THREAD) // DJL collects the gradients of one computation at a time
    void isWhatPyTorchComputes(String name, Sample sample) {
        Run run = run(Cpu.shared(), sample, i -> true);
        PyTorch.Result expected = PyTorch.run(sample, normal("probe", run.value().size()));
        Shape shape = expected.value().shape();
        assertThat(run.value().shape()).as("%s: shape", name).isIn(shape, shape.rank() == 0 ? SCALAR_SHAPE : shape);
        requireClose(name + ": value", run.value(), doubles(expected.value()), 1, PYTORCH_ERROR, SMALL);
        for (int i = 0; i < run.leaves().length; i++) {
            requireClose(name + ": gradient of input " + i, run.leaves()[i].gradientOrThrow(),
                    doubles(expected.gradients()[i]), 1, PYTORCH_ERROR, SMALL);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void refuses(String name, Refusal refusal) {
        Variable[] x = Arrays.stream(refusal.inputs()).map(Variable::leaf).toArray(Variable[]::new);
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            assertThatThrownBy(() -> refusal.forward().apply(tape, x)).isInstanceOf(refusal.type())
                    .hasMessage(refusal.message());
        }
        CHECKS.incrementAndGet();
    }

    /** One spec for each overload, and none of what is gone. */
    @Test
    void everyOperationHasASpec() throws IOException, URISyntaxException {
        Path classes = Path.of(Tape.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        List<String> operations;
        try (Stream<Path> files = Files.list(classes.resolve("dev/lorikeet/autograd"))) {
            operations = files.map(file -> file.getFileName().toString()).filter(TOPIC.asMatchPredicate())
                    .flatMap(file -> operations(file.replace(".class", ""))).toList();
        }
        assertThat(SPECS).extracting(OpSpec::name).containsExactlyInAnyOrderElementsOf(operations);
    }

    private static Stream<String> operations(String topic) {
        try {
            return Arrays.stream(Class.forName("dev.lorikeet.autograd." + topic).getDeclaredMethods())
                    .filter(method -> Modifier.isPublic(method.getModifiers())
                            && Modifier.isStatic(method.getModifiers()) && method.getReturnType() == Variable.class)
                    .map(method -> topic + "." + method.getName());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A run of the operation in a workspace whose buffers are full of NaN. */
    private static Run run(Compute compute, Sample sample, Tensor probe, IntPredicate required, boolean twice) {
        Workspace workspace = new Workspace();
        run(compute, workspace, leaves(sample, i -> true, Float.NaN), sample, probe, twice);
        Variable[] leaves = leaves(sample, required, 0);
        return new Run(run(compute, workspace, leaves, sample, probe, twice), leaves);
    }

    private static Run run(Compute compute, Sample sample, IntPredicate required) {
        int size;
        try (Tape tape = Tape.inference(compute, new Workspace())) {
            size = sample.forward().apply(tape, leaves(sample, required, 0)).value().size();
        }
        return run(compute, sample, normal("probe", size), required, false);
    }

    private static Tensor run(Compute compute, Workspace workspace, Variable[] leaves, Sample sample, Tensor probe,
            boolean twice) {
        try (Tape tape = Tape.training(compute, workspace)) {
            Variable[] x = twice ? intermediates(tape, leaves) : leaves;
            Variable y = sample.forward().apply(tape, x);
            Variable loss = Losses.weightedSum(tape, y, probe);
            if (twice) {
                loss = ElementOps.add(tape, loss, Losses.weightedSum(tape, sample.forward().apply(tape, x), probe));
            }
            Tensor value = y.value().copy();
            tape.backward(loss);
            return value;
        }
    }

    /** The same values, with gradients that lie in the workspace on their way to the leaves. */
    private static Variable[] intermediates(Tape tape, Variable[] leaves) {
        return Arrays.stream(leaves)
                .map(leaf -> ElementOps.add(tape, leaf, Variable.constant(Tensor.zeros(leaf.value().shape()))))
                .toArray(Variable[]::new);
    }

    private static Variable[] leaves(Sample sample, IntPredicate required, float added) {
        Variable[] leaves = new Variable[sample.inputs().length];
        for (int i = 0; i < leaves.length; i++) {
            Tensor value = sample.inputs()[i].copy();
            for (int j = 0; j < value.size(); j++) {
                value.data()[j] += added;
            }
            leaves[i] = required.test(i) ? Variable.leaf(value) : Variable.constant(value);
        }
        return leaves;
    }

    private static double[][] values(Sample sample) {
        return Arrays.stream(sample.inputs()).map(OpSpec::doubles).toArray(double[][]::new);
    }

    private static Scalar[][] scalars(double[][] values) {
        return Arrays.stream(values).map(Scalar::of).toArray(Scalar[][]::new);
    }

    /** Σ y·probe. */
    private static Scalar probed(Scalar[] y, Tensor probe) {
        Scalar sum = Scalar.of(0.0);
        for (int i = 0; i < y.length; i++) {
            sum = sum.plus(y[i].times(probe.get(i)));
        }
        return sum;
    }

    /** Within {@code error} of the largest element, or of {@code least}. */
    private static void requireClose(String what, Tensor actual, double[] expected, int times, double error,
            double least) {
        CHECKS.incrementAndGet();
        assertThat(actual.size()).as("%s: elements", what).isEqualTo(expected.length);
        double bound = error * times * Math.max(least, Arrays.stream(expected).map(Math::abs).max().orElse(0));
        for (int i = 0; i < expected.length; i++) {
            float is = actual.data()[actual.offset() + i];
            if (!(Math.abs(is - times * expected[i]) <= bound)) { // NaN too
                fail("%s, element %d: %s instead of %s, within %s", what, i, is, times * expected[i], bound);
            }
        }
    }

    private static int[] bits(Tensor x) {
        return IntStream.range(0, x.size()).map(i -> Float.floatToIntBits(x.data()[x.offset() + i])).toArray();
    }

    private static void requireSameBits(String what, Tensor actual, Tensor expected) {
        CHECKS.incrementAndGet();
        assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
        assertThat(bits(actual)).as(what).isEqualTo(bits(expected));
    }
}
