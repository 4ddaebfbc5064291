package dev.lorikeet.lora.rank;

import dev.lorikeet.transformer.io.InputException;

/**
 * How AdaLoRA spends its budget of ranks (Zhang et al. 2023, arXiv 2303.10512). A rank-1 term of an adapter, one column
 * of B with one λ and one row of A, is called a triplet. PEFT's names stand in brackets; the defaults are PEFT's. Steps
 * are counted from 0.
 *
 * @param targetRank the mean rank of a module in the end [target_r]: 8 on 72 modules keeps 576 triplets, however they
 *     are spread; 8
 * @param initialRank the rank of every module in the beginning [init_r]: 12 on 72 modules is 864 triplets; 12
 * @param initialSteps steps before the budget begins to fall [tinit]: 600 of 2,000 train all triplets for 30 % of the
 *     run; 0
 * @param finalSteps steps at the end in which the choice is fixed [tfinal]: 800 of 2,000 fine-tune what is left for 40
 *     % of the run; 0, and then a run of n steps, 0 to n - 1, never reaches the last mask at step n
 * @param interval a mask is drawn in every step that this divides [deltaT]: 10 draws one in steps 610, 620, …; 1
 * @param beta1 the share of the past in the mean sensitivity [beta1]: 0.85 gives a new step a weight of 0.15; 0.85
 * @param beta2 the same for its uncertainty [beta2]; 0.85
 * @param orthogonalWeight the weight of the mean of ‖A·Aᵀ - I‖ and ‖Bᵀ·B - I‖ in the loss [orth_reg_weight]: 0.5 adds 1
 *     to the loss where that mean is 2; 0.5, while the authors' code has 0.1
 * @param totalSteps steps of the run [total_step]: 564 for three epochs of 188; 0 for as many as the run has
 */
public record AdaLora(int targetRank, int initialRank, int initialSteps, int finalSteps, int interval, double beta1,
        double beta2, double orthogonalWeight, int totalSteps) {

    /**
     * Checks every field.
     *
     * @throws InputException if a value is out of its range, or the schedule leaves no step for the budget to fall
     */
    public AdaLora {
        require(targetRank >= 0, "targetRank (target_r)", "must be at least 0, not " + targetRank);
        require(initialRank >= 1, "initialRank (init_r)", "must be at least 1, not " + initialRank);
        require(targetRank <= initialRank, "targetRank (target_r)",
                "must be at most initialRank (init_r), " + initialRank + ", as ranks never grow, not " + targetRank);
        require(initialSteps >= 0, "initialSteps (tinit)", "must be at least 0, not " + initialSteps);
        require(finalSteps >= 0, "finalSteps (tfinal)", "must be at least 0, not " + finalSteps);
        require(interval >= 1, "interval (deltaT)", "must be at least 1, not " + interval);
        require(beta1 > 0 && beta1 < 1, "beta1", "must be in (0, 1), not " + beta1);
        require(beta2 > 0 && beta2 < 1, "beta2", "must be in (0, 1), not " + beta2);
        require(orthogonalWeight >= 0 && orthogonalWeight <= Float.MAX_VALUE, "orthogonalWeight (orth_reg_weight)",
                "must be at least 0, not " + orthogonalWeight);
        require(totalSteps >= 0, "totalSteps (total_step)", "must be at least 0, not " + totalSteps);
        require(totalSteps == 0 || initialSteps < (long) totalSteps - finalSteps, "initialSteps (tinit)",
                "must be below totalSteps (total_step) - finalSteps (tfinal), " + totalSteps + " - " + finalSteps
                        + ", not " + initialSteps);
    }

    private static void require(boolean holds, String field, String rule) {
        if (!holds) {
            throw new InputException(field + ": " + rule);
        }
    }

    /** PEFT's defaults. */
    public static AdaLora defaults() {
        return new AdaLora(8, 12, 0, 0, 1, 0.85, 0.85, 0.5, 0);
    }

    /** Other ranks: the mean in the end, and that of every module in the beginning. */
    public AdaLora withRanks(int target, int initial) {
        return new AdaLora(target, initial, initialSteps, finalSteps, interval, beta1, beta2, orthogonalWeight,
                totalSteps);
    }

    /** Another schedule: steps before the budget falls, steps after it has, and every how many a mask is drawn. */
    public AdaLora withSchedule(int before, int after, int each) {
        return new AdaLora(targetRank, initialRank, before, after, each, beta1, beta2, orthogonalWeight, totalSteps);
    }

    /** Other shares of the past in the mean sensitivity and in its uncertainty. */
    public AdaLora withBetas(double sensitivity, double uncertainty) {
        return new AdaLora(targetRank, initialRank, initialSteps, finalSteps, interval, sensitivity, uncertainty,
                orthogonalWeight, totalSteps);
    }

    public AdaLora withOrthogonalWeight(double value) {
        return new AdaLora(targetRank, initialRank, initialSteps, finalSteps, interval, beta1, beta2, value,
                totalSteps);
    }

    public AdaLora withTotalSteps(int value) {
        return new AdaLora(targetRank, initialRank, initialSteps, finalSteps, interval, beta1, beta2, orthogonalWeight,
                value);
    }
}
