package dev.lorikeet.langchain4j;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.TokenCountEstimator;
import dev.lorikeet.transformer.chat.ChatTemplate;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import java.util.List;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** How many tokens a model reads: exactly, by its tokenizer and its chat template. */
public final class LorikeetTokenCountEstimator implements TokenCountEstimator {
    private final Tokenizer tokenizer;
    private final @Nullable ChatTemplate template;

    private LorikeetTokenCountEstimator(Tokenizer tokenizer, @Nullable ChatTemplate template) {
        this.tokenizer = tokenizer;
        this.template = template;
    }

    /** @throws InputException if the model has no tokenizer */
    public static LorikeetTokenCountEstimator of(Model model) {
        return new LorikeetTokenCountEstimator(model.tokenizer(), model.chatTemplate());
    }

    /** Of the text itself, without special tokens. */
    @Override
    public int estimateTokenCountInText(String text) {
        return tokenizer.withoutSpecialTokens().encode(text, Integer.MAX_VALUE).ids().length;
    }

    @Override
    public int estimateTokenCountInMessage(ChatMessage message) {
        return estimateTokenCountInMessages(List.of(message));
    }

    /** Of the talk as the template writes it, before an answer; where there is no template, of all texts. */
    @Override
    public int estimateTokenCountInMessages(Iterable<ChatMessage> messages) {
        List<dev.lorikeet.transformer.chat.ChatMessage> talk = StreamSupport.stream(messages.spliterator(), false)
                .map(Chat::message).toList();
        return template == null
                ? talk.stream().mapToInt(message -> estimateTokenCountInText(Objects.requireNonNull(message.content())))
                        .sum()
                : estimateTokenCountInText(template.render(talk, false));
    }
}
