package dev.lorikeet.cli.serve;

import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.task.Embedder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code POST /v1/embeddings}. */
final class EmbeddingsEndpoint implements Endpoint {
    private static final int MOST_TEXTS = 2048; // as OpenAI's
    private static final int TOGETHER = 32;
    private static final Set<String> FIELDS = Set.of("model", "input", "encoding_format", "dimensions", "user");

    private final String name;
    private final Embedder embedder;
    private final Computing computing;
    private final Gate gate;
    private final Counters counters;

    EmbeddingsEndpoint(String name, Embedder embedder, Computing computing, Gate gate, Counters counters) {
        this.name = name;
        this.embedder = embedder;
        this.computing = computing;
        this.gate = gate;
        this.counters = counters;
    }

    @Override
    public void answer(Exchange exchange) throws IOException {
        JsonObject request = exchange.json();
        request.allowOnly(FIELDS);
        if (!request.string("model").equals(name)) {
            throw Refusal.noModel(request.string("model"), List.of(name));
        }
        List<String> texts = texts(request);
        boolean packed = switch (request.string("encoding_format", "float")) {
            case "float" -> false;
            case "base64" -> true;
            default -> throw request.error("encoding_format", "must be float or base64");
        };
        int dimensions = request.integer("dimensions", embedder.dimensions());
        if (dimensions < 1 || dimensions > embedder.dimensions()) {
            throw request.error("dimensions", "must be from 1 to " + embedder.dimensions());
        }
        Embedder cut = embedder.dimensions(dimensions);
        List<Object> data = new ArrayList<>();
        long tokens = 0;
        try (var _ = gate.enter(exchange.left())) {
            for (int from = 0; from < texts.size(); from += TOGETHER) { // so that there is an end when the time is over
                List<String> some = texts.subList(from, Math.min(texts.size(), from + TOGETHER));
                for (float[] vector : computing.call(() -> cut.embed(some), exchange.left())) {
                    Map<String, Object> one = new LinkedHashMap<>();
                    one.put("object", "embedding");
                    one.put("index", data.size());
                    one.put("embedding", packed ? base64(vector) : numbers(vector));
                    data.add(one);
                }
                tokens += computing.call(() -> some.stream().mapToLong(embedder::tokens).sum(), exchange.left());
            }
        }
        counters.tokens(tokens, 0);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("object", "list");
        answer.put("data", data);
        answer.put("model", name);
        answer.put("usage", Map.of("prompt_tokens", tokens, "total_tokens", tokens));
        exchange.answer(200, answer);
    }

    private static List<String> texts(JsonObject request) {
        Object input = request.fields().get("input");
        List<?> items = input instanceof List<?> list ? list : input == null ? List.of() : List.of(input);
        if (items.isEmpty() || items.size() > MOST_TEXTS || !items.stream().allMatch(String.class::isInstance)) {
            throw request.error("input", "must be a text, or a list of 1 to " + MOST_TEXTS + " texts");
        }
        return items.stream().map(String.class::cast).toList();
    }

    private static List<Float> numbers(float[] vector) {
        List<Float> numbers = new ArrayList<>(vector.length);
        for (float number : vector) {
            numbers.add(number);
        }
        return numbers;
    }

    /** The numbers' bytes, the least significant first, which the official Python client asks for. */
    private static String base64(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return Base64.getEncoder().encodeToString(bytes.array());
    }
}
