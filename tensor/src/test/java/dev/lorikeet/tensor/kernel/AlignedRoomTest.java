package dev.lorikeet.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class AlignedRoomTest {
    private static final int LINE = 16;

    @Test
    void roomsBeginAtTheSamePlaceOfALineAndDoNotMeet() {
        List<AlignedRoom> rooms = new ArrayList<>();
        for (int size : new int[] {1, 15, 16, 17, 64, 1000, 147_456, 1 << 20, 5, 147_456, 64}) {
            AlignedRoom room = AlignedRoom.of(size);
            assertThat(room.size()).isEqualTo(size);
            assertThat(room.offset() % LINE).isEqualTo(rooms.isEmpty() ? LINE - header()
                    : rooms.getFirst().offset()
                            % LINE);
            assertThat(Arrays.copyOfRange(room.array(), room.offset(), room.offset() + size)).containsOnly(0f);
            rooms.add(room);
            Arrays.fill(room.array(), room.offset(), room.offset() + size, rooms.size());
        }
        for (int i = 0; i < rooms.size(); i++) {
            AlignedRoom room = rooms.get(i);
            assertThat(Arrays.copyOfRange(room.array(), room.offset(), room.offset() + room.size()))
                    .containsOnly(i + 1f);
        }
    }

    private static int header() {
        return JvmOptions.value("UseCompactObjectHeaders", "false").equals("true") ? 3 : 4;
    }

    /** An array of less than half a region lies anywhere in one, and moves. */
    @Test
    void whereTheCollectorHasRegionsEachRoomLiesInAnArrayThatFillsHalfOfOne() {
        long region = JvmOptions.value("UseG1GC", "false").equals("true")
                ? Long.parseLong(JvmOptions.value("G1HeapRegionSize", "0"))
                : 0;
        for (int size : new int[] {1, 64, 147_456, 1 << 21}) {
            assertThat(4L * AlignedRoom.of(size).array().length).isGreaterThan(region / 2);
        }
    }

    @Test
    void aThreadKeepsTheRoomForItsPanelsUntilItNeedsMore() {
        AlignedRoom small = AlignedRoom.ofPanels(1);
        AlignedRoom larger = AlignedRoom.ofPanels(small.size() + 1);
        assertThat(larger.size()).isGreaterThan(small.size());
        assertThat(AlignedRoom.ofPanels(1)).isSameAs(larger);
    }
}
