package dev.lorikeet.cli.run;

import dev.lorikeet.cli.report.Allocation;
import dev.lorikeet.cli.report.Run;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraLayer;
import dev.lorikeet.lora.rank.AdaLoraAllocator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Adapters, kept as PEFT keeps them: LoRA's and rsLoRA's, or AdaLoRA's, which find their ranks in the training. */
record AdapterTuning(LoraAdapter adapter) implements Tuning {
    @Override
    public List<Run.AdaptedLayer> layers() {
        AdaLoraAllocator allocator = adapter.allocator();
        Map<String, Integer> found = allocator == null ? Map.of() : allocator.ranks();
        return adapter.layers().entrySet().stream()
                .map(entry -> layer(entry.getKey(), entry.getValue(), found)).toList();
    }

    /** Of a rank that was found, be it 0, the parameters that are left: each term of an adapter has as many. */
    private static Run.AdaptedLayer layer(String path, LoraLayer layer, Map<String, Integer> found) {
        long parameters = layer.parameters().values().stream().mapToLong(parameter -> parameter.value().size()).sum();
        int rank = found.getOrDefault(path, layer.rank());
        return new Run.AdaptedLayer(path, rank, layer.scaling(), rank == 0 ? 0 : parameters / layer.rank() * rank);
    }

    @Override
    public @Nullable Allocation allocation() {
        AdaLoraAllocator allocator = adapter.allocator();
        return allocator == null ? null
                : new Allocation(allocator.history(), allocator.cost().steps(), 0, allocator.cost());
    }
}
