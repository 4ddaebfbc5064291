package dev.lorikeet.transformer.data;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.InputFile;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The characters of a text file one after the other, decoded as they are asked for, so that a file of any size takes
 * the same memory; knows the line it is at.
 */
final class TextInput implements AutoCloseable {
    static final int END = -1;
    /** Longer ones are a file without line ends, or something else than text. */
    private static final int MAX_RECORD = 1 << 24;

    private final Path file;
    private final InputStream in;
    private final CharsetDecoder decoder;
    private final ByteBuffer bytes = ByteBuffer.allocate(1 << 16).flip();
    private final CharBuffer chars = CharBuffer.allocate(1 << 16).flip();
    private boolean ended;
    private boolean malformed;
    private int line = 1;
    private int recordLine = 1;
    private int recordLength;

    /** @throws InputException if the file is missing, no file, or no text */
    TextInput(Path file) {
        this.file = file;
        InputStream opened = InputFile.open(file);
        try {
            this.in = plain(new BufferedInputStream(opened));
            FileEncoding encoding = FileEncoding.of(start(in), file);
            this.decoder = encoding.charset().newDecoder();
            in.skipNBytes(encoding.mark());
        } catch (IOException | InputException e) {
            InputException refusal = e instanceof InputException wrong ? wrong : unreadable((IOException) e);
            try (opened) {
                throw refusal;
            } catch (IOException onClose) {
                refusal.addSuppressed(onClose);
                throw refusal;
            }
        }
    }

    /** What is in it, where it is gzip. */
    private static InputStream plain(InputStream in) throws IOException {
        return FileEncoding.startsWith(start(in), FileEncoding.GZIP) ? new BufferedInputStream(new GZIPInputStream(in))
                : in;
    }

    private static byte[] start(InputStream in) throws IOException {
        in.mark(FileEncoding.START);
        byte[] start = in.readNBytes(FileEncoding.START);
        in.reset();
        return start;
    }

    private InputException unreadable(IOException e) {
        return e instanceof ZipException || e instanceof EOFException
                ? error(line, "the gzip data ends or is damaged here: " + e.getMessage())
                : InputFile.error(file, e);
    }

    /** The next character, or {@link #END}. */
    int peek() {
        return has(1) ? chars.get(chars.position()) : END;
    }

    /** Takes the next character, or {@link #END}. */
    int next() {
        if (!has(1)) {
            return END;
        }
        char c = chars.get();
        line += c == '\n' ? 1 : 0;
        if (++recordLength > MAX_RECORD) {
            throw error(recordLine, "is longer than 2^24 characters");
        }
        return c;
    }

    /**
     * Whether a line ends here: at LF, CR LF, and the end of the file.
     *
     * @throws InputException at a CR alone, which ends lines for some programs and is a letter for others
     */
    boolean atLineEnd() {
        int c = peek();
        if (c == '\r' && !(has(2) && chars.get(chars.position() + 1) == '\n')) {
            throw error(line, "has a carriage return (CR) without a line feed; end lines with LF or CR LF");
        }
        return c == '\n' || c == '\r' || c == END;
    }

    /** Goes over empty lines to where the next record begins; says whether there is one. */
    boolean startRecord() {
        while (peek() != END && atLineEnd()) {
            skipLineEnd();
        }
        recordLine = line;
        recordLength = 0;
        return peek() != END;
    }

    /** From a line's end to the start of the next. */
    void skipLineEnd() {
        if (next() == '\r') {
            next();
        }
        recordLength = 0;
    }

    /** What is left of the line, without its end. */
    String restOfLine() {
        StringBuilder text = new StringBuilder();
        while (!atLineEnd()) {
            text.append((char) next());
        }
        return text.toString();
    }

    Path file() {
        return file;
    }

    /** The line, from 1, of the next character. */
    int line() {
        return line;
    }

    /** The line, from 1, where the record began. */
    int recordLine() {
        return recordLine;
    }

    InputException error(int line, String rule) {
        return new InputException(file, "line " + line, rule);
    }

    /** Whether there are so many characters more. */
    private boolean has(int count) {
        while (chars.remaining() < count && !malformed && !(ended && !bytes.hasRemaining())) {
            decode();
        }
        if (chars.remaining() < count && malformed) { // all before the fault was taken, so that the line is its own
            throw error(line, "is not " + decoder.charset());
        }
        return chars.remaining() >= count;
    }

    private void decode() {
        try {
            bytes.compact();
            int read = in.read(bytes.array(), bytes.position(), bytes.remaining());
            ended = read < 0;
            bytes.position(bytes.position() + Math.max(0, read)).flip();
        } catch (IOException e) {
            throw unreadable(e);
        }
        chars.compact();
        CoderResult result = decoder.decode(bytes, chars, ended);
        chars.flip();
        malformed = result.isError();
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw InputFile.error(file, e);
        }
    }
}
