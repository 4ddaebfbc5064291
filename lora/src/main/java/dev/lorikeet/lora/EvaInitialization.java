package dev.lorikeet.lora;

import dev.lorikeet.transformer.io.InputException;

/**
 * EVA (Paischer et al. 2024) [eva]: A has the directions in which a layer's inputs vary most, B is zero, and layers
 * whose directions explain more get a larger rank. {@link Eva} computes it. PEFT's names of the fields of
 * {@code eva_config} stand in brackets.
 *
 * @param rho how much of r a layer may get [rho]: 2 lets a layer have the rank 2·r
 * @param tau how alike directions must be for PEFT to stop [tau]; without effect here, where all batches are used
 * @param useLabelMask whether PEFT leaves out tokens without a label [use_label_mask]; without effect here, where the
 *     batches say which tokens count
 * @param labelMaskValue the label that such tokens have [label_mask_value]
 * @param whiten whether a direction is divided by the root of its singular value [whiten]
 * @param adjustScalingFactors whether α follows the rank that a layer got, so that α/r stays [adjust_scaling_factors]
 */
public record EvaInitialization(double rho, double tau, boolean useLabelMask, int labelMaskValue, boolean whiten,
        boolean adjustScalingFactors) implements Initialization {
    /** PEFT's defaults. */
    public static final EvaInitialization DEFAULT = new EvaInitialization(2, 0.99, true, -100, false, true);

    /** @throws InputException if a value is out of its range */
    public EvaInitialization {
        if (!(rho >= 1 && rho <= Integer.MAX_VALUE)) {
            throw new InputException("initialization (eva_config.rho): must be at least 1, not " + rho);
        }
        if (!(tau >= 0 && tau <= 1)) {
            throw new InputException("initialization (eva_config.tau): must be in [0, 1], not " + tau);
        }
    }

    @Override
    public boolean changesBase() {
        return false;
    }

    @Override
    public boolean trainsB() {
        return true;
    }
}
