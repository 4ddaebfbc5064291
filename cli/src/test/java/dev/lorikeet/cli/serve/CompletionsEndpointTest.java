package dev.lorikeet.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.transformer.chat.ChatTemplate;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.tokenizer.SpecialTokensMap;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Texts of a Llama of random weights with 25 words and 32 positions, over HTTP. */
class CompletionsEndpointTest {
    private static final ConcurrentLinkedQueue<Throwable> FAULTS = new ConcurrentLinkedQueue<>();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static Generator generator;
    private static ApiServer server;

    @BeforeAll
    static void start() {
        Model model = Model.load(Path.of(System.getProperty("lorikeet.basedir", ""), "fixtures/language_models/llama"));
        generator = Generator.of(model);
        ChatTemplate template = ChatTemplate.of("{% for m in messages %}{{ m.content }} {% endfor %}the",
                Path.of("here"), "template", new SpecialTokensMap(Map.of()));
        server = ApiServer.completions(new ServerSettings(new InetSocketAddress("127.0.0.1", 0), null, 4, 100,
                Duration.ofSeconds(60), 10_000, 1_000_000), new ServedModels("tiny", generator, null),
                template, 20, FAULTS::add);
        server.start();
    }

    @AfterAll
    static void end() {
        server.close();
        CLIENT.close();
    }

    @AfterEach
    void nothingFailed() {
        assertThat(FAULTS).isEmpty();
    }

    private static HttpRequest request(String path, String fields) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.address().getPort() + path))
                .POST(BodyPublishers.ofString("{\"model\": \"tiny\", " + fields + "}")).build();
    }

    private static HttpResponse<String> ask(String path, String fields) throws Exception {
        return CLIENT.send(request(path, fields), BodyHandlers.ofString());
    }

    private static JsonObject json(String body) {
        Path source = Path.of("answer");
        return new JsonObject(source, "", Json.readObject(body, source));
    }

    private static String expected(String prompt, int tokens) {
        return generator.generate(prompt, generator.settings().withMaxNewTokens(tokens)).text();
    }

    @Test
    void aTextIsTheGenerators() throws Exception {
        JsonObject answer = json(ask("/v1/completions", "\"prompt\": [\"a cat\", \"the\"], \"max_tokens\": 6").body());
        assertThat(answer.string("object")).isEqualTo("text_completion");
        assertThat(answer.string("id")).startsWith("cmpl-");
        List<JsonObject> choices = answer.objects("choices");
        assertThat(choices.stream().map(choice -> choice.string("text")).toList())
                .containsExactly(expected("a cat", 6), expected("the", 6));
        assertThat(choices.getLast().integer("index")).isEqualTo(1);
        assertThat(choices.getFirst().string("finish_reason")).isEqualTo("length");
        assertThat(answer.object("usage").integer("completion_tokens")).isEqualTo(12);
    }

    @Test
    void aTalkIsReadByTheTemplate() throws Exception {
        JsonObject answer = json(ask("/v1/chat/completions", """
                "messages": [{"role": "system", "content": "a"},
                {"role": "user", "content": [{"type": "text", "text": "ca"}, {"type": "text", "text": "t"}]}],
                "max_completion_tokens": 5""").body());
        JsonObject choice = answer.objects("choices").getFirst();
        String whole = generator.generate(List.of(generator.promptWithSpecialTokens("a cat the")),
                generator.settings().withMaxNewTokens(5), (_, _, _) -> true).getFirst().text();
        assertThat(choice.object("message").string("content")).isEqualTo(whole);
        assertThat(choice.object("message").string("role")).isEqualTo("assistant");
        assertThat(answer.string("object")).isEqualTo("chat.completion");
    }

    @Test
    void aStreamHasTheSameTextInPieces() throws Exception {
        HttpResponse<String> answer = ask("/v1/completions",
                "\"prompt\": \"a cat\", \"max_tokens\": 9, \"stream\": true, "
                        + "\"stream_options\": {\"include_usage\": true}");
        assertThat(answer.headers().firstValue("content-type")).contains("text/event-stream");
        List<String> events = answer.body().lines().filter(line -> !line.isEmpty())
                .map(line -> line.substring("data: ".length())).toList();
        assertThat(events.getLast()).isEqualTo("[DONE]");
        List<JsonObject> chunks = events.subList(0, events.size() - 1).stream()
                .map(CompletionsEndpointTest::json).toList();
        List<JsonObject> choices = chunks.stream().flatMap(chunk -> chunk.objects("choices").stream()).toList();
        assertThat(choices).hasSizeGreaterThan(5);
        assertThat(String.join("", choices.stream().map(choice -> choice.string("text")).toList()))
                .isEqualTo(expected("a cat", 9));
        assertThat(choices.getLast().string("finish_reason")).isEqualTo("length");
        assertThat(chunks.getLast().object("usage").integer("completion_tokens")).isEqualTo(9);
    }

    @Test
    void manyAtOnceGetWhatTheyGetAlone() {
        List<String> prompts = List.of("a", "the cat", "a dog the", "the");
        List<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, 60)
                .mapToObj(i -> CLIENT.sendAsync(request("/v1/completions", "\"prompt\": \"" + prompts.get(i % 4)
                        + "\", \"max_tokens\": " + (3 + i % 7)), BodyHandlers.ofString()))
                .toList();
        for (int i = 0; i < answers.size(); i++) {
            assertThat(json(answers.get(i).join().body()).objects("choices").getFirst().string("text"))
                    .isEqualTo(expected(prompts.get(i % 4), 3 + i % 7));
        }
    }

    @Test
    void whatAnEarlierTextHadReadIsCounted() throws Exception {
        String fields = "\"prompt\": \"the cat the bird\", \"max_tokens\": 3";
        ask("/v1/completions", fields);
        JsonObject usage = json(ask("/v1/completions", fields).body()).object("usage");
        // all but the last token, by which the first new one is chosen
        assertThat(usage.object("prompt_tokens_details").integer("cached_tokens"))
                .isEqualTo(usage.integer("prompt_tokens") - 1).isPositive();
        assertThat(cached(fields + ", \"cache_prompt\": true")).isPositive();
        assertThat(cached(fields + ", \"cache_prompt\": false")).isZero();
        assertThat(ask("/v1/completions", fields + ", \"cache_prompt\": 1").statusCode()).isEqualTo(400);
    }

    private static int cached(String fields) throws Exception {
        return json(ask("/v1/completions", fields).body()).object("usage").object("prompt_tokens_details")
                .integer("cached_tokens");
    }

    @Test
    void textsOfOnePromptAreDrawnApart() throws Exception {
        String fields = "\"prompt\": \"a\", \"n\": 4, \"temperature\": 2.0, \"seed\": 5, \"max_tokens\": 8";
        String first = ask("/v1/completions", fields).body();
        List<String> texts = json(first).objects("choices").stream().map(choice -> choice.string("text")).toList();
        assertThat(texts).doesNotHaveDuplicates().hasSize(4);
        assertThat(json(first).object("usage").integer("prompt_tokens")).isEqualTo(generator.prompt("a").ids().length);
        assertThat(json(ask("/v1/completions", fields).body()).objects("choices").stream()
                .map(choice -> choice.string("text")).toList()).isEqualTo(texts);
        assertThat(texts.get(2)).isEqualTo(generator.generate("a", generator.settings().withMaxNewTokens(8)
                .with(GenerationSettings.DO_SAMPLE, true).with(GenerationSettings.TEMPERATURE, 2.0)
                .with(GenerationSettings.SEED, 7L)).text());
    }

    @Test
    void whatIsWrongIsRefusedBeforeTheFirstEvent() throws Exception {
        String longest = "a ".repeat(40);
        for (String fields : List.of("\"prompt\": \"" + longest + "\", \"stream\": true", "\"prompt\": [], \"n\": 1",
                "\"prompt\": \"a\", \"n\": 2, \"stream\": true", "\"prompt\": \"a\", \"n\": 0",
                "\"prompt\": \"a\", \"max_tokens\": 21")) {
            HttpResponse<String> answer = ask("/v1/completions", fields);
            assertThat(answer.statusCode()).as(fields).isEqualTo(400);
            assertThat(json(answer.body()).object("error").string("type")).isEqualTo("invalid_request_error");
        }
    }
}
