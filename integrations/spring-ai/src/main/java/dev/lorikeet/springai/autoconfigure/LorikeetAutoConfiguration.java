package dev.lorikeet.springai.autoconfigure;

import dev.lorikeet.springai.LorikeetChatModel;
import dev.lorikeet.springai.LorikeetChatOptions;
import dev.lorikeet.springai.LorikeetEmbeddingModel;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Embedder;
import dev.lorikeet.transformer.task.TaskModel;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationConvention;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/**
 * Lorikeet's models as beans, of what {@link LorikeetProperties} name. {@code spring.ai.model.embedding} and {@code
 * spring.ai.model.chat} choose among several providers; ours is {@code lorikeet}.
 */
@AutoConfiguration(beforeName = "org.springframework.ai.model.chat.client.autoconfigure.ChatClientAutoConfiguration")
@EnableConfigurationProperties(LorikeetProperties.class)
public class LorikeetAutoConfiguration {
    private static final String NAME = "lorikeet";

    /** The model of the run, for any task. */
    @Bean
    @ConditionalOnProperty(LorikeetProperties.PREFIX + ".run")
    @ConditionalOnMissingBean(name = "lorikeetRun")
    public TaskModel<?, ?, ?> lorikeetRun(LorikeetProperties properties) {
        if (properties.run() == null) {
            throw new InputException(LorikeetProperties.PREFIX + ".run: is empty, the folder of a run is expected");
        }
        return TaskModel.load(properties.run(), properties.baseModel(), LoadOptions.STANDARD);
    }

    /** Embeddings, of the model that is named, else of the run. */
    @Bean
    @Conditional(RunTask.Embeds.class)
    @ConditionalOnProperty(name = "spring.ai.model.embedding", havingValue = NAME, matchIfMissing = true)
    @ConditionalOnMissingBean
    public LorikeetEmbeddingModel lorikeetEmbeddingModel(LorikeetProperties properties,
            ObjectProvider<TaskModel<?, ?, ?>> run, ObjectProvider<ObservationRegistry> registry,
            ObjectProvider<EmbeddingModelObservationConvention> convention) {
        LorikeetProperties.Embedding wanted = properties.embedding();
        if (wanted.model() == null && wanted.pooling() != null) {
            throw new InputException(LorikeetProperties.PREFIX + ".embedding.pooling: a run has its own");
        }
        Embedder embedder = (wanted.model() == null ? Embedder.of(run.getObject())
                : ofModel(Model.load(named(".embedding.model", wanted.model())), wanted)).prefix(wanted.prefix());
        return LorikeetEmbeddingModel.of(cut(embedder, wanted.dimensions()))
                .withMetadata(wanted.metadataMode())
                .observedBy(registry.getIfUnique(() -> ObservationRegistry.NOOP), convention.getIfAvailable());
    }

    private static LorikeetChatModel within(LorikeetChatModel model, LorikeetProperties.Chat wanted) {
        try {
            return model.withOptions(LorikeetChatOptions.builder().temperature(wanted.temperature())
                    .topP(wanted.topP()).topK(wanted.topK()).maxTokens(wanted.maxTokens()).seed(wanted.seed())
                    .stopSequences(wanted.stopSequences().isEmpty() ? null : wanted.stopSequences()).build());
        } catch (IllegalArgumentException e) {
            throw new InputException(LorikeetProperties.PREFIX + ".chat: " + e.getMessage());
        }
    }

    private static Embedder cut(Embedder embedder, @Nullable Integer dimensions) {
        if (dimensions != null && (dimensions < 1 || dimensions > embedder.dimensions())) {
            throw new InputException(LorikeetProperties.PREFIX + ".embedding.dimensions: must be from 1 to "
                    + embedder.dimensions() + ", not " + dimensions);
        }
        return dimensions == null ? embedder : embedder.dimensions(dimensions);
    }

    /** As where a variable of the environment is not set. */
    private static String named(String property, String model) {
        if (model.isBlank()) {
            throw new InputException(LorikeetProperties.PREFIX + property + ": is empty, a model is expected");
        }
        return model;
    }

    private static Embedder ofModel(Model model, LorikeetProperties.Embedding wanted) {
        return wanted.pooling() == null ? Embedder.of(model, wanted.normalize())
                : Embedder.of(model, wanted.pooling(), wanted.normalize());
    }

    /** Answers, of the model that is named, else of the run. */
    @Bean
    @Conditional(RunTask.Chats.class)
    @ConditionalOnProperty(name = "spring.ai.model.chat", havingValue = NAME, matchIfMissing = true)
    @ConditionalOnMissingBean
    public LorikeetChatModel lorikeetChatModel(LorikeetProperties properties, ObjectProvider<TaskModel<?, ?, ?>> run,
            ObjectProvider<ObservationRegistry> registry, ObjectProvider<ChatModelObservationConvention> convention) {
        LorikeetProperties.Chat wanted = properties.chat();
        LorikeetChatModel model = wanted.model() == null ? LorikeetChatModel.of(run.getObject())
                : LorikeetChatModel.of(Model.load(named(".chat.model", wanted.model())));
        return within(model, wanted)
                .observedBy(registry.getIfUnique(() -> ObservationRegistry.NOOP), convention.getIfAvailable());
    }
}
