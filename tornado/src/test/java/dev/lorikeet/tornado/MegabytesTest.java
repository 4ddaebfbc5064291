package dev.lorikeet.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MegabytesTest {

    @Test
    void areTornadoVmsSizes() {
        assertThat(Megabytes.bytes("512MB")).isEqualTo(512L << 20);
        assertThat(Megabytes.bytes(" 40gb")).isEqualTo(40L << 30);
        assertThatThrownBy(() -> Megabytes.bytes("much")).hasMessage(
                "tornado.device.memory: a size like 4GB or 512MB expected, not much");
    }
}
