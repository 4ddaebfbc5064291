package dev.lorikeet.lora.peft;

import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraLayer;
import dev.lorikeet.lora.rank.AdaLoraAllocator;
import dev.lorikeet.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** The triplets of an AdaLoRA adapter that go into a file: PEFT leaves out those that its last mask dropped. */
final class AdaLoraTensors {
    private AdaLoraTensors() {}

    /**
     * Which triplets are written, by the modules' paths; empty where no mask was drawn and all are. In the middle of
     * training, a λ that has grown again since the last mask is written too, where PEFT loses it: the file computes
     * what the model does.
     */
    static Map<String, boolean[]> kept(LoraAdapter adapter, AdaLoraAllocator allocator) {
        Map<String, boolean[]> all = new LinkedHashMap<>();
        if (!allocator.hasMasks()) {
            return all;
        }
        allocator.kept().forEach((path, mask) -> {
            LoraLayer layer = adapter.layers().get(path);
            boolean[] kept = mask.clone();
            if (layer != null && layer.gate() != null && layer.rank() == mask.length) {
                Tensor lambdas = layer.gate().parameter().value();
                for (int i = 0; i < kept.length; i++) {
                    kept[i] |= lambdas.get(i, 0) != 0;
                }
            }
            all.put(path, kept);
        });
        return all;
    }

    /**
     * The part of {@code tensor} that is written.
     *
     * @param name of the tensor below its module's path
     */
    static Tensor part(Tensor tensor, String name, boolean[] kept) {
        int count = AdaLoraAllocator.count(kept);
        boolean columns = name.equals("lora_B");
        if (tensor.dim(columns ? 1 : 0) == count) {
            return tensor;
        }
        Tensor part = columns ? Tensor.zeros(tensor.dim(0), count) : Tensor.zeros(count, tensor.dim(1));
        int at = 0;
        for (int i = 0; i < kept.length; i++) {
            if (kept[i] && columns) {
                for (int row = 0; row < tensor.dim(0); row++) {
                    part.data()[row * count + at] = tensor.get(row, i);
                }
            } else if (kept[i]) {
                part.rows(at, at + 1).set(tensor.rows(i, i + 1));
            }
            at += kept[i] ? 1 : 0;
        }
        return part;
    }
}
