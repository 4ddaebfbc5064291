package dev.lorikeet.cli;

import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.watch.WatchServer;
import dev.lorikeet.cli.watch.Watched;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lorikeet watch}. */
@Command(name = "watch", description = "Shows a run on a page for a browser on this machine, and again after each "
        + "epoch while it is under way; finetune --watch shows every step. Ctrl-C ends it.",
        footer = {
            "  lorikeet watch out/supersense", "  lorikeet watch out/mine --port 8081"})
final class WatchCommand implements Runnable {
    private final Terminal terminal;

    @Parameters(paramLabel = "DIR", description = "The run's folder.")
    private Path run = Path.of("");

    @Option(names = "--port", paramLabel = "PORT", description = "Where the page is (default: any that is free).",
            defaultValue = "0")
    private int port;

    @Mixin
    private CommonOptions common = new CommonOptions();

    WatchCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        Folder watched = new Folder(run);
        watched.html(); // which says what is wrong
        try (WatchServer server = new WatchServer(port, "--port", watched)) {
            terminal.field("Watch", server.address());
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The report in a run's folder, or in that of one which is to replace it. */
    private record Folder(Path run) implements Watched {
        private Path report() {
            return Stream.of(run.resolveSibling(run.getFileName() + ".new"), run)
                    .map(folder -> folder.resolve("report.html")).filter(Files::exists).findFirst()
                    .orElseThrow(() -> new InputException(run, "report.html",
                            "there is none: it comes with the first epoch"));
        }

        @Override
        public long version() {
            try {
                return Files.getLastModifiedTime(report()).toMillis();
            } catch (IOException | InputException e) {
                return 0; // it is being replaced
            }
        }

        @Override
        public String html() {
            try {
                return Files.readString(report());
            } catch (IOException e) {
                throw new InputException(run, "report.html", "cannot be read: " + e);
            }
        }
    }
}
