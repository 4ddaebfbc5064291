package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real server, PyPI's mlflow, by the command that the environment variable {@value #VARIABLE} names; {@code .ci/run}
 * installs it.
 */
@Tag("slow")
@Timeout(300)
class MlflowServerTest {
    private static final String VARIABLE = "LORIKEET_MLFLOW";

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void aRunIsStoppedAndGoesOnAsOneRun(@TempDir Path directory) throws Exception {
        Process server = null;
        try {
            int port = freePort();
            server = start(directory, port);
            String address = "http://127.0.0.1:" + port;
            await(address, server);
            Map<String, String> environment = Map.of("MLFLOW_TRACKING_URI", address, "MLFLOW_EXPERIMENT_NAME",
                    "of one's own");
            Path out = directory.resolve("out");
            TinyTask task = TinyTask.in(directory);
            Fork fork = Fork.with(environment, directory, Main.class, task.finetune(out, "--epochs", "30"));
            fork.await("epoch 3 of");
            fork.terminate();
            fork.end();
            assertThat(run(address).object("info").string("status")).isEqualTo("KILLED");
            Outcome rest = Fork.with(environment, directory, Main.class, "finetune", "--resume", "--out",
                    out.toString()).end();
            assertThat(rest.err()).doesNotContain("MLflow");
            requireWhole(address, out);
        } finally {
            if (server != null) {
                server.descendants().forEach(ProcessHandle::destroyForcibly);
                server.destroyForcibly().waitFor();
            }
        }
    }

    private void requireWhole(String address, Path out) throws IOException, InterruptedException {
        JsonObject run = run(address);
        assertThat(run.object("info").string("status")).isEqualTo("FINISHED");
        assertThat(run.object("info").string("run_name")).isEqualTo("tiny");
        assertThat(run.object("data").objects("params")).extracting(each -> each.string("key") + "=" + each.string(
                "value")).contains("training.epochs=30", "method.name=rslora");
        List<Double> losses = JsonObject.lines(out.resolve("metrics.jsonl")).stream()
                .filter(line -> line.string("type").equals("step")).map(line -> line.number("loss")).toList();
        JsonObject history = get(address + "/api/2.0/mlflow/metrics/get-history?metric_key=train%2Floss&run_id="
                + run.object("info").string("run_id"));
        assertThat(history.objects("metrics").stream().collect(Collectors.toMap(each -> each.integer("step"),
                each -> each.number("value"))).values()).containsExactlyElementsOf(losses);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    private static Process start(Path directory, int port) throws IOException {
        String command = System.getenv(VARIABLE);
        if (command == null || !Files.isExecutable(Path.of(command))) {
            String why = "NOT TESTED: a real MLflow server, since " + VARIABLE + " names no command"
                    + (command == null ? "" : ": " + command);
            System.out.println("[WARNING] " + why);
            Assumptions.abort(why);
        }
        return new ProcessBuilder(command, "server", "--host", "127.0.0.1", "--port", Integer.toString(port),
                "--workers", "1", "--backend-store-uri", "sqlite:///" + directory.resolve("mlflow.db"),
                "--default-artifact-root", directory.resolve("artifacts").toString())
                .directory(directory.toFile()).redirectErrorStream(true)
                .redirectOutput(directory.resolve("server.log").toFile()).start();
    }

    private void await(String address, Process server) throws InterruptedException, IOException {
        while (true) {
            try {
                client.send(HttpRequest.newBuilder(URI.create(address + "/health")).build(), BodyHandlers.discarding());
                return;
            } catch (IOException e) {
                assertThat(server.isAlive()).as("the server, which is not reached: %s", e).isTrue();
                Thread.sleep(200);
            }
        }
    }

    /** The one run of the experiment. */
    private JsonObject run(String address) throws IOException, InterruptedException {
        String experiment = get(address + "/api/2.0/mlflow/experiments/get-by-name?experiment_name=of%20one%27s%20own")
                .object("experiment").string("experiment_id");
        HttpResponse<String> found = client.send(HttpRequest.newBuilder(URI.create(address
                + "/api/2.0/mlflow/runs/search")).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(Json.write(Map.of("experiment_ids", List.of(experiment))))).build(),
                BodyHandlers.ofString());
        List<JsonObject> runs = json(found.body()).objects("runs");
        assertThat(runs).hasSize(1);
        return runs.getFirst();
    }

    private JsonObject get(String address) throws IOException, InterruptedException {
        return json(client.send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofString()).body());
    }

    private static JsonObject json(String text) {
        return new JsonObject(Path.of("mlflow"), "", Json.readObject(text, Path.of("mlflow")));
    }
}
