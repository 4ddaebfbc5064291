package dev.lorikeet.langchain4j;

import dev.langchain4j.internal.InternalStreamingChatResponseHandlerUtils;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * As {@link LorikeetChatModel}, piece by piece: the handler hears of each in a thread of its own, and may cancel the
 * answer, which then ends with what there is.
 */
public final class LorikeetStreamingChatModel implements StreamingChatModel {
    private final Chat chat;
    private final List<ChatModelListener> listeners;

    private LorikeetStreamingChatModel(Chat chat, List<ChatModelListener> listeners) {
        this.chat = chat;
        this.listeners = listeners;
    }

    /** @throws InputException if it is no language model, or has no chat template */
    public static LorikeetStreamingChatModel of(Model model) {
        return new LorikeetStreamingChatModel(Chat.of(model), List.of());
    }

    /** Of a language model that was fine-tuned, as {@link TaskModel#load} has it. */
    public static LorikeetStreamingChatModel of(TaskModel<?, ?, ?> tuned) {
        return new LorikeetStreamingChatModel(Chat.of(tuned), List.of());
    }

    /** This, with other settings of how it writes, made of those it has, which are the model's own. */
    public LorikeetStreamingChatModel with(UnaryOperator<GenerationSettings> change) {
        return new LorikeetStreamingChatModel(chat.with(change.apply(chat.settings())), listeners);
    }

    /** This, with what requests have that do not say otherwise. */
    public LorikeetStreamingChatModel withDefaults(ChatRequestParameters parameters) {
        return new LorikeetStreamingChatModel(chat.with(parameters), listeners);
    }

    /** This, which tells listeners of each request. */
    public LorikeetStreamingChatModel withListeners(List<ChatModelListener> all) {
        return new LorikeetStreamingChatModel(chat, List.copyOf(all));
    }

    /** What the request asks for that is not there, the handler hears as an error, too. */
    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
        chat.requireSupported(request);
        Thread.ofVirtual().name("lorikeet-chat").start(() -> {
            Handle handle = new Handle();
            ChatResponse response;
            try {
                response = chat.answer(request, (_, _, text) -> {
                    InternalStreamingChatResponseHandlerUtils.onPartialResponse(handler, text, handle);
                    return !handle.cancelled;
                });
            } catch (RuntimeException | Error e) { // whoever waits for the end hears of it in any case
                InternalStreamingChatResponseHandlerUtils.withLoggingExceptions(() -> handler.onError(e));
                if (e instanceof Error grave) {
                    throw grave;
                }
                return;
            }
            if (!handle.cancelled) {
                InternalStreamingChatResponseHandlerUtils.onCompleteResponse(handler, response);
            }
        });
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

    private static final class Handle implements StreamingHandle {
        private volatile boolean cancelled;

        @Override
        public void cancel() {
            cancelled = true;
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }
    }
}
