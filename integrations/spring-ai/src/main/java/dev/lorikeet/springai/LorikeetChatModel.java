package dev.lorikeet.springai;

import dev.lorikeet.transformer.chat.ChatMessage;
import dev.lorikeet.transformer.generation.GenerationListener;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.model.MessageAggregator;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.chat.observation.ChatModelObservationDocumentation;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.scheduler.Schedulers;

/**
 * Answers of a language model with a chat template, written in this JVM, whole or piece by piece:
 *
 * <pre>{@code
 * ChatModel model = LorikeetChatModel.of(Model.load(Path.of("smollm2.gguf")));
 * model.call("What is the capital of France?");
 * model.stream("Tell me a story").subscribe(System.out::print);
 * }</pre>
 *
 * <p>Texts alone: neither tools nor media. Options are those of {@link ChatOptions} but for the two penalties, a seed,
 * and the schema of {@link org.springframework.ai.model.tool.StructuredOutputChatOptions}, to which an answer is held
 * token by token. Safe to share between threads; one answer is written at a time.
 */
public final class LorikeetChatModel implements ChatModel {
    private static final ChatModelObservationConvention NAMES = new DefaultChatModelObservationConvention();

    private final Talker talker;
    private final GenerationSettings settings;
    private final LorikeetChatOptions options;
    private final ObservationRegistry registry;
    private final @Nullable ChatModelObservationConvention convention;

    private LorikeetChatModel(Talker talker, GenerationSettings settings, LorikeetChatOptions options,
            ObservationRegistry registry, @Nullable ChatModelObservationConvention convention) {
        this.talker = talker;
        this.settings = settings;
        this.options = options;
        this.registry = registry;
        this.convention = convention;
    }

    /** @throws InputException if it is no language model, or has no chat template */
    public static LorikeetChatModel of(Model model) {
        return of(Talker.of(model));
    }

    /** Of a language model that was fine-tuned, as {@link TaskModel#load} has it. */
    public static LorikeetChatModel of(TaskModel<?, ?, ?> tuned) {
        return of(Talker.of(tuned));
    }

    private static LorikeetChatModel of(Talker talker) {
        return new LorikeetChatModel(talker, talker.settings(),
                LorikeetChatOptions.builder().model(talker.model().id()).build(), ObservationRegistry.NOOP, null);
    }

    /** This, with other settings of how it writes, made of those it has, which are the model's own. */
    public LorikeetChatModel with(UnaryOperator<GenerationSettings> change) {
        return new LorikeetChatModel(talker, change.apply(settings), options, registry, convention);
    }

    /**
     * This, with what requests have that do not say otherwise.
     *
     * @throws UnsupportedOperationException if they ask for what is not there, by its name
     * @throws IllegalArgumentException if a number is out of its range
     */
    public LorikeetChatModel withOptions(ChatOptions defaults) {
        LorikeetChatOptions merged = merged(defaults);
        Talk.settings(settings, merged); // now, not at the first request
        return new LorikeetChatModel(talker, settings, merged, registry, convention);
    }

    /**
     * This, each request of which is an observation, {@code gen_ai.client.operation}.
     *
     * @param names null for Spring AI's own
     */
    public LorikeetChatModel observedBy(ObservationRegistry observations,
            @Nullable ChatModelObservationConvention names) {
        return new LorikeetChatModel(talker, settings, options, observations, names);
    }

    /** What requests have that do not say otherwise. */
    @Override
    public LorikeetChatOptions getOptions() {
        return options;
    }

    Talker talker() {
        return talker;
    }

    /** @throws UnsupportedOperationException if the prompt asks for what is not there, by its name */
    @Override
    public ChatResponse call(Prompt prompt) {
        Request request = request(prompt);
        return Objects.requireNonNull(observation(request).observe(() -> {
            ChatResponse response = request.answer(GenerationListener.NONE, true);
            request.context.setResponse(response);
            return response;
        }));
    }

    /**
     * The pieces of an answer, each as soon as it is written, by a thread of {@link Schedulers#boundedElastic}; at last
     * one without text that says why it ends and how many tokens there were. Whoever cancels ends the answer.
     */
    @Override
    public Flux<ChatResponse> stream(Prompt prompt) {
        return Flux.deferContextual(view -> {
            Request request = request(prompt);
            Observation observation = observation(request)
                    .parentObservation(view.getOrDefault(ObservationThreadLocalAccessor.KEY, null)).start();
            Flux<ChatResponse> pieces = Flux.<ChatResponse>create(request::write)
                    // in the reader's thread what it asks for is heard at once, in the writer's when all is written
                    .subscribeOn(Schedulers.boundedElastic(), false)
                    .doOnError(observation::error)
                    .doFinally(_ -> observation.stop())
                    .contextWrite(context -> context.put(ObservationThreadLocalAccessor.KEY, observation));
            return new MessageAggregator().aggregate(pieces, request.context::setResponse);
        });
    }

    private LorikeetChatOptions merged(@Nullable ChatOptions wanted) {
        return options.with(wanted).requireSupported(talker.model().id());
    }

    private Observation observation(Request request) {
        return ChatModelObservationDocumentation.CHAT_MODEL_OPERATION.observation(convention, NAMES,
                () -> request.context, registry);
    }

    private Request request(Prompt prompt) {
        LorikeetChatOptions wanted = merged(prompt.getOptions());
        return new Request(talker, Talk.of(prompt.getInstructions()), Talk.settings(settings, wanted),
                ChatModelObservationContext.builder().prompt(new Prompt(prompt.getInstructions(), wanted))
                        .provider(Refusals.PROVIDER).build());
    }

    /** A prompt that nothing is wrong with. */
    private record Request(Talker talker, List<ChatMessage> talk, GenerationSettings how,
            ChatModelObservationContext context) {

        void write(FluxSink<ChatResponse> reader) {
            try {
                ChatResponse end = answer((_, _, text) -> {
                    if (!text.isEmpty()) {
                        reader.next(piece(text, ChatGenerationMetadata.NULL, new ChatResponseMetadata()));
                    }
                    return !reader.isCancelled();
                }, false);
                reader.next(end);
                reader.complete();
            } catch (RuntimeException e) {
                reader.error(e);
            }
        }

        ChatResponse answer(GenerationListener listener, boolean withText) {
            var written = talker.answer(talk, how, listener);
            return piece(withText ? written.text() : "",
                    ChatGenerationMetadata.builder().finishReason(written.finish().fileName()).build(),
                    ChatResponseMetadata.builder().model(talker.model().id())
                            .usage(new DefaultUsage(written.prompt().ids().length, written.ids().length)).build());
        }

        private static ChatResponse piece(String text, ChatGenerationMetadata why, ChatResponseMetadata what) {
            return new ChatResponse(List.of(new Generation(new AssistantMessage(text), why)), what);
        }
    }
}
