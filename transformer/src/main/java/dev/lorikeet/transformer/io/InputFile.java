package dev.lorikeet.transformer.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Files that somebody named. A directory, a device and a pipe are refused before a byte is read: the last two may never
 * end, or never begin.
 */
public final class InputFile {
    private InputFile() {}

    /**
     * Opens a file.
     *
     * @throws InputException if it is missing, no regular file, or may not be read
     */
    public static InputStream open(Path file) {
        requireRegular(file);
        try {
            return Files.newInputStream(file);
        } catch (IOException e) {
            throw error(file, e);
        }
    }

    /**
     * A whole file.
     *
     * @param maxBytes the most that is read, whatever size the file system tells
     * @param kind what such files are called, for example {@code recipes}
     * @throws InputException as {@link #open}, or if it is larger
     */
    public static byte[] bytes(Path file, int maxBytes, String kind) {
        try (InputStream in = open(file)) {
            byte[] bytes = in.readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes) {
                throw new InputException(file, "size", kind + " over " + (maxBytes >> 20) + " MiB are not read");
            }
            return bytes;
        } catch (IOException e) {
            throw error(file, e);
        }
    }

    /** @throws InputException if it is missing or no regular file */
    public static void requireRegular(Path file) {
        if (!Files.exists(file)) {
            throw new InputException(file, "open", "there is no such file");
        }
        if (!Files.isRegularFile(file)) {
            throw new InputException(file, "open",
                    (Files.isDirectory(file) ? "is a directory" : "is a device or a pipe")
                            + ", a file is expected");
        }
    }

    /** What the system said of a file that cannot be read. */
    public static InputException error(Path file, IOException e) {
        String reason = e instanceof FileSystemException fault ? fault.getReason() : e.getMessage();
        return new InputException(file, "open", switch (e) {
            case NoSuchFileException _ -> "there is no such file";
            case AccessDeniedException _ -> "may not be read";
            default -> "cannot be read: " + Objects.requireNonNullElse(reason, e.toString());
        });
    }
}
