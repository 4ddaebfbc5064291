package dev.lorikeet.cli.watch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Shows a page on this machine alone, and again whenever it changes: the browser hears of that by an event (WHATWG
 * HTML, section 9.2) and takes what is new in place, so that nobody loses where they are on it.
 */
public final class WatchServer implements AutoCloseable {
    /** Pages change no oftener than people look. */
    private static final long PAUSE = 1000;
    private static final String END = "</body>";
    private static final int LAST_PORT = 65_535;
    /** By what names a browser may ask: a page from elsewhere that has its own name lead here does not get the run. */
    private static final Set<String> NAMES = Set.of("127.0.0.1", "localhost");

    private final Watched watched;
    private final HttpServer http;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile boolean ending;

    /**
     * Begins to show it.
     *
     * @param port where, 0 for any that is free
     * @param flag that has it, for messages
     * @throws InputException if the port cannot be had
     */
    public WatchServer(int port, String flag, Watched watched) {
        this.watched = watched;
        requirePort(port, flag);
        try {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 0);
        } catch (IOException e) {
            throw new InputException(flag + ": " + port + " cannot be had: " + e.getMessage());
        }
        http.setExecutor(threads);
        http.createContext("/", this::handle);
        http.start();
    }

    /** @throws InputException if there is no such port */
    public static void requirePort(int port, String flag) {
        if (port < 0 || port > LAST_PORT) {
            throw new InputException(flag + ": must be from 0 to " + LAST_PORT + ", not " + port);
        }
    }

    /** Where it is, for a browser on this machine. */
    public String address() {
        return "http://127.0.0.1:" + http.getAddress().getPort() + "/";
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            show(exchange);
        }
    }

    private void show(HttpExchange exchange) throws IOException {
        try {
            String host = Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Host"), "");
            String path = exchange.getRequestURI().getPath();
            if (!NAMES.contains(host.replaceFirst(":\\d+$", ""))) {
                answer(exchange, 403, "text/plain", "ask for " + address() + "\n");
            } else if (!exchange.getRequestMethod().equals("GET")) {
                answer(exchange, 405, "text/plain", "GET alone\n");
            } else if (path.equals("/")) {
                answer(exchange, 200, "text/html", watched.html().replace(END, "<script>\n" + script() + "</script>\n"
                        + END));
            } else if (path.equals("/favicon.ico")) {
                exchange.sendResponseHeaders(204, -1); // browsers ask for it by themselves
            } else if (path.equals("/events")) {
                events(exchange);
            } else {
                answer(exchange, 404, "text/plain", "there is " + address() + " alone\n");
            }
        } catch (InputException e) { // the run is not there any more, or is none; it may come back
            answer(exchange, 503, "text/plain", e.getMessage() + "\n");
        }
    }

    private static void answer(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1); // such an answer has no body
            return;
        }
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** An event for each version, until the run ends, or the browser leaves, which a line without meaning finds out. */
    private void events(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        long shown = Long.MIN_VALUE;
        boolean last;
        do {
            last = ending;
            long version = watched.version();
            out.write((version == shown ? ":\n\n" : "data: " + version + "\n\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
            shown = version;
            pause();
        } while (!last);
        out.write("event: end\ndata:\n\n".getBytes(StandardCharsets.UTF_8));
    }

    private synchronized void pause() {
        try {
            if (!ending) {
                wait(PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String script() {
        try (InputStream script = WatchServer.class.getResourceAsStream("watch.js")) {
            return new String(Objects.requireNonNull(script, "watch.js").readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("watch.js", e);
        }
    }

    /** Tells the browsers of the last version, and ends. */
    @Override
    public void close() {
        synchronized (this) {
            ending = true;
            notifyAll();
        }
        http.stop(1); // as long as it takes them to fetch that, at most
        threads.shutdownNow();
    }
}
