package dev.lorikeet.lora.rank;

import java.util.List;
import java.util.Map;

/** Decides in training how many rank-1 terms the adapter of each module has, and tells how it came to that. */
public interface RankAllocator {
    /**
     * The ranks of all modules after a step.
     *
     * @param step counted from 0
     * @param ranks by the modules' paths, in the model's order
     */
    record RanksAt(int step, Map<String, Integer> ranks) {}

    /**
     * What the allocation takes beyond the steps of plain LoRA.
     *
     * @param steps of training in which it took part
     * @param extraPasses forward passes with their backward ones beyond one per batch
     * @param extraSeconds beyond what plain LoRA does in these steps
     */
    record Cost(int steps, long extraPasses, double extraSeconds) {}

    /** The ranks as they stand, by the modules' paths, in the model's order. */
    Map<String, Integer> ranks();

    /** The ranks after each step that changed some, in order; before the first, all have their initial rank. */
    List<RanksAt> history();

    /** What this has taken so far. */
    Cost cost();
}
