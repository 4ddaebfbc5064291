package dev.lorikeet.springai;

import app.Application;
import dev.lorikeet.transformer.io.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The guide's application, running on a free port. */
record Running(ConfigurableApplicationContext context, HttpClient client) implements AutoCloseable {
    static Running with(String... properties) {
        return new Running(SpringApplication.run(Application.class,
                Stream.concat(Stream.of("server.port=0", "spring.main.banner-mode=off", "logging.level.root=warn",
                        "management.endpoint.health.show-details=always",
                        "management.endpoints.web.exposure.include=*"), Arrays.stream(properties))
                        .map(property -> "--" + property).toArray(String[]::new)),
                HttpClient.newHttpClient());
    }

    HttpResponse<String> post(String path, String text) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(uri(path)).header("Content-Type", "text/plain;charset=UTF-8")
                .POST(HttpRequest.BodyPublishers.ofString(text)));
    }

    Map<String, Object> get(String path) throws IOException, InterruptedException {
        return Json.readObject(send(HttpRequest.newBuilder(uri(path))).body(), Path.of("answer"));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port") + path);
    }

    @Override
    public void close() {
        client.close();
        context.close();
    }
}
