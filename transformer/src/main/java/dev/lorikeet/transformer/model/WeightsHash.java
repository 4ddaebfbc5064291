package dev.lorikeet.transformer.model;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.Sha256;
import dev.lorikeet.transformer.weights.TensorFile;
import java.util.Map;
import java.util.TreeMap;

/**
 * The SHA-256 by which an adapter knows its base again. It goes over name, shape and float32 bits of every tensor of
 * the encoder in the order of names, so that it does not depend on the file format. The pooler is left out: some copies
 * of a model lack it, and features of the encoder do not depend on it.
 */
final class WeightsHash {
    private WeightsHash() {}

    /** @param names in the file, by the names of the backbone's parameters */
    static String of(Map<String, String> names, TensorFile file) {
        Sha256 hash = new Sha256();
        new TreeMap<>(names).forEach((name, inFile) -> {
            if (!name.startsWith("pooler.")) {
                Tensor tensor = file.readFinite(inFile);
                hash.add(name + tensor.shape() + "\n").add(tensor);
            }
        });
        return "sha256:" + hash.hex();
    }
}
