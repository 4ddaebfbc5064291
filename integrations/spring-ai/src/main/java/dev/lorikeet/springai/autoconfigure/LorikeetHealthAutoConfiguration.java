package dev.lorikeet.springai.autoconfigure;

import dev.lorikeet.springai.LorikeetChatModel;
import dev.lorikeet.springai.LorikeetEmbeddingModel;
import dev.lorikeet.springai.LorikeetHealthIndicator;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** The health of Lorikeet's models, as {@code lorikeet} of the endpoint; {@code management.health.lorikeet.enabled}. */
@AutoConfiguration(after = LorikeetAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
public class LorikeetHealthAutoConfiguration {
    /** Of all models that are beans. */
    @Bean
    @ConditionalOnEnabledHealthIndicator("lorikeet")
    @ConditionalOnMissingBean(name = "lorikeetHealthIndicator")
    public LorikeetHealthIndicator lorikeetHealthIndicator(ObjectProvider<LorikeetEmbeddingModel> embeddings,
            ObjectProvider<LorikeetChatModel> chats) {
        List<LorikeetEmbeddingModel> embedding = embeddings.orderedStream().toList();
        return new LorikeetHealthIndicator(embedding, chats.orderedStream().toList());
    }
}
