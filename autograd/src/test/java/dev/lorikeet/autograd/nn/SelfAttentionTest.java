package dev.lorikeet.autograd.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Attention;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Rotary;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SelfAttentionTest {
    private static final Attention CAUSAL = Attention.causal(4, 2);
    private static final int D = 4;
    private static final int[] OFFSETS = {0, 5, 6};
    /** Of the encoder's rows. */
    private static final int[] MEMORY = {0, 2, 9};

    /** Keys and values before those of every sequence, and something beside its context. */
    private record Prefix(Parameter keys, Parameter values, @Nullable Variable added) implements KeyValues {
        static Prefix of(int rows, @Nullable Variable added) {
            Prefix prefix = new Prefix(new Parameter(normal("prefix k", rows, 2 * D)),
                    new Parameter(normal("prefix v", rows, 2 * D)), added);
            prefix.keys.unfreeze();
            prefix.values.unfreeze();
            return prefix;
        }

        @Override
        public Pair before(Pass pass) {
            return new Pair(keys, values);
        }

        @Override
        public @Nullable Variable beside(Pass pass, Variable q) {
            return added;
        }

        @Override
        public Map<String, Parameter> parameters() {
            return Map.of("prefix.keys", keys, "prefix.values", values);
        }
    }

    private static Tensor normal(String name, int... dims) {
        Tensor tensor = Tensor.zeros(dims);
        Random.fillNormal(tensor, 1f, Random.key(1, name));
        return tensor;
    }

    private static Variable leaf(String name, int rows, int heads) {
        return Variable.leaf(normal(name, rows, heads * D));
    }

    /** Some rows behind one another. */
    private static Tensor stacked(Tensor first, Tensor second) {
        Tensor both = Tensor.zeros(first.dim(0) + second.dim(0), first.dim(1));
        both.rows(0, first.dim(0)).set(first);
        both.rows(first.dim(0), both.dim(0)).set(second);
        return both;
    }

    private static void assertClose(Tensor actual, int from, double[][] expected) {
        for (int i = 0; i < expected.length; i++) {
            for (int j = 0; j < expected[i].length; j++) {
                assertThat((double) actual.get(from + i, j)).as("row %d, column %d", from + i, j)
                        .isCloseTo(expected[i][j], within(2e-6));
            }
        }
    }

    /** The gradients of Σ context·probe beside central differences of the naive sum. */
    private static void assertSlopes(Variable variable, Supplier<double[][]> naive, Tensor probe) {
        Tensor x = variable.value();
        for (int i = 0; i < x.size(); i++) {
            float before = x.data()[i];
            x.data()[i] = before + 0x1p-8f;
            double above = sum(naive.get(), probe);
            x.data()[i] = before - 0x1p-8f;
            double below = sum(naive.get(), probe);
            x.data()[i] = before;
            assertThat((double) variable.gradientOrThrow().data()[i]).as("element %d", i)
                    .isCloseTo((above - below) / 0x1p-7, within(2e-4));
        }
    }

    private static double sum(double[][] rows, Tensor probe) {
        double sum = 0;
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < rows[i].length; j++) {
                sum += rows[i][j] * probe.get(i, j);
            }
        }
        return sum;
    }

    /** What each sequence computes alone, one behind the other. */
    private static double[][] joined(double[][] first, double[][] second) {
        double[][] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @Test
    void crossAttentionLooksAtAllThatTheEncoderHasOfASequence() {
        Attention form = new Attention(4, 2, false, 0.4f);
        Variable q = leaf("q", 6, 4);
        Variable k = leaf("k", 9, 2);
        Variable v = leaf("v", 9, 2);
        Tensor probe = normal("probe", 6, 4 * D);
        Supplier<double[][]> naive = () -> joined(
                new NaiveAttention(form, q.value().rows(0, 5), k.value().rows(0, 2), v.value().rows(0, 2)).context(),
                new NaiveAttention(form, q.value().rows(5, 6), k.value().rows(2, 9), v.value().rows(2, 9)).context());
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            Pass pass = new Pass(tape, Rows.tokens(OFFSETS), null, new Pass.Memory(k, Rows.tokens(MEMORY)));
            Variable context = new SelfAttention(form).cross(pass, q, () -> new KeyValues.Pair(k, v));
            assertClose(context.value(), 0, naive.get());
            tape.backward(Losses.weightedSum(tape, context, probe));
        }
        assertSlopes(q, naive, probe);
        assertSlopes(k, naive, probe);
        assertSlopes(v, naive, probe);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everySequenceSeesWhatStandsBeforeItAndGetsWhatIsBesideIt(boolean causal) {
        Attention form = new Attention(4, 2, causal, 0);
        Variable q = leaf("q", 6, 4);
        Variable k = leaf("k", 6, 2);
        Variable v = leaf("v", 6, 2);
        Variable added = leaf("added", 6, 4);
        Tensor probe = normal("probe", 6, 4 * D);
        SelfAttention attention = new SelfAttention(form);
        Prefix prefix = Prefix.of(3, added);
        attention.adapter(prefix);
        assertThat(attention.namedParameters().keySet()).containsExactlyInAnyOrder("prefix.keys", "prefix.values");
        Supplier<double[][]> naive = () -> plus(joined(alone(form, q, k, v, prefix, 0, 5),
                alone(form, q, k, v, prefix, 5, 6)), added.value());
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            Variable context = attention.forward(new Pass(tape, Rows.tokens(OFFSETS)), q, k, v);
            assertClose(context.value(), 0, naive.get());
            tape.backward(Losses.weightedSum(tape, context, probe));
        }
        for (Variable variable : new Variable[] {q, k, v, prefix.keys, prefix.values, added}) {
            assertSlopes(variable, naive, probe);
        }
        attention.adapter(null);
        assertThat(attention.namedParameters()).isEmpty();
    }

    private static double[][] alone(Attention form, Variable q, Variable k, Variable v, Prefix prefix, int from,
            int to) {
        return new NaiveAttention(form, q.value().rows(from, to),
                stacked(prefix.keys.value(), k.value().rows(from, to)),
                stacked(prefix.values.value(), v.value().rows(from, to))).context();
    }

    private static double[][] plus(double[][] x, Tensor y) {
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < x[i].length; j++) {
                x[i][j] += y.get(i, j);
            }
        }
        return x;
    }

    /** Two texts of 150 and 70 tokens, more than a block of attention and than a cache first has room for. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withACacheRowsHaveTheBitsOfTheWholeText(boolean prefixed) {
        RotaryTables rotary = new RotaryTables(Rotary.frequencies(D, 100), Rotary.Order.HALVES);
        SelfAttention attention = new SelfAttention(CAUSAL, rotary);
        attention.adapter(prefixed ? Prefix.of(3, null) : null);
        int[] lengths = {150, 70};
        Tensor q = normal("q", 220, 4 * D);
        Tensor k = normal("k", 220, 2 * D);
        Tensor v = normal("v", 220, 2 * D);
        Tensor whole;
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            whole = attention.forward(new Pass(tape, Rows.tokens(0, 150, 220)), Variable.constant(q),
                    Variable.constant(k), Variable.constant(v)).value().copy();
        }
        Cache cache = new Cache(2);
        int[][] parts = {{90, 5}, {1, 1}, {2, 60}, {1, 1}, {56, 3}};
        for (int[] part : parts) {
            try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
                int first = cache.length(0);
                int second = lengths[0] + cache.length(1);
                Pass pass = new Pass(tape, cache.next(0, part[0], part[0] + part[1]), cache, null);
                Variable context = attention.forward(pass, rows(q, first, second, part), rows(k, first, second, part),
                        rows(v, first, second, part));
                assertThat(context.value().toArray()).isEqualTo(stacked(whole.rows(first, first + part[0]),
                        whole.rows(second, second + part[1])).toArray());
                // again, as after a pass that failed: what was not advanced over does not count
                assertThat(attention.forward(pass, rows(q, first, second, part), rows(k, first, second, part),
                        rows(v, first, second, part)).value().toArray()).isEqualTo(context.value().toArray());
                cache.advance(pass.rows());
            }
        }
        assertThat(cache.length(0)).isEqualTo(150);
        assertThat(cache.length(1)).isEqualTo(70);
        assertThat(cache.bytes(0)).isGreaterThanOrEqualTo(4L * 150 * (k.dim(1) + v.dim(1)));
        long other = cache.bytes(1);
        cache.free(0);
        assertThat(cache.bytes(0)).isZero();
        assertThat(cache.length(0)).isZero();
        assertThat(cache.bytes(1)).isEqualTo(other).isPositive();
    }

    private static Variable rows(Tensor x, int first, int second, int[] part) {
        return Variable.constant(stacked(x.rows(first, first + part[0]), x.rows(second, second + part[1])));
    }

    @Test
    void refusesWhatCannotBe() {
        Variable x = leaf("x", 6, 2);
        RotaryTables rotary = new RotaryTables(Rotary.frequencies(D, 100), Rotary.Order.HALVES);
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            Cache cache = new Cache(2);
            Pass continued = new Pass(tape, cache.next(OFFSETS), cache, null);
            SelfAttention encoder = new SelfAttention(Attention.bidirectional(2));
            assertThatThrownBy(() -> encoder.forward(continued, x, x, x)).isInstanceOf(IllegalStateException.class)
                    .hasMessage("attention: rows see those after their own, so that no cache can be kept");
            Pass pass = new Pass(tape, Rows.tokens(OFFSETS));
            assertThatThrownBy(() -> encoder.cross(pass, x, () -> new KeyValues.Pair(x, x)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("pass: no encoder's states");
            for (SelfAttention decoder : new SelfAttention[] {new SelfAttention(Attention.causal(2, 2)),
                new SelfAttention(Attention.bidirectional(2), rotary)}) {
                assertThatThrownBy(() -> decoder.cross(pass, x, () -> new KeyValues.Pair(x, x)))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageStartingWith("attention: causal or with rotary positions");
            }
            assertThatThrownBy(() -> encoder.forward(pass.pooled(), x, x, x))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("attention: 6 rows in a pass");
        }
    }

    @Test
    void refusesACacheOfAnotherModelAndShapesThatDiffer() {
        SelfAttention first = new SelfAttention(Attention.causal(2, 2));
        SelfAttention second = new SelfAttention(Attention.causal(2, 2));
        Cache cache = new Cache(1);
        Variable x = leaf("x", 1, 2);
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            Pass pass = new Pass(tape, cache.next(0, 1), cache, null);
            first.forward(pass, x, x, x);
            cache.advance(pass.rows());
            Pass next = new Pass(tape, cache.next(0, 1), cache, null);
            assertThatThrownBy(() -> second.forward(next, x, x, x)).isInstanceOf(IllegalStateException.class)
                    .hasMessage("cache: holds 1 tokens that this layer has not read, it is another model's");
        }
        assertThatThrownBy(() -> new Cache(0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("cache: of 0 sequences");
        assertThatThrownBy(() -> new KeyValues.Pair(leaf("k", 2, 2), leaf("v", 3, 2)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("attention: keys (2, ");
    }
}
