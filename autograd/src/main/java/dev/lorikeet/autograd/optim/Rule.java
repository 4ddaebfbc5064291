package dev.lorikeet.autograd.optim;

/**
 * How one parameter w is updated by its gradient g, given the rate and the decay of its group: the coefficients that
 * all steps share. {@link Optimizer} keeps the state, and its documentation the names of that. Written t is the number
 * of the parameter's step, from 1.
 */
public sealed interface Rule {
    /**
     * AdamW (Loshchilov and Hutter 2019, algorithm 2) with PyTorch's order of operations: w ← w·(1 - rate·decay);
     * m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²; w ← w - rate/(1-β₁ᵗ)·m/(√v/√(1-β₂ᵗ) + eps).
     *
     * @param beta1 decay of the first moment, in [0, 1)
     * @param beta2 decay of the second moment, in [0, 1)
     * @param eps added outside the root
     * @param amsgrad whether the largest v so far takes v's place (Reddi et al. 2018, algorithm 2)
     */
    record AdamW(double beta1, double beta2, double eps, boolean amsgrad) implements Rule {
        public AdamW {
            requireShare("AdamW", "beta1", beta1);
            requireShare("AdamW", "beta2", beta2);
            requireNotNegative("AdamW", "eps", eps);
        }
    }

    /**
     * AdamW as transformers had it of its own, and as PEFT's {@code LoraFAOptimizer} has it: eps is added before the
     * bias correction, and the decay comes last. w ← w - rate·√(1-β₂ᵗ)/(1-β₁ᵗ)·m/(√v + eps), with {@link AdamW}'s m and
     * v; w ← w·(1 - rate·decay).
     *
     * @param beta1 decay of the first moment, in [0, 1)
     * @param beta2 decay of the second moment, in [0, 1)
     * @param eps added to the root of the uncorrected second moment
     */
    record TransformersAdamW(double beta1, double beta2, double eps) implements Rule {
        public TransformersAdamW {
            requireShare("TransformersAdamW", "beta1", beta1);
            requireShare("TransformersAdamW", "beta2", beta2);
            requireNotNegative("TransformersAdamW", "eps", eps);
        }
    }

    /**
     * Adam (Kingma and Ba 2015, algorithm 1) as {@code torch.optim.Adam}: the decay is a part of the gradient,
     * g ← g + decay·w, otherwise as {@link AdamW} without decay.
     *
     * @param beta1 decay of the first moment, in [0, 1)
     * @param beta2 decay of the second moment, in [0, 1)
     * @param eps added outside the root
     */
    record Adam(double beta1, double beta2, double eps) implements Rule {
        public Adam {
            requireShare("Adam", "beta1", beta1);
            requireShare("Adam", "beta2", beta2);
            requireNotNegative("Adam", "eps", eps);
        }
    }

    /**
     * {@code torch.optim.SGD}: g ← g + decay·w; b ← momentum·b + g; w ← w - rate·b, or with Nesterov's momentum
     * w ← w - rate·(g + momentum·b).
     *
     * @param momentum decay of the buffer, in [0, 1); 0 for plain gradient descent, which has no state
     * @param nesterov whether to look one step of the buffer ahead; needs a momentum
     */
    record Sgd(double momentum, boolean nesterov) implements Rule {
        public Sgd {
            requireShare("SGD", "momentum", momentum);
            if (nesterov && momentum == 0) {
                throw new IllegalArgumentException("SGD: nesterov needs a momentum above 0");
            }
        }
    }

    /**
     * Lion (Chen et al. 2023, algorithm 2): w ← w·(1 - rate·decay) - rate·sign(β₁m + (1-β₁)g); m ← β₂m + (1-β₂)g.
     *
     * @param beta1 the share of the momentum in the direction of the update, in [0, 1)
     * @param beta2 decay of the momentum, in [0, 1)
     */
    record Lion(double beta1, double beta2) implements Rule {
        public Lion {
            requireShare("Lion", "beta1", beta1);
            requireShare("Lion", "beta2", beta2);
        }
    }

    /**
     * Adafactor (Shazeer and Stern 2018, algorithms 4 and 5) as {@code transformers.Adafactor}: the second moment is
     * kept as means over rows and over columns where a parameter has two axes or more, the update u is clipped to a
     * root mean square, and the decay is decoupled.
     *
     * @param eps1 added to the squared gradient
     * @param eps2 the least scale of a parameter, where {@code scaleParameter}
     * @param clipThreshold the largest root mean square of u
     * @param decayRate c, below 0, of the second moment's decay 1 - tᶜ
     * @param beta1 decay of the mean of updates, in [0, 1); 0 for none, which has no state
     * @param scaleParameter whether the rate is multiplied by the parameter's root mean square, at least {@code eps2}
     * @param relativeStep whether the rate is multiplied by min(0.01, 1/√t): transformers' own has a rate of 1 then
     * @param warmupInit whether that is min(1e-6·t, 1/√t) instead; needs {@code relativeStep}
     */
    record Adafactor(double eps1, double eps2, double clipThreshold, double decayRate, double beta1,
            boolean scaleParameter, boolean relativeStep, boolean warmupInit) implements Rule {
        public Adafactor {
            requireNotNegative("Adafactor", "eps1", eps1);
            requireNotNegative("Adafactor", "eps2", eps2);
            requirePositive("Adafactor", "clipThreshold", clipThreshold);
            requirePositive("Adafactor", "-decayRate", -decayRate);
            requireShare("Adafactor", "beta1", beta1);
            if (warmupInit && !relativeStep) {
                throw new IllegalArgumentException("Adafactor: warmupInit needs relativeStep");
            }
        }
    }

    /**
     * Adafactor as {@code torch.optim.Adafactor}: another order of the operations, the rate at most 1/√t and always
     * scaled by the parameter's root mean square, and a floor where transformers' form adds eps.
     *
     * @param eps1 the least root of the second moment; PyTorch's is {@link #FLOAT_EPS}
     * @param eps2 the least scale of a parameter
     * @param clipThreshold PyTorch's {@code d}, the largest root mean square of an update
     * @param decayRate PyTorch's {@code beta2_decay}, below 0
     */
    record TorchAdafactor(double eps1, double eps2, double clipThreshold, double decayRate) implements Rule {
        /** 2⁻²³, the distance of the two smallest floats from 1 on. */
        public static final double FLOAT_EPS = 0x1p-23;

        public TorchAdafactor {
            requireNotNegative("Adafactor", "eps1", eps1);
            requireNotNegative("Adafactor", "eps2", eps2);
            requirePositive("Adafactor", "clipThreshold", clipThreshold);
            requirePositive("Adafactor", "-decayRate", -decayRate);
        }
    }

    /** {@link AdamW} with PyTorch's defaults: β = (0.9, 0.999), eps 1e-8. */
    static AdamW adamW() {
        return new AdamW(0.9, 0.999, 1e-8, false);
    }

    /** {@link TransformersAdamW} with its defaults: β = (0.9, 0.999), eps 1e-6. */
    static TransformersAdamW transformersAdamW() {
        return new TransformersAdamW(0.9, 0.999, 1e-6);
    }

    /** {@link Adam} with PyTorch's defaults: β = (0.9, 0.999), eps 1e-8. */
    static Adam adam() {
        return new Adam(0.9, 0.999, 1e-8);
    }

    /** Plain gradient descent. */
    static Sgd sgd() {
        return new Sgd(0, false);
    }

    /** {@link Lion} with the paper's β = (0.9, 0.99). */
    static Lion lion() {
        return new Lion(0.9, 0.99);
    }

    /** {@link Adafactor} with transformers' defaults: it finds its rate itself; the group's is 1. */
    static Adafactor adafactor() {
        return new Adafactor(1e-30, 1e-3, 1, -0.8, 0, true, true, false);
    }

    /** {@link TorchAdafactor} with PyTorch's defaults. */
    static TorchAdafactor torchAdafactor() {
        return new TorchAdafactor(TorchAdafactor.FLOAT_EPS, 1e-3, 1, -0.8);
    }

    private static void requireShare(String rule, String name, double value) {
        require(value >= 0 && value < 1, rule, name, "in [0, 1)", value);
    }

    private static void requireNotNegative(String rule, String name, double value) {
        require(value >= 0 && value < Double.POSITIVE_INFINITY, rule, name, "at least 0", value);
    }

    private static void requirePositive(String rule, String name, double value) {
        require(value > 0 && value < Double.POSITIVE_INFINITY, rule, name, "above 0", value);
    }

    private static void require(boolean holds, String rule, String name, String allowed, double value) {
        if (!holds) {
            throw new IllegalArgumentException(rule + ": " + name + " must be " + allowed + ", not " + value);
        }
    }
}
