package dev.lorikeet.transformer.hub;

import static dev.lorikeet.transformer.hub.HubServer.cut;
import static dev.lorikeet.transformer.hub.HubServer.refuse;
import static dev.lorikeet.transformer.hub.HubServer.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.hub.HubServer.Answer;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hubs that refuse, cut off and lie. */
class HubFaultsTest {
    private static final String WEIGHTS = "model.safetensors";
    private static final int SIZE = 50_000;

    private final HubServer server = new HubServer();
    private final List<String> waits = new ArrayList<>();
    private byte[] weights = {};

    @TempDir
    private Path cache;

    @BeforeEach
    void model() {
        server.file("config.json", "{}");
        weights = server.large(WEIGHTS, SIZE);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Path pull(@Nullable String token, Patience patience) {
        HubSettings settings = new HubSettings(server.endpoint(), token, cache, false, true);
        return new Hub(settings, patience).pull(HubServer.NAME, new PullListener() {
            @Override
            public void waits(String why) {
                waits.add(why);
            }
        });
    }

    private Path pull() {
        return pull(null, HubTest.SHORT);
    }

    /** Fails unless the error is {@code message}, without the server's address, and nothing wrong is in the cache. */
    private void requireRefusal(String message) throws IOException {
        assertThatThrownBy(this::pull).isInstanceOf(InputException.class).satisfies(fault -> assertThat(fault
                .getMessage().replace(server.endpoint().toString(), "HUB")).isEqualTo("org/name: " + message));
        assertThat(cache.resolve("models--org--name/refs")).doesNotExist();
        try (Stream<Path> all = Files.walk(cache)) {
            assertThat(all).noneMatch(file -> file.endsWith(WEIGHTS) || file.endsWith(server.etag(WEIGHTS)));
        }
    }

    private Path part() {
        return cache.resolve("models--org--name/blobs/" + server.etag(WEIGHTS) + ".lorikeet.incomplete");
    }

    private List<@Nullable String> ranges() {
        return server.asked.stream().filter(HubServer.Asked::away).map(HubServer.Asked::range).toList();
    }

    private void requireWhole(Path place) throws IOException {
        assertThat(place.resolve(WEIGHTS)).hasBinaryContent(weights);
        assertThat(part()).doesNotExist();
    }

    @Test
    void aCutConnectionGoesOnWhereItEnded() throws IOException {
        server.next("GET", "/large/" + WEIGHTS, cut(weights, 20_000));
        requireWhole(pull());
        String behind = ranges().getLast();
        requireSome(behind.substring("bytes=".length(), behind.length() - 1));
        assertThat(ranges()).containsExactly(null, behind);
        assertThat(waits).containsExactly("model.safetensors was cut after " + behind.replaceAll("\\D", "")
                + " bytes, again in 1 s");
    }

    /** Of what was on its way when the connection ended, the JDK's client hands over all or some. */
    private static void requireSome(String bytes) {
        assertThat(Integer.parseInt(bytes)).isBetween(1, 20_000);
    }

    @Test
    void anAttemptThatFailsIsGoneOnWithByTheNext() throws IOException {
        server.next("GET", "/large/" + WEIGHTS, cut(weights, 20_000));
        for (int i = 0; i < 50; i++) { // the JDK's client asks again by itself, too
            server.next("GET", "/large/" + WEIGHTS, exchange -> exchange.close());
        }
        assertThatThrownBy(this::pull).isInstanceOf(InputException.class)
                .hasMessageStartingWith("org/name: model.safetensors: 127.0.0.1 does not answer: ");
        String size = Long.toString(Files.size(part()));
        requireSome(size);
        server.recover();
        server.asked.clear();
        requireWhole(pull());
        assertThat(ranges()).containsExactly("bytes=" + size + "-");
    }

    @Test
    void whatAlwaysEndsTooEarlyIsGivenUpAndKept() throws IOException {
        for (int i = 0; i < 9; i++) {
            server.next("GET", "/large/" + WEIGHTS, cut(weights, 20_000));
        }
        assertThatThrownBy(this::pull).isInstanceOf(InputException.class)
                .hasMessageMatching("org/name: model\\.safetensors: ended after \\d+ of 50000 bytes.*"
                        + "; what is there is kept, and the next attempt goes on behind it");
        requireSome(Long.toString(Files.size(part())));
    }

    @Test
    void whereRangesAreNotKnownAllComesAgain() throws IOException {
        Files.createDirectories(part().getParent());
        Files.write(part(), Arrays.copyOf(weights, 20_000));
        server.next("GET", "/large/" + WEIGHTS, whole(weights));
        requireWhole(pull());
        assertThat(ranges()).containsExactly("bytes=20000-");
    }

    @Test
    void aWrongBeginningOfAnEarlierTimeIsReplaced() throws IOException {
        Files.createDirectories(part().getParent());
        Files.write(part(), new byte[20_000]);
        requireWhole(pull());
        assertThat(ranges()).containsExactly("bytes=20000-", null);
        Files.delete(cache.resolve("models--org--name/blobs/" + server.etag(WEIGHTS)));
        Files.write(part(), new byte[SIZE + 1]);
        requireWhole(pull());
    }

    @Test
    void otherBytesThanTheHashSaysAreNotKept() throws IOException {
        server.next("GET", "/config.json", whole("[]".getBytes(StandardCharsets.UTF_8)));
        requireRefusal("config.json: what came is not what the hub says, whose hash is " + server.etag("config.json"));
        server.next("GET", "/large/" + WEIGHTS, whole(new byte[SIZE]));
        requireRefusal("model.safetensors: what came is not what the hub says, whose hash is " + server.etag(WEIGHTS));
        assertThat(part()).doesNotExist();
        requireWhole(pull());
    }

    @Test
    void liesAboutSizesAreSeen() throws IOException {
        server.next("GET", "/large/" + WEIGHTS, whole(new byte[SIZE + 1]));
        requireRefusal("model.safetensors: has 50001 bytes, and the hub said 50000");
        server.next("GET", "/large/" + WEIGHTS, exchange -> {
            exchange.sendResponseHeaders(200, 0); // in chunks, without a length
            exchange.getResponseBody().write(new byte[SIZE + 1]);
        });
        requireRefusal("model.safetensors: has more than the 50000 bytes that the hub said");
        server.next("HEAD", "/" + WEIGHTS, refuse(200, "ETag", server.etag(WEIGHTS)));
        requireRefusal("model.safetensors: HUB does not say how many bytes it has");
        server.next("HEAD", "/" + WEIGHTS, refuse(200, "ETag", server.etag(WEIGHTS), "X-Linked-Size",
                String.valueOf(Long.MAX_VALUE / 10)));
        assertThatThrownBy(this::pull).hasMessageContaining(": room: 922337203685477580 bytes are to come, and there");
    }

    @Test
    void namesThatLeadOutOfTheCacheAreNotTaken() throws IOException {
        server.next("HEAD", "/" + WEIGHTS, refuse(200, "ETag", "\"../../../x\"", "X-Linked-Size", "1"));
        requireRefusal(
                "model.safetensors: HUB says no hash of it, by which to tell that it has come whole; its ETag is "
                        + "\"\"../../../x\"\"");
        server.commit = "../../x";
        requireRefusal("sha: the hash of a commit is expected, not \"../../x\"");
        server.commit = HubServer.COMMIT;
        server.files.remove(WEIGHTS);
        server.file("model.safetensors.index.json", "{\"weight_map\": {\"x\": \"../../../x\"}}");
        assertThatThrownBy(this::pull).isInstanceOf(InputException.class)
                .hasMessageContaining("a file name beside the index is expected, not \"../../../x\"");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            401 | -                | HUB has no such model, or it is private, which a token in HF_TOKEN would open
            401 | GatedRepo        | is gated: its terms are to be accepted at HUB/org/name, and a token of who did is \
            expected in HF_TOKEN
            403 | -                | HUB forbids it, and a token in HF_TOKEN may open it
            404 | RepoNotFound     | HUB has no such model
            404 | RevisionNotFound | there is no revision main
            418 | -                | HUB refuses with status 418
            """)
    void refusalsSayWhatToDo(int status, String code, String message) throws IOException {
        server.next("GET", "/revision/main", refuse(status, "X-Error-Code", code));
        requireRefusal(message);
        assertThat(server.asked).hasSize(1);
    }

    @Test
    void aTokenThatOpensNothingIsSaidToBeOne() {
        server.next("GET", "/revision/main", refuse(401));
        assertThatThrownBy(() -> pull("secret", HubTest.SHORT)).isInstanceOf(InputException.class)
                .hasMessageEndingWith(" does not accept the token, or has no such model that it opens");
        server.next("GET", "/revision/main", refuse(403, "X-Error-Message", "not in this country"));
        assertThatThrownBy(() -> pull("secret", HubTest.SHORT))
                .hasMessageEndingWith(" forbids it to the token: not in this country");
        server.next("HEAD", "/config.json", refuse(403, "X-Error-Code", "GatedRepo"));
        assertThatThrownBy(() -> pull("secret", HubTest.SHORT)).hasMessageStartingWith("org/name: config.json: is "
                + "gated: its terms are").hasMessageEndingWith("/org/name by whom the token is of");
    }

    @Test
    void aBusyHubIsWaitedForAsLongAsItSays() throws IOException {
        server.next("GET", "/revision/main", refuse(429, "Retry-After", "0"));
        server.next("HEAD", "/config.json", refuse(503));
        requireWhole(pull());
        assertThat(waits).containsExactly("127.0.0.1 has too many requests, again in 1 s",
                "127.0.0.1 has a fault, 503, again in 1 s");
        for (int i = 0; i < HubTest.SHORT.attempts(); i++) {
            server.next("GET", "/revision/main", refuse(500));
        }
        assertThatThrownBy(this::pull).hasMessageEndingWith(" has a fault of its own, 500");
    }

    @Test
    void aBusyHubThatAsksForTooMuchIsNotWaitedFor() throws IOException {
        server.next("GET", "/revision/main", refuse(429, "Retry-After", "300"));
        requireRefusal("HUB has too many requests, and asks to come back in 300 seconds");
    }

    @Test
    void redirectsEndAndLeadNowhereElse() throws IOException {
        for (int i = 0; i < 20; i++) {
            server.next("GET", "/revision/main", refuse(302, "Location", "/api/models/org/name/revision/main"));
        }
        requireRefusal("is redirected more than 10 times");
        assertThat(server.asked).hasSize(11);
    }

    @Test
    void whatIsNoAddressIsNotFollowed() throws IOException {
        server.next("GET", "/revision/main", refuse(302, "Location", "file:///etc/passwd"));
        requireRefusal("is redirected to \"file:///etc/passwd\", which is no address that is as safe");
        server.next("GET", "/revision/main", refuse(302, "Location", "a b"));
        requireRefusal("is redirected to \"a b\", which is no address");
    }

    @Test
    void silenceIsGivenUp() {
        CountDownLatch done = new CountDownLatch(1);
        Answer silent = exchange -> {
            exchange.sendResponseHeaders(200, SIZE);
            exchange.getResponseBody().write(weights, 0, 100);
            exchange.getResponseBody().flush();
            try {
                done.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        server.next("GET", "/large/" + WEIGHTS, silent);
        server.next("GET", "/large/" + WEIGHTS, silent);
        Patience hasty = new Patience(Duration.ofMillis(1), Duration.ofSeconds(20), Duration.ofMillis(200),
                Duration.ZERO, 1);
        assertThatThrownBy(() -> pull(null, hasty)).isInstanceOf(InputException.class)
                .hasMessageMatching(
                        "org/name: model.safetensors: ended after 1?0?0 of 50000 bytes: nothing came for .*");
        done.countDown();
    }

    @Test
    void aHubThatIsNotThereIsSaidToBe() {
        server.close();
        URI gone = server.endpoint();
        assertThatThrownBy(this::pull).isInstanceOf(InputException.class)
                .hasMessage("org/name: " + gone + " cannot be reached");
    }
}
