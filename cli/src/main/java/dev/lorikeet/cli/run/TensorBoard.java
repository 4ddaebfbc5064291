package dev.lorikeet.cli.run;

import dev.lorikeet.cli.report.Run;
import dev.lorikeet.transformer.training.Epoch;
import dev.lorikeet.transformer.training.Step;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * The numbers of a run as TensorBoard reads them: records, each with its length and checksums, of one message each, the
 * first of which tells the version.
 *
 * <p>Source: TensorFlow's {@code core/util/event.proto}, {@code core/framework/summary.proto} and
 * {@code core/lib/io/record_writer}.
 */
final class TensorBoard {
    private static final int MASK = 0xA282EAD8;

    private final ByteArrayOutputStream records = new ByteArrayOutputStream();

    /** @param time when the run began, in seconds of Unix */
    TensorBoard(double time) {
        record(event(time, 0, message(3, "brain.Event:2".getBytes(StandardCharsets.UTF_8))));
    }

    /**
     * The files of a run by their names, one for each epoch: TensorBoard reads on in a new file, but does not see that
     * an old one was replaced. Times are those of the steps alone, after the start of the run.
     */
    static SortedMap<String, byte[]> files(Run run) {
        SortedMap<String, byte[]> files = new TreeMap<>();
        double time = run.facts().started().toEpochSecond();
        int last = 0;
        for (Epoch epoch : run.epochs()) {
            TensorBoard board = new TensorBoard(time);
            while (last < run.steps().size() && run.steps().get(last).epoch() == epoch.epoch()) {
                Step step = run.steps().get(last++);
                time += step.seconds();
                board.scalars(time, step.step(), Scalars.of(step));
            }
            board.scalars(time, last, Scalars.of(run.facts().evaluatedOn(), epoch.test()));
            files.put(name(epoch.epoch()), board.bytes());
        }
        Run.Tested test = run.test();
        if (test != null) {
            TensorBoard board = new TensorBoard(time);
            board.scalars(time, run.steps().size(), Scalars.of("test", test.evaluation()));
            files.put(name(run.epochs().size() + 1), board.bytes());
        }
        return files;
    }

    private static String name(int number) {
        return String.format(Locale.ROOT, "events.out.tfevents.%06d.lorikeet", number);
    }

    /** The file so far. */
    byte[] bytes() {
        return records.toByteArray();
    }

    private void scalars(double time, int step, Map<String, Double> values) {
        values.forEach((tag, value) -> scalar(time, step, tag, value));
    }

    /** One number. */
    void scalar(double time, int step, String tag, double value) {
        byte[] number = ByteBuffer.allocate(5).order(ByteOrder.LITTLE_ENDIAN).put((byte) (2 << 3 | 5))
                .putFloat((float) value).array();
        byte[] own = together(message(1, tag.getBytes(StandardCharsets.UTF_8)), number);
        record(event(time, step, message(5, message(1, own))));
    }

    private static byte[] event(double time, int step, byte[] what) {
        byte[] wall = ByteBuffer.allocate(9).order(ByteOrder.LITTLE_ENDIAN).put((byte) (1 << 3 | 1)).putDouble(time)
                .array();
        ByteArrayOutputStream number = new ByteArrayOutputStream();
        if (step != 0) { // which is what is not there
            number.write(2 << 3);
            varint(number, step);
        }
        return together(wall, number.toByteArray(), what);
    }

    /** A field of known length. */
    private static byte[] message(int field, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(field << 3 | 2);
        varint(out, content.length);
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static void varint(ByteArrayOutputStream out, int value) {
        int rest = value;
        for (; rest > 0x7F; rest >>>= 7) {
            out.write(rest & 0x7F | 0x80);
        }
        out.write(rest);
    }

    private static byte[] together(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private void record(byte[] event) {
        byte[] length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(event.length).array();
        records.writeBytes(length);
        records.writeBytes(checksum(length));
        records.writeBytes(event);
        records.writeBytes(checksum(event));
    }

    private static byte[] checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        int masked = Integer.rotateRight((int) crc.getValue(), 15) + MASK;
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(masked).array();
    }
}
