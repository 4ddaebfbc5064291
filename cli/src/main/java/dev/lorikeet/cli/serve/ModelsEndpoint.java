package dev.lorikeet.cli.serve;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code GET /v1/models} and {@code GET /v1/models/NAME}. */
final class ModelsEndpoint implements Endpoint {
    static final String PATH = "/v1/models";

    private final List<String> names;
    private final long since;

    /** @param since when the server began, in seconds since 1970 */
    ModelsEndpoint(List<String> names, long since) {
        this.names = names;
        this.since = since;
    }

    @Override
    public void answer(Exchange exchange) throws IOException {
        String path = exchange.path();
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
