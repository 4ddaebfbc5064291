package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model of a hub in the command: one JVM, to which the environment says where hub and cache are, runs its verbs. */
class HubVerbsTest {
    private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    @TempDir
    private Path directory;

    @Test
    void aModelThatIsNamedIsFetchedOnceAndItsRunKnowsItAgain() throws IOException, InterruptedException {
        TinyTask task = TinyTask.in(directory);
        List<String> asked = new CopyOnWriteArrayList<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath());
            try (exchange) {
                answer(exchange, task.model());
            }
        });
        server.start();
        String endpoint = "http://127.0.0.1:" + server.getAddress().getPort();
        Outcome outcome;
        try {
            outcome = Fork.with(Map.of("HF_ENDPOINT", endpoint, "HF_HOME", directory.resolve("home").toString()),
                    directory, HubVerbsTest.class, "inspect --offline tiny/bert", "inspect tiny/none",
                    "finetune --model tiny/bert --train train.tsv --test test.tsv --epochs 2 --batch-size 6 --no-probe "
                            + "--out run",
                    "evaluate --run run", "pull tiny/bert@" + COMMIT).end();
        } finally {
            server.stop(0);
        }
        String bytes = outcome.err().replaceAll("(?s).*3 files with ([\\d.]+ kB).*", "$1");
        assertThat(outcome.err().lines().filter(line -> !line.matches("  \\S+  [\\d.]+ (kB|bytes)"))).containsExactly(
                "lorikeet: tiny/bert: is not whole in " + directory.resolve("home/hub")
                        + ", and nothing may be fetched, "
                        + "since --offline or HF_HUB_OFFLINE is set; nor is there a directory tiny/bert here",
                "status 2",
                "lorikeet: tiny/none: " + endpoint + " has no such model; nor is there a directory tiny/none "
                        + "here",
                "status 2", "Fetching tiny/bert from " + endpoint + ": 3 files with " + bytes, "status 0", "status 0",
                "tiny/bert@" + COMMIT + " is in the cache: 3 files with " + bytes, "status 0");
        Path place = directory.resolve("home/hub/models--tiny--bert/snapshots").resolve(COMMIT);
        assertThat(outcome.out()).contains("Model       tiny/bert: ", "Files       " + place,
                "lorikeet inspect tiny/bert@" + COMMIT);
        assertThat(asked).filteredOn(line -> line.startsWith("GET") && line.endsWith("/model.safetensors")).hasSize(1);
        JsonObject adapter = JsonObject.read(directory.resolve("run/adapter/adapter_config.json"));
        assertThat(adapter.string("base_model_name_or_path")).isEqualTo("tiny/bert");
        assertThat(directory.resolve("run/recipe.yaml")).content().contains("model: tiny/bert");
    }

    private static void answer(HttpExchange exchange, Path model) throws IOException {
        String path = exchange.getRequestURI().getPath();
        Path file = model.resolve(path.substring(path.lastIndexOf('/') + 1));
        if (path.startsWith("/api/models/tiny/bert/revision/")) {
            try (Stream<Path> files = Files.list(model)) {
                send(exchange, Json.writeLine(Map.of("sha", COMMIT, "siblings", files.map(each -> Map.of("rfilename",
                        each.getFileName().toString())).toList())).getBytes(StandardCharsets.UTF_8));
            }
        } else if (path.startsWith("/tiny/bert/resolve/" + COMMIT + "/") && Files.exists(file)) {
            exchange.getResponseHeaders().set("ETag", "\"" + new Sha256().add(file).hex() + "\"");
            send(exchange, Files.readAllBytes(file));
        } else {
            exchange.sendResponseHeaders(404, -1);
        }
    }

    private static void send(HttpExchange exchange, byte[] bytes) throws IOException {
        boolean head = exchange.getRequestMethod().equals("HEAD");
        if (head) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(bytes.length));
        }
        exchange.sendResponseHeaders(200, head ? -1 : bytes.length);
        if (!head) {
            exchange.getResponseBody().write(bytes);
        }
    }

    /** Runs command lines, one behind the other. */
    public static void main(String[] lines) {
        for (String line : lines) {
            int status = Main.run(Terminal.system(), line.split(" "));
            System.out.flush();
            System.err.println("status " + status);
        }
    }
}
