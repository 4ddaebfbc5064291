package dev.lorikeet.cli.mlflow;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class MlflowClientTest {
    private static final int MEGABYTE = 1 << 20;

    /** Whatever stands at the address: memory is for the run. */
    @Test
    @Timeout(60)
    void anAnswerWithoutAnEndIsNotTaken() throws IOException {
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        http.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                for (int i = 0; i < 64; i++) {
                    out.write(new byte[MEGABYTE]);
                }
            }
        });
        http.start();
        URI address = URI.create("http://127.0.0.1:" + http.getAddress().getPort());
        try (MlflowClient client = new MlflowClient(MlflowServer.of(address, Map.of()))) {
            assertThatThrownBy(() -> client.get("experiments/get-by-name", "experiment_name", "Default"))
                    .isInstanceOf(IOException.class).hasMessageStartingWith("does not answer (");
        } finally {
            http.stop(0);
        }
    }
}
