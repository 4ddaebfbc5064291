package dev.lorikeet.transformer.io;

import dev.lorikeet.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A SHA-256 of texts and numbers, one behind the other. */
public final class Sha256 {
    private final MessageDigest digest;
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

    /** Of nothing yet. */
    public Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Adds a text's UTF-8. */
    public Sha256 add(String text) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** Adds how many numbers there are, and the numbers: no two lists are like two others. */
    public Sha256 add(int... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * (1 + numbers.length)).putInt(numbers.length);
        for (int number : numbers) {
            bytes.putInt(number);
        }
        digest.update(bytes.flip());
        return this;
    }

    /** Adds a tensor's elements as a safetensors file has them. */
    public Sha256 add(Tensor tensor) {
        int most = buffer.capacity() / Float.BYTES;
        for (int from = 0; from < tensor.size(); from += most) {
            int count = Math.min(most, tensor.size() - from);
            buffer.clear().limit(count * Float.BYTES);
            buffer.asFloatBuffer().put(tensor.data(), tensor.offset() + from, count);
            digest.update(buffer);
        }
        return this;
    }

    /**
     * Adds a file's content.
     *
     * @throws InputException if it cannot be read
     */
    public Sha256 add(Path file) {
        try (InputStream in = InputFile.open(file)) {
            byte[] bytes = new byte[1 << 16];
            for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                digest.update(bytes, 0, read);
            }
            return this;
        } catch (IOException e) {
            throw InputFile.error(file, e);
        }
    }

    /** The hash in hexadecimal digits; what is added afterwards begins another. */
    public String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
