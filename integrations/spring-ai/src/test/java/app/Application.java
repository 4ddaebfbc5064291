package app;

import java.util.Map;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;

@SpringBootApplication
@RestController
public class Application {
    private final ObjectProvider<EmbeddingModel> embeddings;
    private final ObjectProvider<ChatModel> chat;

    public Application(ObjectProvider<EmbeddingModel> embeddings, ObjectProvider<ChatModel> chat) {
        this.embeddings = embeddings;
        this.chat = chat;
    }

    public static void main(String[] arguments) {
        SpringApplication.run(Application.class, arguments);
    }

    @PostMapping("/embed")
    public float[] embed(@RequestBody String text) {
        return embeddings.getObject().embed(text);
    }

    @PostMapping("/chat")
    public String chat(@RequestBody String text) {
        return chat.getObject().call(text);
    }

    @PostMapping(path = "/stream", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    public Flux<Map<String, String>> stream(@RequestBody String text) {
        return chat.getObject().stream(text).map(piece -> Map.of("text", piece));
    }
}
