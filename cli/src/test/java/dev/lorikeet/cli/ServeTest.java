package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.EmbeddingHead.Pooling;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Embedder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code lorikeet serve} as a process. */
class ServeTest {
    private static final int SIGTERM = 128 + 15;

    @TempDir
    private static Path directory;

    @Test
    void vectorsAreThoseOfEmbedAndSigtermEndsIt() throws Exception {
        TinyTask task = TinyTask.in(directory);
        Fork fork = Fork.small(directory, Main.class, "serve", "--model", task.model().toString(), "--name", "tiny",
                "--port", "0");
        String listens = fork.await("Listens");
        URI uri = URI.create(listens.substring(listens.indexOf("http")) + "/embeddings");
        List<String> texts = List.of("a cat sleeps", "the oak");
        JsonObject answer;
        try (HttpClient client = HttpClient.newHttpClient()) {
            answer = new JsonObject(Path.of("answer"), "", Json.readObject(client.send(HttpRequest.newBuilder(uri)
                    .POST(BodyPublishers.ofString(Json.write(Map.of("model", "tiny", "input", texts,
                            "encoding_format", "base64"))))
                    .build(), BodyHandlers.ofString()).body(),
                    Path.of("answer")));
        }
        fork.terminate();
        assertThat(fork.end().status()).isEqualTo(SIGTERM);
        float[][] expected = Embedder.of(Model.load(task.model()), Pooling.MEAN, true).embed(texts);
        List<JsonObject> data = answer.objects("data");
        assertThat(data).hasSize(2);
        for (int i = 0; i < 2; i++) {
            float[] got = new float[expected[i].length];
            ByteBuffer.wrap(Base64.getDecoder().decode(data.get(i).string("embedding"))).order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer().get(got);
            assertThat(got).isEqualTo(expected[i]);
        }
        assertThat(answer.object("usage").integer("prompt_tokens")).isEqualTo(5 + 4);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --port 70000              | --port: must be from 0 to 65535, not 70000
            --concurrency 0           | --concurrency: must be at least 1, not 0
            --host no.such.host.local | --host: there is no host no.such.host.local
            """)
    void wrongSettingsAreRefused(String arguments, String message) throws Exception {
        TinyTask task = TinyTask.in(directory);
        Outcome.of(("serve --model " + task.model() + " " + arguments).split(" ")).requireRefusal(message);
    }
}
