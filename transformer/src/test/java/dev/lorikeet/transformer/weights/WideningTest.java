package dev.lorikeet.transformer.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers of every type, through a safetensors file. */
class WideningTest {
    @TempDir
    private Path directory;

    private float[] read(DType dtype, ByteBuffer data) throws IOException {
        int bytes = data.flip().remaining();
        byte[] header = "{\"w\":{\"dtype\":\"%s\",\"shape\":[%d],\"data_offsets\":[0,%d]}}"
                .formatted(dtype, bytes / dtype.bytes(), bytes).getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = little(8 + header.length + bytes).putLong(header.length).put(header).put(data);
        try (TensorFile weights = Safetensors.open(Files.write(directory.resolve("a"), file.array()))) {
            assertThat(weights.dtype("w")).isEqualTo(dtype);
            return weights.read("w").toArray();
        }
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Every pattern of 16 bits, against what IEEE 754 says it means. */
    @ParameterizedTest
    @CsvSource({"F16, 5, 10", "BF16, 8, 7"})
    void narrowFloatsAreExact(DType dtype, int exponentBits, int mantissaBits) throws IOException {
        ByteBuffer data = little(2 << 16);
        for (int bits = 0; bits < 1 << 16; bits++) {
            data.putShort((short) bits);
        }
        float[] values = read(dtype, data);
        for (int bits = 0; bits < values.length; bits++) {
            Double expected = meaning(bits, exponentBits, mantissaBits);
            assertThat((double) values[bits]).as("%s %04x", dtype, bits).isEqualTo(expected);
        }
    }

    private static double meaning(int bits, int exponentBits, int mantissaBits) {
        int exponent = bits >> mantissaBits & (1 << exponentBits) - 1;
        double fraction = (bits & (1 << mantissaBits) - 1) / (double) (1 << mantissaBits);
        int bias = (1 << exponentBits - 1) - 1;
        double magnitude;
        if (exponent == (1 << exponentBits) - 1) {
            magnitude = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
        } else {
            magnitude = exponent == 0 ? fraction * Math.pow(2, 1 - bias)
                    : (1 + fraction) * Math.pow(2, exponent - bias);
        }
        return bits >> 15 == 1 ? -magnitude : magnitude;
    }

    @Test
    void floatsKeepTheirBitsAndDoublesRoundToTheNearest() throws IOException {
        int[] bits = {0x7FC00001, 0xFFC00000, 0x80000000, 1, 0x7F800000, 0x3F800000};
        ByteBuffer floats = little(24);
        Arrays.stream(bits).forEach(floats::putInt);
        float[] values = read(DType.F32, floats);
        for (int i = 0; i < bits.length; i++) {
            assertThat(Float.floatToRawIntBits(values[i])).isEqualTo(bits[i]);
        }
        ByteBuffer doubles = little(56).putDouble(0.1).putDouble(1 + 0x1p-24).putDouble(1 + 0x1.000002p-24)
                .putDouble(1e39).putDouble(0x1p-149).putDouble(-0.0).putDouble(Double.NaN);
        assertThat(read(DType.F64, doubles)).containsExactly(0.1f, 1, 1 + 0x1p-23f, Float.POSITIVE_INFINITY,
                Float.MIN_VALUE, -0f, Float.NaN);
    }

    @Test
    void integersAreExact() throws IOException {
        assertThat(read(DType.I64, little(32).putLong(Long.MIN_VALUE).putLong(-(1L << 24)).putLong(1L << 62)
                .putLong(0xFFFFFFL << 30))).containsExactly(-0x1p63f, -0x1p24f, 0x1p62f, 0xFFFFFF * 0x1p30f);
        assertThat(read(DType.I32, little(12).putInt(Integer.MIN_VALUE).putInt(0xFFFFFF).putInt(-1)))
                .containsExactly(-0x1p31f, 16777215, -1);
        assertThat(read(DType.I16, little(6).putShort(Short.MIN_VALUE).putShort(Short.MAX_VALUE).putShort((short) -1)))
                .containsExactly(-32768, 32767, -1);
        ByteBuffer bytes = little(4).put((byte) -128).put((byte) 127).put((byte) -1).put((byte) 0);
        assertThat(read(DType.I8, bytes)).containsExactly(-128, 127, -1, 0);
        assertThat(read(DType.U8, bytes.position(4))).containsExactly(128, 127, 255, 0);
        assertThat(read(DType.BOOL, little(3).put((byte) 1).put((byte) 0).put((byte) 1))).containsExactly(1, 0, 1);
    }

    @Test
    void refusesIntegersThatNoFloatEquals() {
        for (long value : new long[] {(1 << 24) + 1, -(1 << 24) - 1, Integer.MAX_VALUE}) {
            assertRefused(DType.I32, little(12).putInt(0).putInt((int) value).putInt((int) value));
            assertRefused(DType.I64, little(24).putLong(0).putLong(value).putLong(value));
        }
        assertRefused(DType.I64, little(24).putLong(0).putLong(Long.MAX_VALUE).putLong(0));
        assertRefused(DType.I64, little(24).putLong(0).putLong((1L << 53) + 1).putLong(0));
    }

    private void assertRefused(DType dtype, ByteBuffer data) {
        assertThatThrownBy(() -> read(dtype, data)).isInstanceOf(InputException.class)
                .hasMessage(directory.resolve("a") + ": w: element 1 of type " + dtype + " has no exact float32");
    }
}
