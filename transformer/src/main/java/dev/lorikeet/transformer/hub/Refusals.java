package dev.lorikeet.transformer.hub;

import dev.lorikeet.transformer.io.InputException;
import java.net.http.HttpResponse;

/** What a hub's refusals mean, in words that say what to do. */
record Refusals(HubSettings settings, HubName name) {
    private String reason(HttpResponse<?> response) {
        String host = settings.endpoint().toString();
        String code = response.headers().firstValue("X-Error-Code").orElse("");
        int status = response.statusCode();
        if (code.equals("GatedRepo")) {
            return "is gated: its terms are to be accepted at " + host + "/" + name.repository()
                    + (settings.token() == null ? ", and a token of who did is expected in HF_TOKEN"
                            : " by whom the token is of");
        }
        return switch (status) {
            case 401 -> settings.token() == null
                    ? host + " has no such model, or it is private, which a token in HF_TOKEN would open"
                    : host + " does not accept the token, or has no such model that it opens";
            case 403 -> host + " forbids it" + (settings.token() == null ? ", and a token in HF_TOKEN may open it"
                    : " to the token") + said(response);
            case 404 -> code.equals("RevisionNotFound") ? "there is no revision " + name.revision()
                    : host + " has no such " + (code.equals("EntryNotFound") ? "file" : "model");
            case 416 -> "has fewer bytes than " + host + " said";
            case 429 -> host + " has too many requests" + response.headers().firstValue("Retry-After")
                    .map(after -> ", and asks to come back in " + after + " seconds").orElse(", come back later");
            default -> status >= 500 ? host + " has a fault of its own, " + status + said(response)
                    : host + " refuses with status " + status + said(response);
        };
    }

    private static String said(HttpResponse<?> response) {
        return response.headers().firstValue("X-Error-Message").map(message -> ": " + message).orElse("");
    }

    /** The error of a response. */
    InputException of(HttpResponse<?> response, String path) {
        return error(path, reason(response));
    }

    /** @param path of a file in the repository, or empty */
    InputException error(String path, String rule) {
        return new InputException(name + ": " + (path.isEmpty() ? "" : path + ": ") + rule);
    }
}
