package dev.lorikeet.lora.rank;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A mask of AdaLoRA's for Flight Recorder, which measures how long it took. */
@Name("dev.lorikeet.Allocation")
@Label("Rank Allocation")
@Category("Lorikeet")
@Description("The triplets that matter least were dropped")
@StackTrace(false)
final class AllocationEvent extends Event {
    @Label("Step")
    @Description("After which")
    int step;

    @Label("Budget")
    @Description("How many triplets may be left")
    int budget;

    @Label("Threshold")
    @Description("The score below which they were dropped")
    double threshold;

    @Label("Kept")
    @Description("How many triplets are left")
    int kept;

    void commit(int after, int most, double least, int left) {
        step = after;
        budget = most;
        threshold = least;
        kept = left;
        commit();
    }
}
