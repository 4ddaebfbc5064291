package dev.lorikeet.lora.rank;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;

/**
 * How much the loss would change without each element w of one parameter (Zhang et al. 2023, equations 8 to 10): the
 * means over steps of I = |w·∂L/∂w| and of |I - mean|, both from 0 on without correction. Each operation is rounded to
 * float32 on its own, as PyTorch's are.
 */
final class Sensitivity {
    private final String name;
    private final Parameter parameter;
    private final float[] means;
    private final float[] uncertainties;

    /** @param name of the parameter, for messages */
    Sensitivity(String name, Parameter parameter) {
        this.name = name;
        this.parameter = parameter;
        this.means = new float[parameter.value().size()];
        this.uncertainties = new float[means.length];
    }

    /**
     * Takes in the parameter and its gradient as they stand.
     *
     * @throws IllegalStateException if there is no gradient
     */
    void update(AdaLora settings) {
        Tensor gradient = parameter.gradient();
        if (gradient == null) {
            throw new IllegalStateException("adalora: " + name + " has no gradient, so that it cannot be ranked: "
                    + "nothing that is trained for comes through its layer, which should be no target");
        }
        float keep1 = (float) settings.beta1();
        float take1 = (float) (1 - settings.beta1());
        float keep2 = (float) settings.beta2();
        float take2 = (float) (1 - settings.beta2());
        float[] w = parameter.value().data();
        int atW = parameter.value().offset();
        float[] g = gradient.data();
        int atG = gradient.offset();
        for (int i = 0; i < means.length; i++) {
            float now = Math.abs(w[atW + i] * g[atG + i]);
            float mean = keep1 * means[i] + take1 * now;
            means[i] = mean;
            uncertainties[i] = keep2 * uncertainties[i] + take2 * Math.abs(now - mean);
        }
    }

    /** The score of an element: mean times uncertainty. */
    float score(int i) {
        return means[i] * uncertainties[i];
    }

    /** The mean score of {@code count} elements, {@code stride} apart, from {@code first} on. */
    float meanScore(int first, int stride, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += score(first + i * stride);
        }
        return (float) (sum / count);
    }

    void clear() {
        Arrays.fill(means, 0);
        Arrays.fill(uncertainties, 0);
    }

    String name() {
        return name;
    }

    /** The means of I, as the parameter lies. */
    Tensor means() {
        return Tensor.of(means.clone(), parameter.value().shape().dims());
    }

    /** The means of |I - mean|, as the parameter lies. */
    Tensor uncertainties() {
        return Tensor.of(uncertainties.clone(), parameter.value().shape().dims());
    }

    /** Takes up the state that {@link #means} and {@link #uncertainties} gave. */
    void restore(Tensor savedMeans, Tensor savedUncertainties) {
        System.arraycopy(savedMeans.data(), savedMeans.offset(), means, 0, means.length);
        System.arraycopy(savedUncertainties.data(), savedUncertainties.offset(), uncertainties, 0, means.length);
    }
}
