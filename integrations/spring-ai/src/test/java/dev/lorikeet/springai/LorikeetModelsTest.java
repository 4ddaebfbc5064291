package dev.lorikeet.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.chat.ChatMessage;
import dev.lorikeet.transformer.generation.Generation;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.EmbeddingHead;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Embedder;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Subscription;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.DefaultChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.content.Media;
import org.springframework.ai.document.Document;
import org.springframework.ai.document.MetadataMode;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.function.FunctionToolCallback;
import org.springframework.util.MimeTypeUtils;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SignalType;

/** Each model gives what the library gives, in Spring AI's words, and refuses the rest by name. */
class LorikeetModelsTest {
    private static final List<String> TEXTS = List.of("Maria works", "in Paris", "on Friday");
    private static final Model TALKER = Model.load(Small.TALKER);

    private final Embedder embedder = Embedder.of(Model.load(Small.ENCODER), EmbeddingHead.Pooling.MEAN, true);
    private final LorikeetEmbeddingModel embeddings = LorikeetEmbeddingModel.of(embedder);
    private final LorikeetChatModel chat = LorikeetChatModel.of(TALKER).with(how -> how.withMaxNewTokens(8));

    private static Prompt asked(ChatOptions options) {
        return new Prompt(List.of(new SystemMessage("Be brief."), new UserMessage("Who works?"),
                new AssistantMessage("Maria."), new UserMessage("Where?")), options);
    }

    private static Generation expected(GenerationSettings how) {
        Generator generator = Generator.of(TALKER);
        var prompt = generator.promptWithSpecialTokens(TALKER.chatTemplate().render(List.of(
                ChatMessage.system("Be brief."), ChatMessage.user("Who works?"), ChatMessage.assistant("Maria."),
                ChatMessage.user("Where?")), true));
        return generator.generate(List.of(prompt), how, (_, _, _) -> true).getFirst();
    }

    private static GenerationSettings how() {
        return Generator.of(TALKER).settings().withMaxNewTokens(8);
    }

    @Test
    void embeddingsAreTheLibrarys() {
        EmbeddingResponse response = embeddings.embedForResponse(TEXTS);
        assertThat(response.getResults()).extracting(Embedding::getOutput).containsExactly(embedder.embed(TEXTS));
        assertThat(response.getResults()).extracting(Embedding::getIndex).containsExactly(0, 1, 2);
        assertThat(response.getMetadata().getModel()).isEqualTo(embedder.id());
        assertThat(response.getMetadata().getUsage().getPromptTokens())
                .isEqualTo(TEXTS.stream().mapToInt(embedder::tokens).sum());
        assertThat(embeddings.dimensions()).isEqualTo(16);
    }

    @Test
    void fewerDimensionsAreThere() {
        EmbeddingOptions options = EmbeddingOptions.builder().dimensions(4).model(embedder.id()).build();
        assertThat(embeddings.call(new EmbeddingRequest(TEXTS, options)).getResults())
                .extracting(Embedding::getOutput).containsExactly(embedder.dimensions(4).embed(TEXTS));
        assertThatThrownBy(() -> embeddings.call(new EmbeddingRequest(TEXTS,
                EmbeddingOptions.builder().dimensions(17).build())))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("17 of 16");
        assertThatThrownBy(() -> embeddings.call(new EmbeddingRequest(TEXTS,
                EmbeddingOptions.builder().model("other").build())))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("lorikeet: model other than " + embedder.id() + " is not supported");
    }

    @Test
    void documentsHaveTheMetadataThatIsAskedFor() {
        Document document = Document.builder().text("in Paris").metadata("who", "Maria").build();
        assertThat(embeddings.embed(document)).isEqualTo(embedder.embed("in Paris"));
        assertThat(embeddings.withMetadata(MetadataMode.EMBED).embed(document))
                .isEqualTo(embedder.embed(document.getFormattedContent(MetadataMode.EMBED)))
                .isNotEqualTo(embedder.embed("in Paris"));
        assertThatThrownBy(() -> embeddings.embed(Document.builder().media(image()).build()))
                .isInstanceOf(UnsupportedOperationException.class).hasMessageContaining("image/png");
    }

    @Test
    void answersAreTheLibrarys() {
        ChatResponse response = chat.call(asked(null));
        Generation expected = expected(how());
        assertThat(response.getResult().getOutput().getText()).isEqualTo(expected.text());
        assertThat(response.getResult().getMetadata().getFinishReason()).isEqualTo("length");
        assertThat(response.getMetadata().getModel()).isEqualTo(TALKER.id());
        assertThat(response.getMetadata().getUsage().getPromptTokens()).isEqualTo(expected.prompt().ids().length);
        assertThat(response.getMetadata().getUsage().getCompletionTokens()).isEqualTo(8);
    }

    @Test
    void optionsOfARequestGoBeforeThoseOfTheModel() {
        ChatOptions drawn = ChatOptions.builder().temperature(0.7).topP(0.9).topK(5).maxTokens(6).build();
        GenerationSettings how = how().withMaxNewTokens(6).sampling(0.7, how().seed())
                .with(GenerationSettings.TOP_P, 0.9)
                .with(GenerationSettings.TOP_K, 5);
        assertThat(chat.call(asked(drawn)).getResult().getOutput().getText()).isEqualTo(expected(how).text());
        assertThat(chat.withOptions(drawn).call(asked(ChatOptions.builder().maxTokens(3).build())).getResult()
                .getOutput().getText()).isEqualTo(expected(how.withMaxNewTokens(3)).text());
        assertThat(chat.withOptions(drawn).getOptions().getTopK()).isEqualTo(5);
    }

    @Test
    void anAnswerIsHeldToItsSchema() {
        ChatOptions options = StructuredOutputChatOptions.builder()
                .outputSchema("{\"type\": \"string\", \"enum\": [\"in Rome\", \"in Paris\"]}").build();
        assertThat(chat.with(how -> how.withMaxNewTokens(64)).call(asked(options)).getResult().getOutput().getText())
                .isIn("\"in Rome\"", "\"in Paris\"");
    }

    @Test
    void aStreamHasTheSameTextInPieces() {
        List<ChatResponse> pieces = chat.stream(asked(null)).collectList().block();
        assertThat(pieces).hasSizeGreaterThan(2);
        assertThat(pieces.stream().map(piece -> piece.getResult().getOutput().getText()).collect(Collectors.joining()))
                .isEqualTo(expected(how()).text());
        assertThat(pieces.getLast().getResult().getMetadata().getFinishReason()).isEqualTo("length");
        assertThat(pieces.getLast().getMetadata().getUsage().getCompletionTokens()).isEqualTo(8);
    }

    /** As Spring MVC reads, which asks for one piece after the other, in a thread of its own. */
    @Test
    void piecesComeWhileTheAnswerIsWritten() {
        List<Boolean> writing = Collections.synchronizedList(new ArrayList<>());
        Flux<ChatResponse> pieces = chat.stream(asked(null));
        CompletableFuture<Void> end = new CompletableFuture<>();
        pieces.subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                request(1);
            }

            @Override
            protected void hookOnNext(ChatResponse piece) {
                writing.add(chat.talker().isWriting());
                CompletableFuture.runAsync(() -> request(1)).join();
            }

            @Override
            protected void hookFinally(SignalType type) {
                end.complete(null);
            }
        });
        end.join();
        assertThat(writing).hasSizeGreaterThan(2).last().isEqualTo(false);
        assertThat(writing.subList(0, writing.size() - 1)).containsOnly(true);
    }

    @Test
    void aStreamThatIsCancelledEnds() {
        LorikeetChatModel endless = chat.with(how -> how.withMaxNewTokens(60));
        assertThat(endless.stream(asked(null)).take(2).collectList().block()).hasSize(2);
        assertThat(endless.talker().probe()).as("nobody writes any more").isPresent();
    }

    static List<Object[]> refused() {
        return List.of(
                new Object[] {asked(ChatOptions.builder().frequencyPenalty(0.5).build()), "frequencyPenalty"},
                new Object[] {asked(ChatOptions.builder().presencePenalty(0.5).build()), "presencePenalty"},
                new Object[] {asked(ChatOptions.builder().model("other").build()), "model other than " + TALKER.id()},
                new Object[] {asked(new TheirOptions()), "options of TheirOptions"},
                new Object[] {asked(ToolCallingChatOptions.builder().toolCallbacks(tool()).build()), "a list of tools"},
                new Object[] {of(UserMessage.builder().text("Who?").media(image()).build()), "a message with media"},
                new Object[] {of(ToolResponseMessage.builder().responses(List.of()).build()),
                    "a message of type TOOL"});
    }

    /** Such as another provider's, with fields that nobody here knows. */
    private static final class TheirOptions extends DefaultChatOptions {
        TheirOptions() {
            super(null, null, null, null, null, null, null, null);
        }
    }

    private static Prompt of(Message message) {
        return new Prompt(message);
    }

    private static ToolCallback tool() {
        return FunctionToolCallback.builder("clock", () -> "noon").inputType(Void.class).description("Tells the time.")
                .build();
    }

    private static Media image() {
        return new Media(MimeTypeUtils.IMAGE_PNG, URI.create("file:///a.png"));
    }

    @ParameterizedTest
    @MethodSource
    void refused(Prompt prompt, String what) {
        String message = "lorikeet: " + what + " is not supported";
        assertThatThrownBy(() -> chat.call(prompt)).isInstanceOf(UnsupportedOperationException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> chat.stream(prompt).blockLast()).isInstanceOf(UnsupportedOperationException.class)
                .hasMessage(message);
    }

    /** Which Spring AI leaves out in silence where a model's options have no place for them. */
    @Test
    void toolsOfAChatClientAreRefused() {
        ChatClient client = ChatClient.create(chat);
        assertThat(client.prompt("Where?").call().content()).isEqualTo(chat.call("Where?"));
        assertThatThrownBy(() -> client.prompt("Where?").tools(tool()).call().content())
                .hasMessage("lorikeet: a list of tools is not supported");
    }

    @Test
    void whatDoesNotChatIsRefused() {
        assertThatThrownBy(() -> LorikeetChatModel.of(Model.load(Small.ENCODER))).isInstanceOf(InputException.class)
                .hasMessageContaining("BertModel");
        assertThatThrownBy(() -> chat.withOptions(ChatOptions.builder().presencePenalty(1.0).build()))
                .isInstanceOf(UnsupportedOperationException.class);
    }
}
