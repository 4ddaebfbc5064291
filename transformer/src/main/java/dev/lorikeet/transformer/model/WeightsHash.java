package dev.lorikeet.transformer.model;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.weights.TensorFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * The SHA-256 by which an adapter knows its base again. It goes over name, shape and float32 bits of every tensor of
 * the encoder in the order of names, so that it does not depend on the file format. The pooler is left out: some copies
 * of a model lack it, and features of the encoder do not depend on it.
 */
final class WeightsHash {
    private static final int BUFFER = 1 << 16;

    private WeightsHash() {}

    /** @param names in the file, by the names of the backbone's parameters */
    static String of(Map<String, String> names, TensorFile file) {
        MessageDigest digest = sha256();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
        for (Map.Entry<String, String> entry : new TreeMap<>(names).entrySet()) {
            if (!entry.getKey().startsWith("pooler.")) {
                Tensor tensor = file.readFinite(entry.getValue());
                digest.update((entry.getKey() + tensor.shape() + "\n").getBytes(StandardCharsets.UTF_8));
                update(digest, tensor, buffer);
            }
        }
        return "sha256:" + HexFormat.of().formatHex(digest.digest());
    }

    /** The SHA-256 of a text, in hexadecimal digits. */
    static String ofText(String text) {
        return HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static void update(MessageDigest digest, Tensor tensor, ByteBuffer buffer) {
        for (int from = 0; from < tensor.size(); from += BUFFER / Float.BYTES) {
            int count = Math.min(BUFFER / Float.BYTES, tensor.size() - from);
            buffer.asFloatBuffer().put(tensor.data(), tensor.offset() + from, count);
            digest.update(buffer.array(), 0, count * Float.BYTES);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
