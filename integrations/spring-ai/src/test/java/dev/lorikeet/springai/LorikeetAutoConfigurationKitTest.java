package dev.lorikeet.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.model.EmbeddingHead;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Embedder;
import dev.lorikeet.transformer.task.EmbeddingLoss;
import dev.lorikeet.transformer.task.Task;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** What becomes of properties. */
class LorikeetAutoConfigurationKitTest {
    private static final String METADATA = "META-INF/spring-configuration-metadata.json";

    @TempDir
    private Path run;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Plain {}

    private static ConfigurableApplicationContext start(String... properties) {
        return new SpringApplicationBuilder(Plain.class).web(WebApplicationType.NONE)
                .run(Stream.concat(Stream.of("spring.main.banner-mode=off", "logging.level.root=error"),
                        Arrays.stream(properties).map(property -> "spring.ai.lorikeet." + property))
                        .map(property -> "--" + property).toArray(String[]::new));
    }

    private <X, Y, P> void tuned(Path base, Task<X, Y, P> task) {
        TaskModel<X, Y, P> model = TaskModel.of(Model.load(base), task, 1);
        Lora.attach(model, LoraConfig.lora().rank(2).alpha(4).targets("all-linear").build(), 1);
        model.save(run);
    }

    @Test
    void whereNothingIsNamedThereIsNothing() {
        try (var context = start()) {
            assertThat(context.getBeansOfType(EmbeddingModel.class)).isEmpty();
            assertThat(context.getBeansOfType(ChatModel.class)).isEmpty();
            assertThat(context.getBeansOfType(TaskModel.class)).isEmpty();
        }
    }

    @Test
    void aRunOfEmbeddingsEmbeds() {
        tuned(Small.ENCODER, Tasks.embedding(EmbeddingHead.Pooling.MEAN, EmbeddingLoss.cosineSimilarity()));
        try (var context = start("run=" + run, "embedding.prefix=query: ", "embedding.dimensions=8")) {
            assertThat(context.getBean(EmbeddingModel.class).embed("in Paris"))
                    .isEqualTo(Embedder.of(TaskModel.load(run)).prefix("query: ").dimensions(8).embed("in Paris"));
            assertThat(context.getBeansOfType(ChatModel.class)).isEmpty();
        }
    }

    @Test
    void aRunOfALanguageModelChats() {
        tuned(Small.TALKER, Tasks.chat());
        try (var context = start("run=" + run, "base-model=" + Small.TALKER, "chat.max-tokens=5")) {
            String answer = LorikeetChatModel.of(TaskModel.load(run)).with(how -> how.withMaxNewTokens(5))
                    .call("Where?");
            assertThat(context.getBean(ChatModel.class).call("Where?")).isEqualTo(answer);
            assertThat(context.getBean(ChatClient.Builder.class).build().prompt("Where?").call().content())
                    .isEqualTo(answer);
            assertThat(context.getBeansOfType(EmbeddingModel.class)).isEmpty();
        }
    }

    @Test
    void aRunOfClassesPredicts() {
        tuned(Small.ENCODER, Tasks.classification(List.of("animal", "plant")));
        try (var context = start("run=" + run)) {
            TaskModel<?, ?, ?> bean = context.getBean(TaskModel.class);
            assertThat(bean.asClassifier().predict("a fern"))
                    .isEqualTo(TaskModel.load(run).asClassifier().predict("a fern"));
            assertThat(context.getBeansOfType(EmbeddingModel.class)).isEmpty();
            assertThat(context.getBeansOfType(ChatModel.class)).isEmpty();
        }
    }

    @Test
    void whatIsNoRunIsRefused() {
        assertThatThrownBy(() -> start("run=" + run)).rootCause()
                .hasMessageEndingWith("has no task.json, the folder of a run is expected");
    }

    /** At the start, by the property's name, and not at the first request. */
    @Test
    void aPropertyThatIsWrongIsNamed() {
        String encoder = "embedding.model=" + Small.ENCODER;
        String talker = "chat.model=" + Small.TALKER;
        requireRefusal("embedding.dimensions: must be from 1 to ", encoder, "embedding.dimensions=0");
        requireRefusal("embedding.model: is empty, ", "embedding.model=");
        requireRefusal("run: is empty, ", "run=");
        requireRefusal("chat.model: is empty, ", "chat.model=");
        requireRefusal("chat: ", talker, "chat.temperature=-1");
        requireRefusal("chat: ", talker, "chat.top-p=2");
        requireRefusal("chat: ", talker, "chat.max-tokens=0");
        tuned(Small.ENCODER, Tasks.embedding(EmbeddingHead.Pooling.MEAN, EmbeddingLoss.cosineSimilarity()));
        requireRefusal("embedding.pooling: a run has its own", "run=" + run, "embedding.pooling=cls");
    }

    private static void requireRefusal(String message, String... properties) {
        assertThatThrownBy(() -> start(properties)).rootCause().isInstanceOf(InputException.class)
                .hasMessageStartingWith("spring.ai.lorikeet." + message);
    }

    @Test
    void everyPropertyIsDescribed() throws IOException {
        List<URL> files = Collections.list(getClass().getClassLoader().getResources(METADATA));
        List<?> properties = files.stream().filter(file -> file.getProtocol().equals("file"))
                .flatMap(file -> ((List<?>) read(file).get("properties")).stream()).toList();
        assertThat(properties).hasSize(15)
                .allSatisfy(property -> assertThat(((Map<?, ?>) property).get("description")).asString()
                        .as("%s", property).endsWith("."));
    }

    private static Map<String, Object> read(URL file) {
        try (InputStream in = file.openStream()) {
            return Json.readObject(in.readAllBytes(), Path.of(METADATA));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
