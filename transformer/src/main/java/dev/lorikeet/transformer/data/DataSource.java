package dev.lorikeet.transformer.data;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Sha256;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Files that are read one after the other, as if they were one, what becomes of rows that are wrong, and how many there
 * were. Belongs to one thread.
 */
public final class DataSource {
    /** So many faults are told. */
    private static final int TOLD = 5;
    /** So many files have their names in a message. */
    private static final int NAMED = 3;

    private final List<Path> files;
    private final BadRows badRows;
    private final int[] rows;
    /** Of each file, the lines of the rows that were left out: files are read more than once. */
    private final List<BitSet> skipped;
    private final List<String> faults = new ArrayList<>();

    /** @throws IllegalArgumentException if there is no file */
    public DataSource(List<Path> files, BadRows badRows) {
        if (files.isEmpty()) {
            throw new IllegalArgumentException("data: no file");
        }
        this.files = List.copyOf(files);
        this.badRows = badRows;
        this.rows = new int[files.size()];
        this.skipped = this.files.stream().map(_ -> new BitSet()).toList();
    }

    /** One file, whose rows must all be right. */
    public static DataSource of(Path file) {
        return new DataSource(List.of(file), BadRows.FAIL);
    }

    /** In their order. */
    public List<Path> files() {
        return files;
    }

    /** What people call it: a file's name, of several the first one's and how many more there are. */
    public String name() {
        String first = String.valueOf(files.getFirst().getFileName());
        return files.size() == 1 ? first : first + " and " + (files.size() - 1) + " more";
    }

    /** What was found when the files were last read from the first to the last row. */
    public RowCounts counts() {
        return new RowCounts(IntStream.range(0, rows.length)
                .mapToObj(i -> new RowCounts.OfFile(files.get(i), rows[i], skipped.get(i).cardinality())).toList(),
                faults);
    }

    /** The content of all files. */
    String sha256() {
        return files.stream().map(file -> new Sha256().add(file).hex()).collect(Collectors.joining(" "));
    }

    /** The files as the user calls them, of many the first, with commas between. */
    public String paths() {
        String first = files.stream().limit(NAMED).map(Path::toString).collect(Collectors.joining(", "));
        return files.size() > NAMED ? first + " and " + (files.size() - NAMED) + " more" : first;
    }

    /** A fault of all files together. */
    InputException error(String place, String rule) {
        return new InputException(paths() + ": " + place + ": " + rule);
    }

    /** Reads a file, until whoever takes its rows has enough; says whether the next is to be read, too. */
    @FunctionalInterface
    interface Reader {
        boolean read(Path file, Rows rows);
    }

    /** Goes through the files once. */
    void read(Reader reader) {
        for (int i = 0; i < rows.length; i++) {
            Rows own = new Rows(skipped.get(i));
            if (!reader.read(files.get(i), own)) {
                return;
            }
            rows[i] = own.taken;
        }
        RowCounts all = counts();
        if (all.skipped() > all.rows()) {
            throw error("rows", all.skipped() + " of " + (all.rows() + all.skipped())
                    + " are wrong, which is more than half, so that none is left out; " + all.faults().getFirst());
        }
    }

    /** The rows of one file. */
    final class Rows {
        private final BitSet wrong;
        private int taken;

        Rows(BitSet wrong) {
            this.wrong = wrong;
        }

        /**
         * Leaves out a row that cannot be read.
         *
         * @throws InputException the fault, where rows must all be right
         */
        void leaveOut(int line, InputException fault) {
            if (badRows == BadRows.FAIL) {
                throw fault;
            }
            if (!wrong.get(line)) {
                wrong.set(line);
                if (faults.size() < TOLD) {
                    faults.add(fault.getMessage());
                }
            }
        }

        /**
         * Hands over what is made of a row, unless it is wrong.
         *
         * @param make refuses a row that is wrong by an {@link InputException}, and does nothing else
         * @return whether {@code more} are wanted
         */
        <R, T> boolean take(R row, int line, Function<? super R, ? extends T> make, Predicate<? super T> more) {
            T made;
            try {
                made = make.apply(row);
            } catch (InputException e) {
                leaveOut(line, e);
                return true;
            }
            taken++;
            return more.test(made);
        }
    }
}
