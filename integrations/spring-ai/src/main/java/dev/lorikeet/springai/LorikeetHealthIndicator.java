package dev.lorikeet.springai;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Whether the models compute: each is asked for a little, an embedding of one word, whose elements have to be finite,
 * or the first token of an answer where nobody is answered at the moment. The details name the model and what computes,
 * {@code scalar} where the JVM was started without the Vector API; of a chat model also how many wait for an answer.
 */
public final class LorikeetHealthIndicator extends AbstractHealthIndicator {
    private final List<LorikeetEmbeddingModel> embeddings;
    private final List<LorikeetChatModel> chats;

    /** Of all these models together. */
    public LorikeetHealthIndicator(List<LorikeetEmbeddingModel> embeddings, List<LorikeetChatModel> chats) {
        super("a Lorikeet model does not compute");
        this.embeddings = List.copyOf(embeddings);
        this.chats = List.copyOf(chats);
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        List<Map<String, Object>> all = new ArrayList<>();
        embeddings.forEach(model -> all.add(check(model)));
        chats.forEach(model -> all.add(check(model)));
        builder.up().withDetail("models", all);
    }

    private static Map<String, Object> check(LorikeetEmbeddingModel model) {
        for (float element : model.embedder().embed("health")) {
            if (!Float.isFinite(element)) {
                throw new IllegalStateException("an element of an embedding is " + element);
            }
        }
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("embedding", model.embedder().id());
        details.put("dimensions", model.dimensions());
        details.put("compute", model.embedder().compute().name());
        return details;
    }

    private static Map<String, Object> check(LorikeetChatModel model) {
        boolean idle = model.talker().probe().isPresent();
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("chat", model.talker().model().id());
        details.put("state", idle ? "idle" : "writing");
        details.put("waiting", model.talker().waiting());
        details.put("compute", model.talker().model().compute().name());
        return details;
    }
}
