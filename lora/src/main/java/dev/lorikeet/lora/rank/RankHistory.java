package dev.lorikeet.lora.rank;

import dev.lorikeet.lora.rank.RankAllocator.RanksAt;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The ranks that an allocator has had, as a tensor of its state: (changes, 1 + modules), each row a step and ranks. */
public final class RankHistory {
    private RankHistory() {}

    /** @param paths of the modules, in the order of the columns */
    public static Tensor toTensor(List<RanksAt> history, List<String> paths) {
        Tensor rows = Tensor.zeros(history.size(), 1 + paths.size());
        int at = 0;
        for (RanksAt each : history) {
            rows.data()[at++] = each.step();
            for (String path : paths) {
                rows.data()[at++] = Objects.requireNonNull(each.ranks().get(path), path);
            }
        }
        return rows;
    }

    /** What {@link #toTensor} took. */
    public static List<RanksAt> of(Tensor rows, List<String> paths) {
        List<RanksAt> history = new ArrayList<>();
        for (int i = 0; i < rows.dim(0); i++) {
            Map<String, Integer> ranks = new LinkedHashMap<>();
            for (int j = 0; j < paths.size(); j++) {
                ranks.put(paths.get(j), (int) rows.get(i, 1 + j));
            }
            history.add(new RanksAt((int) rows.get(i, 0), Collections.unmodifiableMap(ranks)));
        }
        return history;
    }
}
