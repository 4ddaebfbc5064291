package dev.lorikeet.cli.serve;

import com.sun.net.httpserver.HttpExchange;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Semaphore;

/** A request and its answer, which is given once: whole, or event by event. */
final class Exchange {
    private final HttpExchange http;
    private final int most;
    private final long deadline;
    /** The memory for requests, in bytes, that all exchanges share. */
    private final Semaphore memory;
    private int held;
    private int status;

    /**
     * @param most the largest request, in bytes
     * @param time how long the answer may take
     * @param memory for the requests of all exchanges, in bytes
     */
    Exchange(HttpExchange http, int most, Duration time, Semaphore memory) {
        this.http = http;
        this.most = most;
        this.memory = memory;
        this.deadline = System.nanoTime() + time.toNanos();
    }

    /** The path, without what stands behind a question mark. */
    String path() {
        return http.getRequestURI().getPath();
    }

    /** How long the answer may still take; not negative. */
    Duration left() {
        return Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
    }

    /** The status of the answer, 0 before there is one. */
    int status() {
        return status;
    }

    /**
     * The request.
     *
     * @throws Refusal if it is too large, or others take the memory for it
     * @throws dev.lorikeet.transformer.io.InputException if it is not JSON
     */
    JsonObject json() throws IOException {
        int size = size();
        if (!memory.tryAcquire(size)) {
            throw Refusal.full();
        }
        held = size;
        byte[] body;
        try (InputStream in = http.getRequestBody()) {
            body = in.readNBytes(most + 1);
            if (body.length > most) {
                throw Refusal.tooLarge(most);
            }
        }
        Path source = Path.of("request");
        return new JsonObject(source, "", Json.readObject(body, source));
    }

    /** What the request says, else the largest. */
    private int size() {
        String said = http.getRequestHeaders().getFirst("Content-Length");
        if (said == null) {
            return most;
        }
        long size = Long.parseLong(said); // which the JDK's server has read, too
        if (size > most) {
            throw Refusal.tooLarge(most);
        }
        return (int) size;
    }

    /** Gives back what the request took. */
    void release() {
        memory.release(held);
        held = 0;
    }

    /** Answers with an object. */
    void answer(int code, Map<String, ?> object) throws IOException {
        answer(code, "application/json", Json.writeLine(object));
    }

    /** Answers with a text. */
    void answer(int code, String type, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        begin(code, type, bytes.length);
        try (OutputStream out = http.getResponseBody()) {
            out.write(bytes);
        }
    }

    /** Sets a header of the answer, before that is given. */
    void header(String name, String value) {
        http.getResponseHeaders().set(name, value);
    }

    /** Begins an answer of events (WHATWG HTML, section 9.2), which the client sees one by one. */
    Events events() throws IOException {
        http.getResponseHeaders().set("Cache-Control", "no-store");
        begin(200, "text/event-stream", 0);
        return new Events(http.getResponseBody());
    }

    private void begin(int code, String type, long length) throws IOException {
        if (status != 0) {
            throw new IllegalStateException("there is an answer already");
        }
        status = code;
        http.getResponseHeaders().set("Content-Type", type);
        http.sendResponseHeaders(code, length);
    }

    /** The events of an answer. */
    static final class Events {
        private final OutputStream out;

        private Events(OutputStream out) {
            this.out = out;
        }

        /** Sends one now. */
        void send(Map<String, ?> object) throws IOException {
            write(Json.writeLine(object).stripTrailing());
        }

        /** Sends OpenAI's mark of the end, and ends the answer: one without it has broken off. */
        void done() throws IOException {
            write("[DONE]");
            out.close();
        }

        private void write(String data) throws IOException {
            out.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
    }
}
