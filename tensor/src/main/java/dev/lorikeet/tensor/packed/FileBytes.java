package dev.lorikeet.tensor.packed;

import java.lang.foreign.MemorySegment;

/**
 * Some bytes of a file, of which there is an even number, in an array. Reading a memory segment number by number takes
 * fifty times as long as that until C2 has compiled the loop, and most of loading a model is over before it has.
 */
final class FileBytes {
    private short[] halves = {};

    /** Takes {@code size} bytes from {@code at} on, in the place of those that are here. */
    void read(MemorySegment bytes, long at, int size) {
        int count = size / 2;
        if (halves.length < count) {
            halves = new short[count];
        }
        MemorySegment.copy(bytes, PanelGrid.SHORT, at, halves, 0, count);
    }

    /** @param at even, as in all that take more than a byte */
    int unsignedShort(int at) {
        return halves[at >> 1] & 0xffff;
    }

    int fourBytes(int at) {
        return halves[at >> 1] & 0xffff | halves[(at >> 1) + 1] << 16;
    }

    long eightBytes(int at) {
        return Integer.toUnsignedLong(fourBytes(at)) | (long) fourBytes(at + 4) << 32;
    }

    int unsignedByte(int at) {
        return halves[at >> 1] >> (at & 1) * 8 & 0xff;
    }
}
