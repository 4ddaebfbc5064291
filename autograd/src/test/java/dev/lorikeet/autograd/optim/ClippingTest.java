package dev.lorikeet.autograd.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** As {@code clip_grad_norm_} and {@code clip_grad_value_} of {@code torch.nn.utils} are documented. */
class ClippingTest {
    private final Map<String, Parameter> parameters = OptimizerTest.parameters();
    private final Clipping clipping = new Clipping(List.of(new ParameterGroup(parameters, 1, 0)));

    private Tensor gradient(String name) {
        return parameters.get(name).gradientOrThrow();
    }

    @Test
    void scalesAllGradientsToOneNorm() {
        OptimizerTest.give(parameters.get("a"), Tensor.of(new float[] {3, 0, 0, 0, 0}, 5));
        OptimizerTest.give(parameters.get("b"), Tensor.of(new float[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -4}, 4, 3));
        assertThat(clipping.byNorm(10)).isEqualTo(5);
        assertThat(gradient("a").get(0)).isEqualTo(3);
        assertThat(clipping.byNorm(1)).isEqualTo(5);
        assertThat(gradient("a").get(0)).isCloseTo(3 / 5.000001f, within(1e-7f));
        assertThat(gradient("b").get(3, 2)).isCloseTo(-4 / 5.000001f, within(1e-7f));
    }

    @Test
    void cutsEachElement() {
        OptimizerTest.give(parameters.get("a"), Tensor.of(new float[] {3, -3, 0.5f, -0.5f, 0}, 5));
        clipping.byValue(1);
        assertThat(gradient("a").toArray()).containsExactly(1, -1, 0.5f, -0.5f, 0);
        assertThat(parameters.get("b").gradient()).isNull();
    }

    @Test
    void namesTheGradientThatIsNotFinite() {
        OptimizerTest.give(parameters.get("a"), Tensor.of(new float[] {1, Float.NaN, 0, 0, 0}, 5));
        assertThatThrownBy(() -> clipping.byNorm(1)).isInstanceOf(ArithmeticException.class)
                .hasMessage("clipping: the gradient of a (5) is not finite; a lower learning rate may help");
        assertThatThrownBy(() -> clipping.byValue(1)).isInstanceOf(ArithmeticException.class)
                .hasMessage("clipping: the gradient of a (5) is not finite; a lower learning rate may help");
        assertThat(gradient("a").get(0)).isEqualTo(1);
    }

    @Test
    void refusesLimitsThatAreNone() {
        assertThatThrownBy(() -> clipping.byNorm(0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("clipping: the largest norm must be above 0, not 0.0");
        assertThatThrownBy(() -> clipping.byValue(Double.NaN)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("clipping: the largest value must be above 0, not NaN");
    }
}
