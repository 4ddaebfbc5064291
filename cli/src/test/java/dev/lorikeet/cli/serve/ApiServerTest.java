package dev.lorikeet.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who comes in, what is refused, and how the server ends. */
class ApiServerTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final HttpClient client = HttpClient.newHttpClient();
    private final ConcurrentLinkedQueue<Throwable> faults = new ConcurrentLinkedQueue<>();
    private ApiServer server = server(null, LONG);

    private ApiServer server(String key, Duration timeout) {
        ApiServer made = new ApiServer(
                new ServerSettings(new InetSocketAddress("127.0.0.1", 0), key, 2, 1, timeout, 100, 150),
                faults::add);
        made.route("POST", "/v1/echo", exchange -> exchange.answer(200, exchange.json().fields()));
        made.start();
        return made;
    }

    @AfterEach
    void close() {
        server.close();
        client.close();
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.address().getPort() + path);
    }

    private HttpResponse<String> ask(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return ask(HttpRequest.newBuilder(uri(path)).POST(BodyPublishers.ofString(body)));
    }

    @Test
    void anAnswerIsJson() throws Exception {
        HttpResponse<String> answer = post("/v1/echo", "{\"a\": [1, \"é\"]}");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"a\":[1,\"é\"]}\n");
        assertThat(answer.headers().firstValue("content-type")).contains("application/json");
    }

    @Test
    void aRefusalIsInOpenAisForm() throws Exception {
        assertThat(post("/v1/echo", "{\"a\": ").body()).startsWith("{\"error\":{\"message\":\"request: line 1, ")
                .endsWith("\"type\":\"invalid_request_error\",\"param\":null,\"code\":null}}\n");
        for (List<?> refused : List.of(List.of(404, "/v1/nothing", "{}", "there is no /v1/nothing here"),
                List.of(405, "/health", "{}", "/health knows GET, not POST"),
                List.of(413, "/v1/echo", "{\"a\": \"" + "x".repeat(200) + "\"}", "more than 100 bytes"),
                List.of(400, "/v1/echo", "[]", "a JSON object, starting with {, is expected"))) {
            HttpResponse<String> answer = post((String) refused.get(1), (String) refused.get(2));
            assertThat(answer.statusCode()).isEqualTo(refused.getFirst());
            assertThat(answer.body()).contains((String) refused.get(3));
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void whatIsReadTakesNoMoreMemoryThanThereIsForIt() throws Exception {
        String whole = "{\"a\": \"" + "x".repeat(90) + "\"}";
        try (Socket slow = new Socket("127.0.0.1", server.address().getPort())) {
            slow.getOutputStream().write(("POST /v1/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{")
                    .getBytes(StandardCharsets.US_ASCII));
            slow.getOutputStream().flush();
            HttpResponse<String> answer = post("/v1/echo", whole);
            while (answer.statusCode() == 200) { // the slow one has not been looked at yet
                answer = post("/v1/echo", whole);
            }
            assertThat(answer.statusCode()).isEqualTo(429);
            assertThat(post("/v1/echo", "{}").statusCode()).as("there is room for a small one").isEqualTo(200);
        }
        while (post("/v1/echo", whole).statusCode() != 200) {
            Thread.onSpinWait(); // until the server sees that the slow one has gone
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void aFaultIsToldHereAndNotToTheClient() throws Exception {
        server.route("POST", "/v1/broken", exchange -> {
            throw new IllegalStateException("secret");
        });
        HttpResponse<String> answer = post("/v1/broken", "{}");
        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body()).doesNotContain("secret");
        assertThat(faults).singleElement().extracting(Throwable::getMessage).isEqualTo("secret");
    }

    @Test
    void aKeyIsAskedForWhereModelsAre() throws Exception {
        server.close();
        server = server("open sesame", LONG);
        assertThat(post("/v1/echo", "{}").statusCode()).isEqualTo(401);
        for (Map.Entry<String, Integer> given : Map.of("Bearer open sesame", 200, "Bearer open", 401,
                "open sesame", 401).entrySet()) {
            assertThat(ask(HttpRequest.newBuilder(uri("/v1/echo")).header("Authorization", given.getKey())
                    .POST(BodyPublishers.ofString("{}"))).statusCode()).as(given.getKey()).isEqualTo(given.getValue());
        }
        assertThat(ask(HttpRequest.newBuilder(uri("/health"))).statusCode()).isEqualTo(200);
    }

    @Test
    void theEndWaitsForWhatIsUnderWayAndRefusesWhatIsNew() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        server.route("POST", "/v1/slow", exchange -> {
            inside.countDown();
            await(go);
            exchange.answer(200, Map.of("whole", true));
        });
        CompletableFuture<HttpResponse<String>> slow = client.sendAsync(HttpRequest.newBuilder(uri("/v1/slow"))
                .POST(BodyPublishers.ofString("{}")).build(), BodyHandlers.ofString());
        inside.await();
        assertThat(server.drain(Duration.ofMillis(1))).isFalse();
        HttpResponse<String> refused = post("/v1/echo", "{}");
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("retry-after")).contains("1");
        go.countDown();
        assertThat(server.drain(LONG)).isTrue();
        assertThat(slow.get().body()).isEqualTo("{\"whole\":true}\n");
    }

    @Test
    void eventsComeOneByOneAndMayBreakOff() throws Exception {
        server.route("POST", "/v1/events", exchange -> {
            Exchange.Events events = exchange.events();
            events.send(Map.of("n", 1));
            events.done();
        });
        server.route("POST", "/v1/halves", exchange -> {
            exchange.events().send(Map.of("n", 1));
            throw new IllegalStateException("in the midst");
        });
        HttpResponse<String> events = post("/v1/events", "{}");
        assertThat(events.body()).isEqualTo("data: {\"n\":1}\n\ndata: [DONE]\n\n");
        assertThat(events.headers().firstValue("content-type")).contains("text/event-stream");
        assertThatThrownBy(() -> post("/v1/halves", "{}")).isInstanceOf(IOException.class);
        assertThat(faults).hasSize(1);
    }

    @Test
    void metricsCountRequestsByRoute() throws Exception {
        post("/v1/echo", "{}");
        post("/v1/echo", "[]");
        post("/v1/a/b", "{}");
        List<String> counts = List.of("lorikeet_requests_total{route=\"/v1/echo\",status=\"200\"} 1",
                "lorikeet_requests_total{route=\"/v1/echo\",status=\"400\"} 1",
                "lorikeet_requests_total{route=\"other\",status=\"404\"} 1");
        List<String> metrics;
        Instant deadline = Instant.now().plus(LONG);
        do { // a request is counted after the last byte of its answer: its client may be here before
            metrics = ask(HttpRequest.newBuilder(uri("/metrics"))).body().lines().toList();
        } while (!metrics.containsAll(counts) && Instant.now().isBefore(deadline));
        assertThat(metrics).containsAll(counts).contains("lorikeet_requests_running 0");
        String durations = "lorikeet_request_duration_seconds_count ";
        assertThat(metrics).filteredOn(line -> line.startsWith(durations)).singleElement()
                .satisfies(line -> assertThat(Long.parseLong(line.substring(durations.length())))
                        .isGreaterThanOrEqualTo(3));
    }

    @Test
    void aPortThatIsTakenIsRefused() {
        ServerSettings taken = new ServerSettings(server.address(), null, 1, 0, LONG, 1, 1);
        assertThatThrownBy(() -> new ApiServer(taken, faults::add)).isInstanceOf(InputException.class)
                .hasMessageStartingWith("--port: 127.0.0.1 port " + server.address().getPort() + " cannot be had: ");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
