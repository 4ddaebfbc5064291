package dev.lorikeet.cli.report;

import dev.lorikeet.lora.rank.RankAllocator.Cost;
import dev.lorikeet.lora.rank.RankAllocator.RanksAt;
import java.util.List;

/**
 * How a method found its ranks, as far as it has come.
 *
 * @param history the ranks after each change
 * @param steps so far, of the training or of a search before it
 * @param searchSeconds of a search before the training, 0 where there is none
 */
public record Allocation(List<RanksAt> history, int steps, double searchSeconds, Cost cost) {
    public Allocation {
        history = List.copyOf(history);
    }
}
