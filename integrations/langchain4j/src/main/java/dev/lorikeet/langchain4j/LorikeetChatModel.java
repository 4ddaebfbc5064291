package dev.lorikeet.langchain4j;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.lorikeet.transformer.generation.GenerationListener;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Answers of a language model with a chat template, written in this JVM:
 *
 * <pre>{@code
 * ChatModel model = LorikeetChatModel.of(Model.load(Path.of("smollm2.gguf")));
 * model.chat("What is the capital of France?");
 * }</pre>
 *
 * <p>Texts alone: neither tools nor images. A response format of JSON, with a schema or without, holds each answer to
 * it. Safe to share between threads; one answer is written at a time.
 */
public final class LorikeetChatModel implements ChatModel {
    private final Chat chat;
    private final List<ChatModelListener> listeners;

    private LorikeetChatModel(Chat chat, List<ChatModelListener> listeners) {
        this.chat = chat;
        this.listeners = listeners;
    }

    /** @throws InputException if it is no language model, or has no chat template */
    public static LorikeetChatModel of(Model model) {
        return new LorikeetChatModel(Chat.of(model), List.of());
    }

    /** Of a language model that was fine-tuned, as {@link TaskModel#load} has it. */
    public static LorikeetChatModel of(TaskModel<?, ?, ?> tuned) {
        return new LorikeetChatModel(Chat.of(tuned), List.of());
    }

    /** This, with other settings of how it writes, made of those it has, which are the model's own. */
    public LorikeetChatModel with(UnaryOperator<GenerationSettings> change) {
        return new LorikeetChatModel(chat.with(change.apply(chat.settings())), listeners);
    }

    /** This, with what requests have that do not say otherwise. */
    public LorikeetChatModel withDefaults(ChatRequestParameters parameters) {
        return new LorikeetChatModel(chat.with(parameters), listeners);
    }

    /** This, which tells listeners of each request. */
    public LorikeetChatModel withListeners(List<ChatModelListener> all) {
        return new LorikeetChatModel(chat, List.copyOf(all));
    }

    /** @throws dev.langchain4j.exception.UnsupportedFeatureException if the request asks for what is not there */
    @Override
    public ChatResponse doChat(ChatRequest request) {
        return chat.answer(request, GenerationListener.NONE);
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return chat.parameters();
    }

    @Override
    public List<ChatModelListener> listeners() {
        return listeners;
    }

    @Override
    public Set<Capability> supportedCapabilities() {
        return Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
    }
}
