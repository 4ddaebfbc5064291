package dev.lorikeet.cli;

import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.serve.ApiServer;
import dev.lorikeet.cli.serve.ServedModels;
import dev.lorikeet.cli.serve.ServerSettings;
import dev.lorikeet.cli.watch.WatchServer;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.EmbeddingHead.Pooling;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.ModelName;
import dev.lorikeet.transformer.task.Embedder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorikeet serve}. */
@Command(name = "serve", description = {
    "Answers over HTTP, as OpenAI's interface does. Of a language model: /v1/chat/completions, where it has a template "
            + "for talks, and /v1/completions, each adapter by its own name; of other models /v1/embeddings. "
            + "/v1/models, /health, and /metrics for Prometheus are always there.",
    "",
    "It listens to this machine alone unless --host says otherwise, and ends, when it is told to (Ctrl-C, SIGTERM), "
            + "after what is under way is answered."},
        footer = {"  lorikeet serve --model smollm2.gguf", "  lorikeet serve --adapter out/cron --adapter out/mine",
            "  lorikeet serve --model models/bge --pooling cls --host 0.0.0.0",
            "  lorikeet serve --run out/embeddings --port 9000"})
final class ServeCommand implements Runnable {
    private static final String KEY_VARIABLE = "LORIKEET_API_KEY";
    /** An eighth of the memory is for requests that are being read. */
    private static final int SHARE = 8;

    private final Terminal terminal;

    @Mixin
    private WriterOptions writer = new WriterOptions();

    @Option(names = "--adapter-folder", paramLabel = "DIR", description = "Clients may load the adapters in this "
            + "folder, and take them away, as with vLLM: /v1/load_lora_adapter, /v1/unload_lora_adapter.")
    @Nullable
    private Path folder;

    @Option(names = "--run", paramLabel = "DIR",
            description = "Instead, the folder that finetune wrote for embeddings.")
    @Nullable
    private Path run;

    @Option(names = "--pooling", paramLabel = "mean|cls|lasttoken", converter = PoolingNames.class,
            description = "Vectors of texts, made so of those of tokens (default of models without a head: what their "
                    + "files say, else mean).")
    @Nullable
    private Pooling pooling;

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

    @Option(names = "--max-tokens", paramLabel = "N", defaultValue = "4096",
            description = "The longest answer that may be asked for, in tokens (default: ${DEFAULT-VALUE}).")
    private int mostTokens;

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
        try (ApiServer server = server(settings)) {
            server.start();
            terminal.field("Models", String.join(", ", server.models()));
            terminal.field("Listens", "http://" + text(server.address()) + "/v1");
            if (settings.key() == null && !server.address().getAddress().isLoopbackAddress()) {
                terminal.line("Anybody who reaches this machine may ask; --api-key or " + KEY_VARIABLE + " asks for a "
                        + "key.");
            }
            awaitEnd(server, settings.timeout());
        }
    }

    private ApiServer server(ServerSettings settings) {
        if (folder != null && !Files.isDirectory(folder)) {
            throw new InputException(folder, "--adapter-folder", "there is no such folder");
        }
        if (run != null) {
            if (writer.given() || pooling != null) {
                throw new InputException("--run: says itself which model, and which pooling");
            }
            return embeddings(settings, EmbedderOptions.ofRun(run));
        }
        if (!writer.given()) {
            throw new InputException("--model: is missing, or an --adapter that names its base, or a --run");
        }
        Model base = writer.base(terminal);
        if (pooling == null && base.hasHead()) {
            return completions(settings, base);
        }
        return embeddings(settings, EmbedderOptions.of(base, writer.single(), pooling, true));
    }

    private ApiServer embeddings(ServerSettings settings, Embedder embedder) {
        return ApiServer.embeddings(settings, called(embedder.id()), embedder, this::failed);
    }

    /** Clients need not know where a model lies. */
    private String called(String id) {
        return name != null ? name : ModelName.isPath(id) ? String.valueOf(Path.of(id).getFileName()) : id;
    }

    private ApiServer completions(ServerSettings settings, Model base) {
        WriterOptions.Writer loaded = writer.with(base, folder != null);
        ServedModels models = new ServedModels(called(base.id()), loaded.generator(), loaded.set());
        ApiServer server = ApiServer.completions(settings, models, base.chatTemplate(),
                atLeast(1, mostTokens, "--max-tokens"), this::failed);
        if (folder != null) {
            server.exchangeAdapters(models, folder, loaded::read);
        }
        return server;
    }

    private ServerSettings settings() {
        WatchServer.requirePort(port, "--port");
        String asked = key == null ? System.getenv(KEY_VARIABLE) : key;
        if (asked != null && asked.isBlank()) {
            throw new InputException((key == null ? KEY_VARIABLE : "--api-key") + ": must not be empty");
        }
        return new ServerSettings(new InetSocketAddress(host, port), asked, atLeast(1, concurrency, "--concurrency"),
                atLeast(0, queue, "--queue"), Duration.ofSeconds(atLeast(1, timeout, "--timeout")),
                atLeast(1, largest, "--max-request"),
                (int) Math.min(Integer.MAX_VALUE, Runtime.getRuntime().maxMemory() / SHARE));
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
    private static void awaitEnd(ApiServer server, Duration timeout) {
        Thread end = new Thread(() -> server.drain(timeout), "drain");
        Runtime.getRuntime().addShutdownHook(end);
        try {
            new CountDownLatch(1).await(); // for ever
        } catch (InterruptedException e) {
            Runtime.getRuntime().removeShutdownHook(end);
            server.drain(timeout);
        }
    }
}
