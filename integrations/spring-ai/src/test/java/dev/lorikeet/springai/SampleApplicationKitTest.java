package dev.lorikeet.springai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.transformer.chat.ChatMessage;
import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.model.EmbeddingHead;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Embedder;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The guide's application is asked over HTTP. */
class SampleApplicationKitTest {
    private static final String ASKED = "What is the capital of France?";
    private static final int TOKENS = 12;
    private static Running application;

    @BeforeAll
    static void start() {
        application = Running.with("spring.ai.lorikeet.embedding.model=" + Small.ENCODER,
                "spring.ai.lorikeet.chat.model=" + Small.TALKER, "spring.ai.lorikeet.chat.max-tokens=" + TOKENS);
    }

    @AfterAll
    static void stop() {
        application.close();
    }

    private static String answer() {
        Model model = Model.load(Small.TALKER);
        Generator generator = Generator.of(model);
        var prompt = generator.promptWithSpecialTokens(model.chatTemplate().render(List.of(ChatMessage.user(ASKED)),
                true));
        return generator.generate(List.of(prompt), generator.settings().withMaxNewTokens(TOKENS), (_, _, _) -> true)
                .getFirst().text();
    }

    @Test
    void anEmbeddingIsTheLibrarys() throws Exception {
        HttpResponse<String> response = application.post("/embed", ASKED);
        assertThat(response.statusCode()).isEqualTo(200);
        List<?> numbers = (List<?>) Json.readObject("{\"a\": " + response.body() + "}", Path.of("answer")).get("a");
        float[] expected = Embedder.of(Model.load(Small.ENCODER), EmbeddingHead.Pooling.MEAN, true).embed(ASKED);
        assertThat(numbers).hasSize(16);
        for (int i = 0; i < expected.length; i++) {
            assertThat(Float.parseFloat(numbers.get(i).toString())).isEqualTo(expected[i]);
        }
    }

    @Test
    void anAnswerIsTheLibrarys() throws Exception {
        HttpResponse<String> response = application.post("/chat", ASKED);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(answer()).isNotBlank();
    }

    @Test
    void aStreamedAnswerComesInPieces() throws Exception {
        HttpResponse<String> response = application.post("/stream", ASKED);
        assertThat(response.headers().firstValue("Content-Type")).hasValueSatisfying(
                type -> assertThat(type).startsWith("text/event-stream"));
        List<String> pieces = response.body().lines().filter(line -> line.startsWith("data:"))
                .map(line -> (String) Json.readObject(line.substring("data:".length()), Path.of("event")).get("text"))
                .toList();
        assertThat(pieces).hasSizeGreaterThan(2);
        assertThat(pieces.stream().collect(Collectors.joining())).isEqualTo(answer());
    }

    @Test
    void healthNamesTheModelsAndWhatComputes() throws Exception {
        Map<String, Object> health = application.get("/actuator/health");
        assertThat(health).containsEntry("status", "UP");
        assertThat(health.toString()).contains("lorikeet={", Small.ENCODER.toString(), Small.TALKER.toString(),
                "dimensions=16", "compute=" + Model.load(Small.TALKER).compute().name());
    }

    @Test
    void observationsAreMeasured() throws Exception {
        application.post("/embed", ASKED);
        application.post("/chat", ASKED);
        application.post("/stream", ASKED);
        assertThat(application.get("/actuator/metrics/gen_ai.client.operation").toString())
                .contains("lorikeet", "embedding", "chat", Small.ENCODER.toString(), Small.TALKER.toString());
        assertThat(application.get("/actuator/metrics/gen_ai.client.token.usage").toString())
                .contains("input", "output", "lorikeet");
    }
}
