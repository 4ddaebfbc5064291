package dev.lorikeet.transformer.hub;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** A connection that is closed when nothing comes over it any more: the JDK's client would wait for ever. */
final class Watched implements AutoCloseable {
    private final InputStream in;
    private final Duration silence;
    private final Thread watch;
    private volatile long last = System.nanoTime();
    private volatile boolean givenUp;

    Watched(InputStream in, Duration silence) {
        this.in = in;
        this.silence = silence;
        this.watch = Thread.ofVirtual().start(this::watch);
    }

    private void watch() {
        try {
            for (long left = silence.toNanos(); left > 0; left = silence.toNanos() - (System.nanoTime() - last)) {
                Thread.sleep(Duration.ofNanos(left));
            }
            givenUp = true;
            in.close();
        } catch (InterruptedException e) {
            return; // all has come
        } catch (IOException e) {
            System.getLogger(Watched.class.getName()).log(System.Logger.Level.DEBUG, "not closed", e);
        }
    }

    /** @throws IOException if the connection ends before the content does, or nothing comes for too long */
    int read(byte[] buffer) throws IOException {
        try {
            int count = in.read(buffer);
            last = System.nanoTime();
            if (!givenUp) {
                return count;
            }
        } catch (IOException e) {
            if (!givenUp) {
                throw e;
            }
        }
        throw new IOException("nothing came for " + silence.toSeconds() + " seconds");
    }

    @Override
    public void close() throws IOException {
        watch.interrupt();
        in.close();
    }
}
