package dev.lorikeet.cli.serve;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lorikeet.lora.LoraWeights;
import dev.lorikeet.transformer.chat.ChatTemplate;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.task.Embedder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A server of OpenAI's interface, on the JDK's own HTTP server: a virtual thread for each request, of which a
 * {@link Gate} lets some compute and some wait.
 *
 * <p>{@code GET /health} says whether it takes requests, {@code GET /metrics} what happened, to anybody; what begins
 * with {@code /v1} asks for the key where there is one.
 */
public final class ApiServer implements AutoCloseable {
    private static final int BACKLOG = 1024;

    private final ServerSettings settings;
    private final Gate gate;
    private final Counters counters = new Counters();
    private final Computing computing;
    private final Map<String, Route> routes = new LinkedHashMap<>();
    private final Consumer<Throwable> faults;
    private final HttpServer http;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    /** A party for each request that is under way, and one for the server. */
    private final Phaser running = new Phaser(1);
    /** For requests that are read, in bytes. */
    private final Semaphore memory;
    private volatile boolean ending;
    private Supplier<List<String>> names = List::of;
    private Runnable onClose = () -> {
    };

    private record Route(String method, Endpoint endpoint) {}

    /** One that knows no model; see {@link #embeddings}. */
    ApiServer(ServerSettings settings, Consumer<Throwable> faults) {
        this.settings = settings;
        this.gate = new Gate(settings.places(), settings.queue());
        this.computing = new Computing(settings.places());
        this.memory = new Semaphore(Math.max(settings.body(), settings.memory()));
        this.faults = faults;
        InetSocketAddress address = settings.address();
        if (address.isUnresolved()) {
            throw new InputException("--host: there is no host " + address.getHostString());
        }
        try {
            http = HttpServer.create(address, BACKLOG);
        } catch (IOException e) {
            throw new InputException("--port: " + address.getHostString() + " port " + address.getPort()
                    + " cannot be had: " + e.getMessage());
        }
        http.setExecutor(threads);
        http.createContext("/", this::handle);
        route("GET", "/health", exchange -> exchange.answer(200, Map.of("status", "ok")));
        route("GET", "/metrics", exchange -> exchange.answer(200, "text/plain; version=0.0.4; charset=utf-8",
                counters.text(gate)));
    }

    /**
     * One that gives vectors of texts. It listens, but answers nothing before {@link #start}.
     *
     * @param name of the model, by which clients ask for it
     * @param faults is told what failed here
     * @throws InputException if the address cannot be had
     */
    public static ApiServer embeddings(ServerSettings settings, String name, Embedder embedder,
            Consumer<Throwable> faults) {
        ApiServer server = new ApiServer(settings, faults);
        server.models(() -> List.of(name));
        server.route("POST", "/v1/embeddings", new EmbeddingsEndpoint(name, embedder, server.computing, server.gate,
                server.counters));
        return server;
    }

    /**
     * One that goes on from texts, and answers talks.
     *
     * @param template of talks, null where the model has none
     * @param mostTokens the most tokens of a text that anybody may ask for
     * @param faults is told what failed here
     * @throws InputException if the address cannot be had
     */
    public static ApiServer completions(ServerSettings settings, ServedModels models, @Nullable ChatTemplate template,
            int mostTokens, Consumer<Throwable> faults) {
        ApiServer server = new ApiServer(settings, faults);
        Scheduler scheduler = new Scheduler(models, settings.places(), faults);
        server.onClose = scheduler::close;
        server.models(models::names);
        server.route("POST", "/v1/completions",
                new TextEndpoint(models, scheduler, server.computing, mostTokens, server.gate, server.counters));
        if (template != null) {
            server.route("POST", "/v1/chat/completions",
                    new ChatEndpoint(models, scheduler, server.computing, mostTokens, template, server.gate,
                            server.counters));
        }
        return server;
    }

    /**
     * Lets clients load the adapters of a folder, and take them away.
     *
     * @param reader reads the adapter that is in a folder
     */
    public void exchangeAdapters(ServedModels models, Path folder, Function<Path, LoraWeights> reader) {
        AdaptersEndpoint adapters = new AdaptersEndpoint(models, folder, reader);
        route("POST", "/v1/load_lora_adapter", adapters::load);
        route("POST", "/v1/unload_lora_adapter", adapters::unload);
    }

    /** The names that clients may ask for. */
    public List<String> models() {
        return names.get();
    }

    private void models(Supplier<List<String>> known) {
        names = known;
        ModelsEndpoint models = new ModelsEndpoint(known, Instant.now().getEpochSecond());
        route("GET", ModelsEndpoint.PATH, models);
        route("GET", ModelsEndpoint.PATH + "/", models);
    }

    /** Adds a route; one that ends in a slash has all paths that begin with it. */
    void route(String method, String path, Endpoint endpoint) {
        routes.put(path, new Route(method, endpoint));
    }

    /** Begins to answer. */
    public void start() {
        http.start();
    }

    /** Where it listens; the port is the one that it got where 0 was asked for. */
    public InetSocketAddress address() {
        return http.getAddress();
    }

    private void handle(HttpExchange request) throws IOException {
        long begin = System.nanoTime();
        Exchange exchange = new Exchange(request, settings.body(), settings.timeout(), memory);
        String path = exchange.path();
        String route = known(path);
        running.register();
        try {
            answer(request, exchange, path, route);
        } finally {
            counters.request(route == null ? "other" : route, exchange.status(), System.nanoTime() - begin);
            exchange.release();
            running.arriveAndDeregister();
        }
    }

    private void answer(HttpExchange request, Exchange exchange, String path, @Nullable String route)
            throws IOException {
        try {
            if (ending) {
                throw Refusal.ending();
            }
            if (path.startsWith("/v1/") && !authorized(request)) {
                throw Refusal.noKey();
            }
            Route found = route == null ? null : routes.get(route);
            if (found == null) {
                throw Refusal.noRoute(path);
            }
            if (!found.method().equals(request.getRequestMethod())) {
                throw Refusal.noMethod(request.getRequestMethod(), path, found.method());
            }
            found.endpoint().answer(exchange);
        } catch (Refusal e) {
            refuse(exchange, e);
        } catch (InputException e) {
            refuse(exchange, Refusal.wrong(e.getMessage()));
        } catch (RuntimeException | Error e) {
            faults.accept(e);
            refuse(exchange, Refusal.failed());
        }
    }

    /**
     * An answer that has begun cannot be taken back: the connection breaks in its midst, so that the client does not
     * take it for whole.
     */
    private static void refuse(Exchange exchange, Refusal refusal) throws IOException {
        if (exchange.status() != 0) {
            throw new IOException("an answer broke off", refusal);
        }
        if (refusal.passes()) {
            exchange.header("Retry-After", "1");
        }
        exchange.answer(refusal.status(), refusal.body());
    }

    private @Nullable String known(String path) {
        return routes.containsKey(path) ? path
                : routes.keySet().stream().filter(route -> route.endsWith("/") && path.startsWith(route)).findFirst()
                        .orElse(null);
    }

    /** In a time that does not tell how much of a wrong key is right. */
    private boolean authorized(HttpExchange request) {
        String key = settings.key();
        String given = request.getRequestHeaders().getFirst("Authorization");
        return key == null || given != null && MessageDigest.isEqual(bytes("Bearer " + key), bytes(given));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Refuses what is new and waits for what is under way.
     *
     * @return whether all of that has ended within {@code timeout}
     */
    public boolean drain(Duration timeout) {
        ending = true;
        int phase = running.arrive();
        try {
            running.awaitAdvanceInterruptibly(phase, timeout.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Ends at once. */
    @Override
    public void close() {
        ending = true;
        http.stop(0);
        threads.shutdownNow();
        computing.close();
        onClose.run();
    }
}
