package dev.lorikeet.cli.mlflow;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A server of one experiment and one run, as far as a run needs it; all it was told can be looked at. */
public final class MlflowStub implements AutoCloseable {
    /** A number of the run. */
    public record Point(int step, double value) {}

    private static final Path SOURCE = Path.of("request");

    private final HttpServer http;
    private final Map<String, String> parameters = new TreeMap<>();
    private final Map<String, String> tags = new TreeMap<>();
    private final Map<String, List<Point>> metrics = new TreeMap<>();
    private final List<String> requests = new ArrayList<>();
    private final List<String> statuses = new ArrayList<>();
    private final List<Integer> batches = new ArrayList<>();
    private final List<String> authorizations = new ArrayList<>();
    private String experiment = "";
    private boolean made;
    private boolean loses;
    private int faults;
    private int fault;

    public MlflowStub() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        http.createContext("/base/api/2.0/mlflow/", this::handle);
        http.start();
    }

    public String address() {
        return "http://127.0.0.1:" + http.getAddress().getPort() + "/base";
    }

    /** Makes the next run without a word of it, as where the answer is lost. */
    synchronized void loseTheMaking() {
        loses = true;
    }

    /** Answers the next requests so. */
    synchronized void fail(int times, int status) {
        faults = times;
        fault = status;
    }

    public synchronized Map<String, String> parameters() {
        return new TreeMap<>(parameters);
    }

    synchronized Map<String, String> tags() {
        return new TreeMap<>(tags);
    }

    /** In the order in which they came. */
    public synchronized List<Point> metric(String key) {
        return List.copyOf(metrics.getOrDefault(key, List.of()));
    }

    public synchronized List<String> metrics() {
        return List.copyOf(metrics.keySet());
    }

    /** The methods' names. */
    public synchronized List<String> requests() {
        return List.copyOf(requests);
    }

    public synchronized List<String> statuses() {
        return List.copyOf(statuses);
    }

    /** How many things each batch had. */
    synchronized List<Integer> batches() {
        return List.copyOf(batches);
    }

    /** What the requests said of who asks. */
    synchronized List<String> authorizations() {
        return List.copyOf(authorizations);
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String method = exchange.getRequestURI().getPath().replaceFirst(".*/mlflow/", "");
            byte[] body = exchange.getRequestBody().readAllBytes();
            authorizations.add(Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")).orElse(""));
            if (faults > 0) {
                faults--;
                answer(exchange, fault, Map.of("error_code", "SOME_ERROR", "message", "No, " + fault + ".\nmore"));
                return;
            }
            requests.add(method);
            JsonObject asked = new JsonObject(SOURCE, "", body.length == 0 ? Map.of() : Json.readObject(body, SOURCE));
            Map<String, ?> answer = answer(method, exchange.getRequestURI().getQuery(), asked);
            if (loses && method.equals("runs/create")) {
                loses = false;
                return;
            }
            answer(exchange, answer.containsKey("error_code") ? 404 : 200, answer);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void answer(HttpExchange exchange, int status, Map<String, ?> answer) throws IOException {
        byte[] bytes = Json.write(answer).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private Map<String, ?> answer(String method, String query, JsonObject asked) {
        return switch (method) {
            case "experiments/get-by-name" -> query.equals("experiment_name=" + experiment)
                    ? Map.of("experiment", Map.of("experiment_id", "7"))
                    : Map.of("error_code", "RESOURCE_DOES_NOT_EXIST", "message", "No such experiment");
            case "experiments/create" -> {
                experiment = asked.string("name");
                yield Map.of("experiment_id", "7");
            }
            case "runs/create" -> {
                requests.add(asked.string("experiment_id") + " " + asked.string("run_name"));
                made = true;
                asked.objects("tags").forEach(tag -> tags.put(tag.string("key"), tag.string("value")));
                yield Map.of("run", run());
            }
            case "runs/search" -> made && asked.string("filter").equals("tags.`lorikeet.run` = '" + tags.get(
                    "lorikeet.run") + "'") ? Map.of("runs", List.of(run())) : Map.of();
            case "runs/get" -> query.equals("run_id=r1") ? Map.of("run", run())
                    : Map.of("error_code", "RESOURCE_DOES_NOT_EXIST", "message", "No such run");
            case "runs/update" -> {
                statuses.add(asked.string("status"));
                yield Map.of();
            }
            case "runs/log-batch" -> {
                log(asked);
                yield Map.of();
            }
            default -> Map.of("error_code", "ENDPOINT_NOT_FOUND", "message", method);
        };
    }

    private Map<String, ?> run() {
        List<Map<String, Object>> last = new ArrayList<>();
        metrics.forEach((key, points) -> last.add(Map.of("key", key, "value", points.getLast().value(), "step",
                points.getLast().step())));
        List<Map<String, Object>> own = new ArrayList<>();
        tags.forEach((key, value) -> own.add(Map.of("key", key, "value", value)));
        return Map.of("info", Map.of("run_id", "r1"), "data", Map.of("metrics", last, "tags", own));
    }

    private void log(JsonObject asked) {
        int things = 0;
        for (Map.Entry<String, Map<String, String>> kind : Map.of("params", parameters, "tags", tags).entrySet()) {
            for (JsonObject pair : asked.has(kind.getKey()) ? asked.objects(kind.getKey()) : List.<JsonObject>of()) {
                kind.getValue().put(pair.string("key"), pair.string("value"));
                things++;
            }
        }
        for (JsonObject metric : asked.has("metrics") ? asked.objects("metrics") : List.<JsonObject>of()) {
            metrics.computeIfAbsent(metric.string("key"), _ -> new ArrayList<>())
                    .add(new Point(metric.integer("step"), metric.anyNumber("value")));
            things++;
        }
        batches.add(things);
    }

    @Override
    public void close() {
        http.stop(0);
    }
}
