package dev.lorikeet.cli.serve;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request that is not answered, in the form of OpenAI's errors. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;
    private final @Nullable String code;

    private Refusal(int status, String type, @Nullable String code, String message) {
        super(message, null, false, false); // no fault of ours: nobody reads where it was thrown
        this.status = status;
        this.type = type;
        this.code = code;
    }

    /** What the client asks for is wrong. */
    static Refusal wrong(String message) {
        return new Refusal(400, "invalid_request_error", null, message);
    }

    static Refusal noKey() {
        return new Refusal(401, "authentication_error", "invalid_api_key",
                "the header Authorization: Bearer KEY is missing, or has another key");
    }

    static Refusal noModel(String name, Iterable<String> known) {
        return new Refusal(404, "invalid_request_error", "model_not_found",
                "there is no model \"" + name + "\" here, there are " + String.join(", ", known));
    }

    static Refusal noRoute(String path) {
        return new Refusal(404, "invalid_request_error", "unknown_url", "there is no " + path + " here");
    }

    static Refusal noMethod(String method, String path, String known) {
        return new Refusal(405, "invalid_request_error", "method_not_supported",
                path + " knows " + known + ", not " + method);
    }

    static Refusal tooLarge(long most) {
        return new Refusal(413, "invalid_request_error", "request_too_large",
                "the request has more than " + most + " bytes");
    }

    static Refusal busy(int waiting) {
        return new Refusal(429, "rate_limit_error", "server_busy",
                waiting + " requests wait already, try again in a second");
    }

    static Refusal full() {
        return new Refusal(429, "rate_limit_error", "server_busy",
                "requests that are read take all the memory for them, try again in a second");
    }

    static Refusal ending() {
        return new Refusal(503, "server_error", "shutting_down", "the server is ending");
    }

    static Refusal tooLate() {
        return new Refusal(504, "server_error", "timeout", "there was no answer within the time that one may take");
    }

    /** A fault of ours, of which the client is told no more than that. */
    static Refusal failed() {
        return new Refusal(500, "server_error", null, "the server failed; its log says more");
    }

    int status() {
        return status;
    }

    /** Whether the same request may be answered a little later. */
    boolean passes() {
        return status == 429 || status == 503;
    }

    /** The body of the answer. */
    Map<String, Object> body() {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("message", getMessage());
        error.put("type", type);
        error.put("param", null);
        error.put("code", code);
        return Map.of("error", error);
    }
}
