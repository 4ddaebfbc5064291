package dev.lorikeet.cli;

import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.serve.ApiServer;
import dev.lorikeet.cli.serve.ServerSettings;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.task.Embedder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorikeet serve}. */
@Command(name = "serve", description = {
    "Answers over HTTP, as OpenAI's interface does: /v1/embeddings, /v1/models; /health and /metrics, as Prometheus "
            + "reads them, beside.",
    "",
    "It listens to this machine alone unless --host says otherwise, and ends, when it is told to (Ctrl-C, SIGTERM), "
            + "after what is under way is answered."},
        footer = {"  lorikeet serve", "  lorikeet serve --run out/mine --port 9000",
            "  lorikeet serve --model models/bge --pooling cls --host 0.0.0.0"})
final class ServeCommand implements Runnable {
    private static final String KEY_VARIABLE = "LORIKEET_API_KEY";

    private final Terminal terminal;

    @Mixin
    private EmbedderOptions model = new EmbedderOptions();

    @Option(names = "--name", paramLabel = "NAME", description = "What clients call the model (default: its own name).")
    @Nullable
    private String name;

    @Option(names = "--host", paramLabel = "HOST", defaultValue = "127.0.0.1",
            description = "Where it listens; 0.0.0.0 is everywhere (default: ${DEFAULT-VALUE}).")
    private String host = "";

    @Option(names = "--port", paramLabel = "PORT", defaultValue = "8080",
            description = "0 takes one that is free (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(names = "--api-key", paramLabel = "KEY",
            description = "What clients must send; the variable " + KEY_VARIABLE + " keeps it out of the list of "
                    + "processes (default: nothing is asked).")
    @Nullable
    private String key;

    @Option(names = "--concurrency", paramLabel = "N", defaultValue = "8",
            description = "How many requests compute at once (default: ${DEFAULT-VALUE}).")
    private int concurrency;

    @Option(names = "--queue", paramLabel = "N", defaultValue = "256",
            description = "How many more wait; the next is told 429 (default: ${DEFAULT-VALUE}).")
    private int queue;

    @Option(names = "--timeout", paramLabel = "SECONDS", defaultValue = "300",
            description = "How long one request may take, and how long the end waits for what is under way "
                    + "(default: ${DEFAULT-VALUE}).")
    private int timeout;

    @Option(names = "--max-request", paramLabel = "BYTES", defaultValue = "4000000",
            description = "The largest request (default: ${DEFAULT-VALUE}).")
    private int largest;

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Mixin
    private CommonOptions common = new CommonOptions();

    ServeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        ServerSettings settings = settings();
        compute.request();
        Embedder embedder = model.embedder(terminal);
        String called = name == null ? embedder.id() : name;
        try (ApiServer server = ApiServer.embeddings(settings, called, embedder, this::failed)) {
            server.start();
            terminal.field("Model", called);
            terminal.field("Listens", "http://" + text(server.address()) + "/v1");
            if (settings.key() == null && !server.address().getAddress().isLoopbackAddress()) {
                terminal.line("Anybody who reaches this machine may ask; --api-key or " + KEY_VARIABLE + " asks for a "
                        + "key.");
            }
            awaitEnd(server, settings.limit());
        }
    }

    private ServerSettings settings() {
        if (port < 0 || port > 65_535) {
            throw new InputException("--port: must be from 0 to 65535, not " + port);
        }
        String asked = key == null ? System.getenv(KEY_VARIABLE) : key;
        if (asked != null && asked.isBlank()) {
            throw new InputException((key == null ? KEY_VARIABLE : "--api-key") + ": must not be empty");
        }
        return new ServerSettings(new InetSocketAddress(host, port), asked, atLeast(1, concurrency, "--concurrency"),
                atLeast(0, queue, "--queue"), Duration.ofSeconds(atLeast(1, timeout, "--timeout")),
                atLeast(1, largest, "--max-request"));
    }

    private static int atLeast(int least, int value, String flag) {
        if (value < least) {
            throw new InputException(flag + ": must be at least " + least + ", not " + value);
        }
        return value;
    }

    private static String text(InetSocketAddress address) {
        InetAddress host = address.getAddress();
        String text = host.getHostAddress();
        return (text.contains(":") ? "[" + text + "]" : text) + ":" + address.getPort();
    }

    private void failed(Throwable fault) {
        fault.printStackTrace(terminal.err());
    }

    /** Until the process is told to end: the hook answers what is under way before the machine stops. */
    private static void awaitEnd(ApiServer server, Duration limit) {
        Thread end = new Thread(() -> server.drain(limit), "drain");
        Runtime.getRuntime().addShutdownHook(end);
        try {
            new CountDownLatch(1).await(); // for ever
        } catch (InterruptedException e) {
            Runtime.getRuntime().removeShutdownHook(end);
            server.drain(limit);
        }
    }
}
