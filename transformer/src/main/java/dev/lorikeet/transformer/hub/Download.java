package dev.lorikeet.transformer.hub;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.InputFile;
import dev.lorikeet.transformer.io.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Brings one file, and begins where an earlier attempt ended. */
final class Download {
    private static final int BUFFER = 1 << 18;

    private final HubClient client;
    private final String commit;
    private final RemoteFile file;
    private final Path part;
    private final PullListener listener;
    private final Patience patience;

    /** @param part where it goes while it is not whole */
    Download(HubClient client, String commit, RemoteFile file, Path part, PullListener listener, Patience patience) {
        this.client = client;
        this.commit = commit;
        this.file = file;
        this.part = part;
        this.listener = listener;
        this.patience = patience;
    }

    /**
     * Returns when the file is whole, and is what the hub says.
     *
     * @throws InputException if it does not come, or is another one
     */
    void run() {
        try {
            Files.createDirectories(part.getParent());
            boolean resumed = size() > 0;
            bring();
            if (resumed && !isRight()) { // what was there may be of a fault before
                Files.delete(part);
                bring();
            }
            if (!isRight()) {
                Files.delete(part);
                throw client.error(file.path(), "what came is not what the hub says, whose hash is " + file.etag());
            }
        } catch (IOException e) {
            throw new InputException(part, "write", "cannot be written: " + e);
        }
    }

    private void bring() throws IOException {
        if (size() > file.size()) {
            Files.delete(part);
        }
        if (size() == 0) {
            Files.write(part, new byte[0]); // a file without content needs no request
        }
        int failures = 0;
        for (long before = size(); before < file.size(); before = size()) {
            String fault = attempt(before);
            long now = size();
            failures = now > before ? 0 : failures + 1;
            if (now < file.size()) {
                if (failures >= patience.attempts()) {
                    throw client.error(file.path(), "ended after " + now + " of " + file.size() + " bytes" + fault
                            + "; what is there is kept, and the next attempt goes on behind it");
                }
                client.pause(patience.before(failures + 1), file.path() + " was cut after " + now + " bytes");
            }
        }
    }

    /** @return why it ended, where it did too early */
    private String attempt(long from) throws IOException {
        HubClient.Content content;
        try {
            content = client.content(commit, file, from);
        } catch (IOException e) {
            return ": " + e;
        }
        try (Watched bytes = new Watched(content.bytes(), patience.silence());
                FileChannel to = FileChannel.open(part, StandardOpenOption.WRITE)) {
            if (content.end() >= 0 && content.end() != file.size()) {
                throw client.error(file.path(), "has " + content.end() + " bytes, and the hub said " + file.size());
            }
            to.truncate(content.start());
            to.position(content.start());
            return copy(bytes, to, content.start());
        }
    }

    private String copy(Watched from, FileChannel to, long start) throws IOException {
        byte[] buffer = new byte[BUFFER];
        for (long at = start;;) {
            int count;
            try {
                count = from.read(buffer);
            } catch (IOException e) {
                return ": " + e.getMessage();
            }
            if (count < 0) {
                return "";
            }
            at += count;
            if (at > file.size()) {
                throw client.error(file.path(), "has more than the " + file.size() + " bytes that the hub said");
            }
            for (ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count); bytes.hasRemaining();) {
                to.write(bytes);
            }
            listener.comes(file.path(), at, file.size());
        }
    }

    private long size() throws IOException {
        return Files.exists(part) ? Files.size(part) : 0;
    }

    private boolean isRight() throws IOException {
        return (file.etag().length() == 64 ? new Sha256().add(part).hex() : gitBlob()).equals(file.etag());
    }

    /** As {@code git hash-object}. */
    private String gitBlob() throws IOException {
        try (InputStream in = InputFile.open(part)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-1");
            digest.update(("blob " + file.size() + "\0").getBytes(StandardCharsets.US_ASCII));
            byte[] buffer = new byte[BUFFER];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
