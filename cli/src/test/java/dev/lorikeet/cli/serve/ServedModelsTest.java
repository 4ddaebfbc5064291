package dev.lorikeet.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.lora.AdapterSet;
import dev.lorikeet.lora.Initialization;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraWeights;
import dev.lorikeet.lora.ModuleSelection;
import dev.lorikeet.transformer.generation.Generation;
import dev.lorikeet.transformer.generation.GenerationListener;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.generation.Prompt;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters that come and go while texts are written. */
class ServedModelsTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final TaskModel<?, ?, ?> model = TaskModel.of(Model.load(Path.of(System.getProperty("lorikeet.basedir", ""),
            "fixtures/language_models/llama")));
    private final LoraWeights first = weights(1);
    private final LoraWeights second = weights(2);
    private final AdapterSet set = AdapterSet.on(model.peftRoot());
    private final Generator generator = Generator.of(model);
    private final GenerationSettings how = generator.settings().withMaxNewTokens(20)
            .with(GenerationSettings.EOS_TOKEN_ID, List.of());

    private LoraWeights weights(long seed) {
        LoraAdapter adapter = Lora.attach(model, LoraConfig.lora().rank(4).alpha(8)
                .targets(new ModuleSelection.AllLinear()).initialization(Initialization.NONE).build(), seed);
        LoraWeights weights = adapter.weights();
        adapter.detach();
        return weights;
    }

    @Test
    void aTextEndsWithTheAdapterThatItBeganWith() {
        set.add("a", first);
        ServedModels models = new ServedModels("tiny", generator, set);
        assertThat(models.names()).containsExactly("tiny", "a");
        Prompt prompt = Prompt.of(5, 9, 12);
        String base = alone(models.generator(), prompt.with(AdapterSet.BASE));
        String before = alone(models.generator(), prompt.with("a"));
        try (Scheduler scheduler = new Scheduler(models, 2, fault -> {
            throw new AssertionError(fault);
        })) {
            Scheduler.Text old = scheduler.write("a", prompt, how);
            String begun = old.take(LONG).text();
            models.load("a", second);
            String whole = begun + rest(old);
            String after = rest(scheduler.write("a", prompt, how));
            assertThat(whole).isEqualTo(before);
            assertThat(after).isEqualTo(alone(models.generator(), prompt.with("a@1"))).isNotEqualTo(before);
            assertThat(rest(scheduler.write("tiny", prompt, how))).isEqualTo(base).isNotIn(before, after);
            assertThat(set.names()).as("nobody can name the first one any more").containsExactly("a@1");
            models.unload("a");
            assertThatThrownBy(() -> scheduler.write("a", prompt, how).take(LONG)).isInstanceOf(Refusal.class)
                    .hasMessage("there is no model \"a\" here, there are tiny");
        }
    }

    private String alone(Generator of, Prompt prompt) {
        Generation text = of.generate(List.of(prompt), how, GenerationListener.NONE).getFirst();
        return text.text();
    }

    private static String rest(Scheduler.Text text) {
        StringBuilder rest = new StringBuilder();
        Scheduler.Piece piece;
        do {
            piece = text.take(LONG);
            rest.append(piece.text());
        } while (piece.whole() == null);
        return rest.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "../secret", "/", "link", "none", "file", ""})
    void whatIsOutsideOfTheFolderIsNotRead(String path, @TempDir Path directory) throws Exception {
        Path folder = Files.createDirectories(directory.resolve("adapters"));
        Files.createDirectories(directory.resolve("secret"));
        Files.createSymbolicLink(folder.resolve("link"), directory.resolve("secret"));
        Files.writeString(folder.resolve("file"), "");
        ServedModels models = new ServedModels("tiny", generator, set);
        ServerSettings settings = new ServerSettings(new InetSocketAddress("127.0.0.1", 0), null, 1, 1, LONG, 1000,
                1000);
        try (ApiServer server = ApiServer.completions(settings, models, null, 9, fault -> {
        }); HttpClient client = HttpClient.newHttpClient()) {
            server.exchangeAdapters(models, folder, read -> {
                throw new AssertionError("read " + read);
            });
            server.start();
            HttpResponse<String> answer = client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:"
                    + server.address().getPort() + "/v1/load_lora_adapter")).POST(BodyPublishers.ofString(
                            Json.write(Map.of("lora_name", "a", "lora_path", path))))
                    .build(), BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
            assertThat(answer.body()).contains("request: lora_path: ");
        }
    }

    @Test
    void theModelsOwnNameIsNoAdapters() {
        ServedModels models = new ServedModels("tiny", generator, set);
        assertThatThrownBy(() -> models.load("tiny", first)).isInstanceOf(InputException.class)
                .hasMessage("adapter: cannot be called \"tiny\", as the model is");
        assertThatThrownBy(() -> models.unload("tiny")).isInstanceOf(InputException.class);
        assertThatThrownBy(() -> models.unload("b")).isInstanceOf(Refusal.class);
    }
}
