package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.cli.watch.WatchServer;
import dev.lorikeet.cli.watch.Watched;
import dev.lorikeet.transformer.io.InputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run in a browser. */
@Timeout(60)
class WatchTest {
    private final HttpClient client = HttpClient.newHttpClient();

    private static final class Counting implements Watched {
        private volatile int number;

        @Override
        public long version() {
            return number;
        }

        @Override
        public String html() {
            return "<body>" + number + "</body>";
        }
    }

    private HttpResponse<String> ask(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private HttpResponse<String> get(String address) {
        return ask(HttpRequest.newBuilder(URI.create(address)));
    }

    @Test
    void aBrowserHearsOfEachVersionAndOfTheEnd() throws Exception {
        Counting watched = new Counting();
        WatchServer server = new WatchServer(0, "--port", watched);
        Stream<String> events = client.send(HttpRequest.newBuilder(URI.create(server.address() + "events")).build(),
                BodyHandlers.ofLines()).body();
        List<String> heard = events.filter(line -> !line.isEmpty() && !line.equals(":")).peek(line -> {
            if (line.equals("data: 0")) {
                watched.number = 1;
            } else if (line.equals("data: 1")) {
                assertThat(get(server.address()).body()).startsWith("<body>1<script>").endsWith("</script>\n</body>");
                watched.number = 2;
                Thread.ofVirtual().start(server::close);
            }
        }).toList();
        assertThat(heard).containsExactly("data: 0", "data: 1", "data: 2", "event: end", "data:");
    }

    @Test
    void whatIsNotForItIsRefused() throws IOException {
        try (WatchServer server = new WatchServer(0, "--port", new Counting())) {
            String address = server.address();
            assertThat(get(address + "other").statusCode()).isEqualTo(404);
            assertThat(get(address + "favicon.ico").statusCode()).isEqualTo(204);
            assertThat(ask(HttpRequest.newBuilder(URI.create(address)).POST(HttpRequest.BodyPublishers.noBody()))
                    .statusCode()).isEqualTo(405);
            assertThat(firstLine(address, "elsewhere.example")).isEqualTo("HTTP/1.1 403 Forbidden");
            assertThat(firstLine(address, "localhost:80")).isEqualTo("HTTP/1.1 200 OK");
            int port = URI.create(address).getPort();
            assertThatThrownBy(() -> new WatchServer(port, "--port", new Counting())).isInstanceOf(InputException.class)
                    .hasMessageStartingWith("--port: " + port + " cannot be had: ");
            assertThatThrownBy(() -> new WatchServer(-1, "--port", new Counting())).isInstanceOf(InputException.class)
                    .hasMessage("--port: must be from 0 to 65535, not -1");
        }
    }

    @Test
    void aRunThatIsGoneIsTold() {
        Watched gone = new Watched() {
            @Override
            public long version() {
                return 1;
            }

            @Override
            public String html() {
                throw new InputException("out/gone: report.html: there is none");
            }
        };
        try (WatchServer server = new WatchServer(0, "--port", gone)) {
            HttpResponse<String> answer = get(server.address());
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).isEqualTo("out/gone: report.html: there is none\n");
            assertThat(ask(HttpRequest.newBuilder(URI.create(server.address())).HEAD()).statusCode()).isEqualTo(405);
        }
    }

    /** The JDK's client does not let a program say another host. */
    private static String firstLine(String address, String host) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", URI.create(address).getPort())) {
            socket.getOutputStream().write(("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
        }
    }

    /** Looked at when the terminal says something, in the thread that says it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--method lora | Compute | The run begins.",
        "--method adalora --rank 6 --target-rank 3 | Compute | The run begins.",
        "--method lora | frozen linear probe | Baselines: majority class 50.0 %",
        "--method lora | epoch 1 of 3 | after epoch 1",
        "--method adalora --rank 6 --target-rank 3 | epoch 2 of 3 | after epoch 2",
        "--method autolora | epoch 2 of 3 | Under way: step 8 of 12.",
        "--method full | Written to | Under way: step 12 of 12."})
    void aRunIsSeenAsItStands(String flags, String when, String seen, @TempDir Path directory) throws IOException {
        AtomicReference<String> page = new AtomicReference<>("");
        String[] command = TinyTask.in(directory).finetune(directory.resolve("out"), (flags + " --epochs 3 --watch 0")
                .split(" "));
        Outcome outcome = WatchedOutput.run(when, text -> page.set(get(text.lines()
                .filter(line -> line.startsWith("Watch ")).findFirst().orElseThrow().replaceFirst("Watch +", ""))
                .body()), command);
        assertThat(outcome.err()).isEmpty();
        assertThat(page.get()).contains(seen, "<h1>tiny</h1>", "new EventSource").doesNotContain("NaN");
    }

    @Test
    void aFolderWithoutARunIsNotWatched(@TempDir Path directory) {
        assertThat(Outcome.of("watch", directory.toString()).err())
                .isEqualTo("lorikeet: " + directory + ": report.html: there is none: it comes with the first epoch\n");
    }
}
