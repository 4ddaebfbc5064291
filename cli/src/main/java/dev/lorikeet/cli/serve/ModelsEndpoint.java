package dev.lorikeet.cli.serve;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** {@code GET /v1/models} and {@code GET /v1/models/NAME}. */
final class ModelsEndpoint implements Endpoint {
    static final String PATH = "/v1/models";

    private final Supplier<List<String>> known;
    private final long since;

    /**
     * @param known the names at the moment
     * @param since when the server began, in seconds since 1970
     */
    ModelsEndpoint(Supplier<List<String>> known, long since) {
        this.known = known;
        this.since = since;
    }

    @Override
    public void answer(Exchange exchange) throws IOException {
        String path = exchange.path();
        List<String> names = known.get();
        if (path.equals(PATH)) {
            exchange.answer(200, Map.of("object", "list", "data", names.stream().map(this::model).toList()));
            return;
        }
        String name = path.substring(PATH.length() + 1);
        if (!names.contains(name)) {
            throw Refusal.noModel(name, names);
        }
        exchange.answer(200, model(name));
    }

    private Map<String, Object> model(String name) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("id", name);
        model.put("object", "model");
        model.put("created", since);
        model.put("owned_by", "lorikeet");
        return model;
    }
}
