package dev.lorikeet.transformer.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lorikeet.transformer.io.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A hub on this machine with one repository, {@code org/name}, which answers as Hugging Face's does: small files after
 * a redirect to a relative address, large ones after one to another host; and as a test tells it.
 */
final class HubServer implements AutoCloseable {
    static final HubName NAME = HubName.of("org/name").orElseThrow();
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    /** What a request asked, and with what. */
    record Asked(boolean away, String method, String path, @Nullable String token, @Nullable String range) {}

    /** An answer in place of the right one. */
    interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    final Map<String, byte[]> files = new TreeMap<>();
    /** Those that are in large file storage. */
    final Set<String> large = new TreeSet<>();
    final List<Asked> asked = new CopyOnWriteArrayList<>();
    volatile String commit = COMMIT;
    private final Map<String, Deque<Answer>> answers = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer hub = start(false);
    private final HttpServer away = start(true);

    private HttpServer start(boolean isAway) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(threads);
            server.createContext("/", exchange -> {
                asked.add(new Asked(isAway, exchange.getRequestMethod(), exchange.getRequestURI().getRawPath(),
                        exchange.getRequestHeaders().getFirst("Authorization"),
                        exchange.getRequestHeaders().getFirst("Range")));
                try (exchange) {
                    answer(exchange);
                }
            });
            server.start();
            return server;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + hub.getAddress().getPort());
    }

    /** Answers the next request of {@code method}, whose path ends so, otherwise. */
    void next(String method, String end, Answer answer) {
        answers.computeIfAbsent(method + " " + end, _ -> new ArrayDeque<>()).add(answer);
    }

    /** Answers rightly from now on. */
    void recover() {
        answers.clear();
    }

    void file(String path, String text) {
        files.put(path, text.getBytes(StandardCharsets.UTF_8));
    }

    /** A file in large file storage, with the bytes of its numbers. */
    byte[] large(String path, int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (31 * i + i / 251);
        }
        files.put(path, bytes);
        large.add(path);
        return bytes;
    }

    String etag(String path) {
        byte[] bytes = Objects.requireNonNull(files.get(path));
        try {
            if (large.contains(path)) {
                return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            }
            MessageDigest git = MessageDigest.getInstance("SHA-1");
            git.update(("blob " + bytes.length + "\0").getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(git.digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        for (Map.Entry<String, Deque<Answer>> each : answers.entrySet()) {
            String[] which = each.getKey().split(" ", 2);
            Answer next = which[0].equals(exchange.getRequestMethod()) && path.endsWith(which[1])
                    ? each.getValue().poll()
                    : null;
            if (next != null) {
                next.to(exchange);
                return;
            }
        }
        String cached = "/api/resolve-cache/models/org/name/";
        if (path.startsWith("/api/models/org/name/revision/")) {
            send(exchange, 200, Json.writeLine(Map.of("sha", commit, "siblings",
                    files.keySet().stream().map(file -> Map.of("rfilename", file)).toList()))
                    .getBytes(StandardCharsets.UTF_8));
        } else if (path.startsWith("/org/name/resolve/" + commit + "/")) {
            resolve(exchange, path.substring(("/org/name/resolve/" + commit + "/").length()));
        } else if (path.startsWith(cached) || path.startsWith("/large/")) {
            String file = path.substring(path.startsWith("/large/") ? "/large/".length() : cached.length());
            exchange.getResponseHeaders().set("ETag", "\"" + etag(file) + "\"");
            content(exchange, Objects.requireNonNull(files.get(file)));
        } else {
            refuse(404, "X-Error-Code", "RepoNotFound").to(exchange);
        }
    }

    private void resolve(HttpExchange exchange, String file) throws IOException {
        if (!files.containsKey(file)) {
            refuse(404, "X-Error-Code", "EntryNotFound").to(exchange);
        } else if (large.contains(file)) {
            refuse(302, "X-Repo-Commit", commit, "X-Linked-Etag", "\"" + etag(file) + "\"", "X-Linked-Size",
                    String.valueOf(Objects.requireNonNull(files.get(file)).length), "Location",
                    "http://127.0.0.1:" + away.getAddress().getPort() + "/large/" + file).to(exchange);
        } else {
            refuse(307, "X-Repo-Commit", commit, "Location", "/api/resolve-cache/models/org/name/"
                    + exchange.getRequestURI().getRawPath().replaceFirst("^/org/name/resolve/[^/]+/", ""))
                    .to(exchange);
        }
    }

    private static void content(HttpExchange exchange, byte[] bytes) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        if (from > 0) {
            exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + (bytes.length - 1) + "/"
                    + bytes.length);
        }
        send(exchange, from > 0 ? 206 : 200, Arrays.copyOfRange(bytes, from, bytes.length));
    }

    private static void send(HttpExchange exchange, int status, byte[] bytes) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(bytes.length));
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** An answer without content. */
    static Answer refuse(int status, String... headers) {
        return exchange -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
            }
            exchange.sendResponseHeaders(status, -1);
        };
    }

    /** The whole content, whatever range was asked for. */
    static Answer whole(byte[] bytes) {
        return exchange -> send(exchange, 200, bytes);
    }

    /** Tells of {@code length} bytes, from what was asked for on, and sends those up to {@code end}. */
    static Answer cut(byte[] bytes, int end) {
        return exchange -> {
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes, 0, end);
            exchange.getResponseBody().flush();
        };
    }

    @Override
    public void close() {
        hub.stop(0);
        away.stop(0);
        threads.shutdownNow();
    }
}
