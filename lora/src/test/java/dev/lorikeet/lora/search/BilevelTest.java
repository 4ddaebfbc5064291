package dev.lorikeet.lora.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.LinearOps;
import dev.lorikeet.autograd.ReductionOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.training.Gradients;
import dev.lorikeet.transformer.training.LocalGradients;
import dev.lorikeet.transformer.training.MicroBatch;
import dev.lorikeet.transformer.training.Trainable;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Steps on L_train = ½‖W - C·a‖² and L_val = ½‖W - t‖² + ½‖a‖², of which everything is known: W' = W - η(W - C·a), and
 * the gradient of L_val(W'(a), a) is a + η·Cᵀ·(W' - t).
 */
class BilevelTest {
    private static final double RATE = 0.25;
    private static final double OUTER_RATE = 0.5;
    private static final Gradients GRADIENTS = new LocalGradients(Cpu.shared(), new Workspace());
    private static final Offset<Double> ROUNDING = Offset.offset(1e-5);

    private final Parameter w = parameter("W", 7);
    private final Parameter a = parameter("a", 3);
    private final Tensor c = parameter("C", 7, 3).value();
    private final Tensor t = parameter("t", 7).value();
    private final double[] w0 = column(w.value());
    private final double[] a0 = column(a.value());

    private static Parameter parameter(String name, int rows, int... columns) {
        Parameter parameter = new Parameter(Tensor.zeros(rows, columns.length == 0 ? 1 : columns[0]));
        Random.fillNormal(parameter.value(), 0.5f, Random.key(1, name));
        parameter.unfreeze();
        return parameter;
    }

    private static double[] column(Tensor x) {
        double[] column = new double[x.dim(0)];
        for (int i = 0; i < column.length; i++) {
            column[i] = x.get(i, 0);
        }
        return column;
    }

    private static Variable halfSquare(Tape tape, Variable x) {
        return ElementOps.scale(tape, ReductionOps.sum(tape, ElementOps.multiply(tape, x, x)), 0.5f);
    }

    private Variable training(Tape tape) {
        return halfSquare(tape, ElementOps.subtract(tape, w,
                LinearOps.matmul(tape, Form.NN, Variable.constant(c), a)));
    }

    private Variable validation(Tape tape) {
        return ElementOps.add(tape, halfSquare(tape, ElementOps.subtract(tape, w, Variable.constant(t))),
                halfSquare(tape, a));
    }

    /** One example, whose loss is given. */
    private Bilevel.Side side(Function<Tape, Variable> loss) {
        return new Bilevel.Side(new Trainable() {
            @Override
            public int size() {
                return 1;
            }

            @Override
            public int tokens(int example) {
                return 1;
            }

            @Override
            public int count(int example) {
                return 1;
            }

            @Override
            public List<Parameter> parameters() {
                return List.of(w, a);
            }

            @Override
            public Variable loss(Tape tape, int[] examples, double over) {
                return loss.apply(tape);
            }
        }, List.of(new MicroBatch(new int[1], 1)));
    }

    private Bilevel.Result step(SecondOrder secondOrder, boolean rollBack, double factor) {
        return step(secondOrder, rollBack, factor, 0);
    }

    private Bilevel.Result step(SecondOrder secondOrder, boolean rollBack, double factor, double clipNorm) {
        return new Bilevel(Cpu.shared(), Rule.sgd(),
                List.of(new ParameterGroup(Map.of("W", w), RATE, 0)), clipNorm, Rule.sgd(),
                new ParameterGroup(Map.of("a", a), OUTER_RATE, 0), secondOrder, rollBack)
                .step(GRADIENTS, side(this::training), side(this::validation), factor, 1);
    }

    /** W after a step of {@code rate} from w0 with these a. */
    private double[] stepped(double[] with, double rate) {
        double[] ahead = w0.clone();
        for (int i = 0; i < ahead.length; i++) {
            double product = 0;
            for (int j = 0; j < with.length; j++) {
                product += c.get(i, j) * with[j];
            }
            ahead[i] -= rate * (w0[i] - product);
        }
        return ahead;
    }

    /** The gradient for a where the second-order term counts {@code xi} times. */
    private double[] hypergradient(double[] ahead, double xi) {
        double[] gradient = a0.clone();
        for (int j = 0; j < gradient.length; j++) {
            for (int i = 0; i < ahead.length; i++) {
                gradient[j] += xi * c.get(i, j) * (ahead[i] - t.get(i, 0));
            }
        }
        return gradient;
    }

    @ParameterizedTest
    @EnumSource(SecondOrder.class)
    void theHypergradientOfAQuadraticIsExact(SecondOrder secondOrder) {
        Bilevel.Result result = step(secondOrder, false, 1);
        double[] ahead = stepped(a0, RATE);
        double[] expected = hypergradient(ahead, switch (secondOrder) {
            case INNER_RATE -> RATE;
            case ONE -> 1;
            case NONE -> 0;
        });
        for (int j = 0; j < expected.length; j++) {
            double gradient = (a0[j] - a.value().get(j, 0)) / OUTER_RATE;
            assertThat(gradient).isCloseTo(expected[j], ROUNDING);
        }
        for (int i = 0; i < ahead.length; i++) {
            assertThat((double) w.value().get(i, 0)).isCloseTo(ahead[i], ROUNDING);
        }
        assertThat(result.passes()).isEqualTo(secondOrder == SecondOrder.NONE ? 2 : 4);
        assertThat(w.gradient()).isNull();
        assertThat(a.gradient()).isNull();
    }

    /** ξ is the rate of the step, so it follows the schedule. */
    @Test
    void theInnerRateIsThatOfTheSchedule() {
        step(SecondOrder.INNER_RATE, false, 0.5);
        double[] expected = hypergradient(stepped(a0, RATE / 2), RATE / 2);
        for (int j = 0; j < expected.length; j++) {
            assertThat((a0[j] - a.value().get(j, 0)) / OUTER_RATE).isCloseTo(expected[j], ROUNDING);
        }
    }

    @ParameterizedTest
    @EnumSource(SecondOrder.class)
    void rollingBackStepsAgainWithTheNewSelection(SecondOrder secondOrder) {
        Bilevel.Result result = step(secondOrder, true, 1);
        double[] expected = stepped(column(a.value()), RATE);
        double moved = 0;
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) w.value().get(i, 0)).isCloseTo(expected[i], ROUNDING);
            moved += Math.abs(expected[i] - stepped(a0, RATE)[i]);
        }
        assertThat(moved).isGreaterThan(0.01);
        assertThat(result.passes()).isEqualTo(secondOrder == SecondOrder.NONE ? 3 : 5);
    }

    /** W goes by its clipped gradient, when it steps again too; the selection's is its own. */
    @ParameterizedTest
    @EnumSource(SecondOrder.class)
    void theStepsOfTheWeightsAreClipped(SecondOrder secondOrder) {
        Bilevel.Result result = step(secondOrder, true, 1, 0.125);
        double norm = 0;
        double moved = 0;
        double[] free = stepped(a0, 1);
        for (int i = 0; i < free.length; i++) {
            norm += (w0[i] - free[i]) * (w0[i] - free[i]);
            moved += (w0[i] - w.value().get(i, 0)) * (w0[i] - w.value().get(i, 0));
        }
        assertThat(result.gradientNorm()).isCloseTo(Math.sqrt(norm), ROUNDING);
        assertThat(Math.sqrt(moved)).isCloseTo(RATE * 0.125, ROUNDING);
        assertThat(step(secondOrder, false, 1).gradientNorm()).as("where nothing is clipped").isNaN();
    }

    /** Alternating steps come to where the gradients of both vanish: W = C·a and a + Cᵀ·(W - t) = 0. */
    @Test
    void convergesToTheSolutionOfBothProblems() {
        Bilevel bilevel = new Bilevel(Cpu.shared(), Rule.sgd(),
                List.of(new ParameterGroup(Map.of("W", w), 1, 0)), 0, Rule.sgd(),
                new ParameterGroup(Map.of("a", a), 0.2, 0), SecondOrder.INNER_RATE, true);
        for (int step = 0; step < 200; step++) {
            bilevel.step(GRADIENTS, side(this::training), side(this::validation), 1, 1);
        }
        double[] solved = column(a.value());
        double[] own = stepped(solved, 1);
        for (int j = 0; j < solved.length; j++) {
            double gradient = solved[j];
            for (int i = 0; i < own.length; i++) {
                gradient += c.get(i, j) * (own[i] - t.get(i, 0));
            }
            assertThat(gradient).isCloseTo(0, Offset.offset(1e-4));
        }
    }

    @Test
    void refusesALossThatIsNoNumber() {
        w.value().data()[0] = Float.NaN;
        assertThatThrownBy(() -> step(SecondOrder.ONE, false, 1)).isInstanceOf(ArithmeticException.class)
                .hasMessage(
                        "bilevel: the training loss is NaN (subtract: input 0 (7, 1) has NaN at [0, 0]); a lower "
                                + "learning rate may help");
    }
}
