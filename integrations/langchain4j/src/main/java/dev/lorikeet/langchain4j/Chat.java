package dev.lorikeet.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import dev.lorikeet.transformer.chat.ChatTemplate;
import dev.lorikeet.transformer.constraint.TextForm;
import dev.lorikeet.transformer.generation.Generation;
import dev.lorikeet.transformer.generation.GenerationListener;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.generation.Prompt;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A language model that answers talks: what {@link LorikeetChatModel} and {@link LorikeetStreamingChatModel} have in
 * common. One answer is written at a time, since each takes all cores.
 */
final class Chat {
    private final String name;
    private final ChatTemplate template;
    private final Generator generator;
    private final GenerationSettings settings;
    private final ChatRequestParameters parameters;
    private final ReentrantLock writing;

    private Chat(String name, ChatTemplate template, Generator generator, GenerationSettings settings,
            ChatRequestParameters parameters, ReentrantLock writing) {
        this.name = name;
        this.template = template;
        this.generator = generator;
        this.settings = settings;
        this.parameters = parameters;
        this.writing = writing;
        requireSupported(parameters);
    }

    static Chat of(Model model) {
        return of(model, Generator.of(model));
    }

    static Chat of(TaskModel<?, ?, ?> tuned) {
        return of(tuned.model(), Generator.of(tuned));
    }

    private static Chat of(Model model, Generator generator) {
        ChatTemplate template = model.chatTemplate();
        if (template == null) {
            throw new InputException("chat: the model " + model.id() + " has no chat template");
        }
        return new Chat(model.id(), template, generator,
                generator.settings().withMaxNewTokens(model.backbone().maxTokens()),
                DefaultChatRequestParameters.EMPTY, new ReentrantLock());
    }

    Chat with(GenerationSettings other) {
        return new Chat(name, template, generator, other, parameters, writing);
    }

    Chat with(ChatRequestParameters other) {
        return new Chat(name, template, generator, settings, other, writing);
    }

    GenerationSettings settings() {
        return settings;
    }

    ChatRequestParameters parameters() {
        return parameters;
    }

    /** @throws UnsupportedFeatureException if the request asks for what is not there */
    ChatResponse answer(ChatRequest request, GenerationListener listener) {
        requireSupported(request.parameters());
        String talk = template.render(request.messages().stream().map(Chat::message).toList(), true);
        Prompt prompt = generator.promptWithSpecialTokens(talk);
        GenerationSettings how = settings(request.parameters()).with(GenerationSettings.NUM_RETURN_SEQUENCES, 1);
        writing.lock();
        try {
            return response(generator.generate(List.of(prompt), how, listener).getFirst());
        } finally {
            writing.unlock();
        }
    }

    private ChatResponse response(Generation generation) {
        return ChatResponse.builder()
                .aiMessage(AiMessage.from(generation.text()))
                .metadata(ChatResponseMetadata.builder()
                        .modelName(name)
                        .tokenUsage(new TokenUsage(generation.prompt().ids().length, generation.ids().length))
                        .finishReason(switch (generation.finish()) {
                            case STOP -> FinishReason.STOP;
                            case LENGTH -> FinishReason.LENGTH;
                            case CANCELLED -> FinishReason.OTHER;
                        })
                        .build())
                .build();
    }

    private GenerationSettings settings(ChatRequestParameters wanted) {
        GenerationSettings how = settings;
        if (wanted.temperature() != null) {
            how = wanted.temperature() == 0 ? how.with(GenerationSettings.DO_SAMPLE, false)
                    : how.sampling(wanted.temperature(), how.seed());
        }
        if (wanted.topP() != null) {
            how = how.with(GenerationSettings.TOP_P, wanted.topP());
        }
        if (wanted.topK() != null) {
            how = how.with(GenerationSettings.TOP_K, wanted.topK());
        }
        if (wanted.maxOutputTokens() != null) {
            how = how.withMaxNewTokens(wanted.maxOutputTokens());
        }
        if (!wanted.stopSequences().isEmpty()) {
            how = how.withStopStrings(wanted.stopSequences().toArray(String[]::new));
        }
        TextForm form = form(wanted.responseFormat());
        return form == null ? how : how.within(form);
    }

    private static @Nullable TextForm form(@Nullable ResponseFormat format) {
        if (format == null || format.type() != ResponseFormatType.JSON) {
            return null;
        }
        JsonSchema schema = format.jsonSchema();
        return schema == null ? TextForm.jsonObject()
                : TextForm.jsonSchema(new JsonObject(Path.of("request"),
                        schema.name(), JsonSchemaElementUtils.toMap(schema.rootElement())));
    }

    static dev.lorikeet.transformer.chat.ChatMessage message(ChatMessage message) {
        return switch (message) {
            case SystemMessage system -> dev.lorikeet.transformer.chat.ChatMessage.system(system.text());
            case UserMessage user -> dev.lorikeet.transformer.chat.ChatMessage.user(text(user));
            case AiMessage ai when !ai.hasToolExecutionRequests() && ai.text() != null ->
                dev.lorikeet.transformer.chat.ChatMessage.assistant(ai.text());
            default -> throw unsupported("message of type " + message.type());
        };
    }

    private static String text(UserMessage message) {
        StringBuilder text = new StringBuilder();
        for (Content content : message.contents()) {
            if (!(content instanceof TextContent part)) {
                throw unsupported("content of type " + String.valueOf(content.type()).toLowerCase(Locale.ROOT));
            }
            text.append(text.isEmpty() ? "" : "\n").append(part.text());
        }
        return text.toString();
    }

    /** @throws UnsupportedFeatureException if the request asks for what is not there */
    void requireSupported(ChatRequest request) {
        requireSupported(request.parameters());
        request.messages().forEach(Chat::message);
    }

    private void requireSupported(ChatRequestParameters wanted) {
        require(wanted.modelName() == null || wanted.modelName().equals(name), "modelName other than " + name);
        require(wanted.frequencyPenalty() == null, "frequencyPenalty");
        require(wanted.presencePenalty() == null, "presencePenalty");
        require(wanted.toolChoice() != ToolChoice.REQUIRED, "ToolChoice.REQUIRED");
        require(wanted.toolSpecifications() == null || wanted.toolSpecifications().isEmpty(), "a list of tools");
    }

    private static void require(boolean supported, String feature) {
        if (!supported) {
            throw unsupported(feature);
        }
    }

    private static UnsupportedFeatureException unsupported(String feature) {
        return new UnsupportedFeatureException("lorikeet: " + feature + " is not supported");
    }
}
