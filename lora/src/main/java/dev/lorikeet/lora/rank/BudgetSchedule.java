package dev.lorikeet.lora.rank;

/**
 * How many triplets all modules together may keep, step by step (Zhang et al. 2023, equation 14, as both the authors'
 * code and PEFT have it: the paper's own numerator would make the budget rise at first).
 *
 * @param settings with {@link AdaLora#totalSteps} above 0
 * @param modules that share the budget
 */
record BudgetSchedule(AdaLora settings, int modules) {
    /** The budget in the beginning: every triplet. */
    int initial() {
        return Math.multiplyExact(settings.initialRank(), modules);
    }

    /** The budget in the end. */
    int target() {
        return Math.multiplyExact(settings.targetRank(), modules);
    }

    /** The step whose mask is the last, after which the choice is fixed; a run that ends before never comes there. */
    int lastMask() {
        return settings.totalSteps() - settings.finalSteps();
    }

    /** The budget of {@code step}: ⌊bT + (b0 - bT)·(1 - (t - tinit)/(T - tfinal - tinit))³⌋ between the ends. */
    int budget(int step) {
        if (step <= settings.initialSteps()) {
            return initial();
        }
        if (step > lastMask()) {
            return target();
        }
        double left = 1 - (double) (step - settings.initialSteps()) / (lastMask() - settings.initialSteps());
        return (int) ((initial() - target()) * cube(left) + target());
    }

    /**
     * x³ rounded once, as the C library's {@code pow} gives it to Python: a product of products is off in the last
     * place, and where the exact budget is a whole number that place decides.
     */
    private static double cube(double x) {
        double square = x * x;
        double cube = square * x;
        return cube + (Math.fma(square, x, -cube) + Math.fma(x, x, -square) * x);
    }

    /** Whether the schedule asks for a mask in {@code step}. */
    boolean isMaskDue(int step) {
        return step > settings.initialSteps() && (step > lastMask() || step % settings.interval() == 0);
    }

    /** Whether any step of the run draws a mask. */
    boolean everMasks() {
        if (lastMask() < settings.totalSteps()) {
            return true;
        }
        int first = (settings.initialSteps() / settings.interval() + 1) * settings.interval();
        return first < settings.totalSteps();
    }
}
