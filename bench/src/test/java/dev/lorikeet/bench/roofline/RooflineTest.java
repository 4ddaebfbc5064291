package dev.lorikeet.bench.roofline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.LinearOps;
import dev.lorikeet.autograd.ReductionOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.bench.peers.Machine;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.FrozenMatrix;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.Workers;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.kernel.ScalarKernels;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class RooflineTest {
    private static final int ROWS = 10;
    private static final int IN = 70;
    private static final int OUT = 130;
    private static final int RANK = 4;

    /** A frozen layer with an adapter, of which all products are known. */
    @Test
    void countsTheFlopsAndBytesOfALayer() {
        Counter counter = new Counter(new ScalarKernels());
        Inventory inventory = new Inventory(counter);
        Cpu compute = new Cpu(counter.kernels(), new Workers(1));
        FrozenMatrix weight = compute.take(Tensor.zeros(OUT, IN), WeightFormat.F32);
        step(compute, weight, inventory);
        List<Entry> entries = inventory.entries();
        assertThat(entries).extracting(Entry::name).containsExactly("linear + LoRA 70 to 130", "sum 130 to 1",
                "sum 130 to 1", "linear + LoRA 70 to 130", "end");
        assertThat(entries).extracting(Entry::way).containsExactly("forward", "forward", "backward", "backward", "");
        double base = 2.0 * ROWS * IN * OUT;
        double down = 2.0 * ROWS * IN * RANK;
        double up = 2.0 * ROWS * RANK * OUT;
        assertThat(entries.get(0).flops()).isEqualTo(base + down + up);
        assertThat(entries.get(3).flops()).as("those of x, A and B").isEqualTo(base + 2 * down + 2 * up);
        double values = 4.0 * (ROWS * IN + ROWS * OUT + RANK * IN + OUT * RANK);
        assertThat(entries.get(0).bytes()).as("inputs, output and weight")
                .isBetween(values + 4.0 * IN * OUT, values + 4.0 * (IN * 192 + ROWS * RANK + 64 * (IN + RANK)));
        assertThat(entries.get(1).flops()).isZero();
        assertThat(entries.get(4).bytes()).isZero();
    }

    private static void step(Cpu compute, FrozenMatrix weight, Recorder recorder) {
        Variable x = Variable.leaf(Tensor.zeros(ROWS, IN));
        Variable a = Variable.leaf(Tensor.zeros(RANK, IN));
        Variable b = Variable.leaf(Tensor.zeros(OUT, RANK));
        recorder.begin();
        try (Tape tape = Tape.training(compute, new Workspace()).observe(recorder)) {
            Variable y = LinearOps.linear(tape, x, weight, null, new LinearOps.LowRank(x, a, b, 2f), Activation.NONE);
            tape.backward(ReductionOps.sum(tape, y));
        }
        recorder.mark("end");
    }

    @Test
    void watchesAsManyOperationsInEachRun() {
        Cpu compute = new Cpu(new ScalarKernels(), new Workers(1));
        FrozenMatrix weight = compute.take(Tensor.zeros(OUT, IN), WeightFormat.F32);
        Stopwatch watch = new Stopwatch(3);
        for (int run = 0; run < 3; run++) {
            watch.nextRun();
            step(compute, weight, watch);
            assertThat(watch.operations()).isEqualTo(5);
        }
        assertThat(watch.seconds(0)).isPositive();
        assertThat(watch.allocated(0)).as("the tape and its buffers").isPositive();
    }

    /** 100 flops in 5 s at a peak of 50 a second need 2 s; 60 bytes in 4 s at 20 a second need 3 s. */
    @Test
    void showsWhatIsLost() {
        Roofline pass = new Roofline(new Roof(50, 20), 9, List.of(
                new Line(new Entry("linear 8", "forward", 60, 10), 1, 3, 1000).plus(
                        new Line(new Entry("linear 8", "forward", 40, 10), 2, 2, 500)),
                new Line(new Entry("add 8", "backward", 0, 60), 1, 4, 0)));
        assertThat(pass.lines().getFirst()).isEqualTo(
                new Line(new Entry("linear 8", "forward", 100, 20), 3, 5, 1500));
        assertThat(pass.lost()).isEqualTo(3 + 1, within(1e-9));
        Machine machine = new Machine("a processor", "its maker", 2, "25", "Linux", 0);
        assertThat(RooflinePage.markdown(machine, 1, 7, Map.of("step", pass))).contains("a processor (its maker)",
                "## step: 9000 ms",
                "| linear 8 | forward | 3 | 5000.00 | 55.6 % | 0.00 | 0.40 | 0.00 | 0.20 | 3000.00 | 1.5 |",
                "| add 8 | backward | 1 | 4000.00 | 44.4 % |  |  | 0.00 | 0.75 | 1000.00 | 0.0 |",
                "| all |  | 4 | 9000.00 | 100.0 % |").contains(" 4000.00 | 1.5 |\n").doesNotContain("provisional");
        assertThat(RooflineChart.svg(Map.of("step", pass))).contains("linear 8 forward", "5000.00 ms, lost 3000.00")
                .endsWith("</svg>\n");
    }

    @Test
    void refusesNoRunsAndNoThreads() {
        RooflineCommand command = new RooflineCommand(Terminal.system());
        new CommandLine(command).parseArgs("--runs=0");
        assertThatThrownBy(command::call).isInstanceOf(InputException.class)
                .hasMessage("--runs: must be at least 1, not 0");
    }
}
