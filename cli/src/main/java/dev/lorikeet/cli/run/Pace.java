package dev.lorikeet.cli.run;

import dev.lorikeet.transformer.training.Step;

/** How training goes of late: means in which a step counts less the longer it is past. */
final class Pace {
    /** Half of the weight lies on the last 35 steps or so. */
    private static final double KEEP = 0.98;

    private double weight;
    private double loss;
    private double tokens;
    private double seconds;
    private int left;

    void add(Step step) {
        weight = KEEP * weight + 1;
        loss = KEEP * loss + step.loss();
        tokens = KEEP * tokens + step.tokens();
        seconds = KEEP * seconds + step.seconds();
        left = step.steps() - step.step();
    }

    double loss() {
        return loss / weight;
    }

    double tokensPerSecond() {
        return tokens / seconds;
    }

    /** Until the last step is done, evaluations left out. */
    double secondsLeft() {
        return left * seconds / weight;
    }
}
