package dev.lorikeet.bench.site;

import dev.lorikeet.cli.CommonOptions;
import dev.lorikeet.cli.Main;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes the documentation's pages, by {@code lorikeet bench site}. */
@Command(name = "lorikeet bench site",
        description = "Makes the documentation as HTML: the pages of the repository and, by "
                + "javadoc, those of the API.")
public final class Site implements Runnable {
    /** The folder of the API's pages. */
    static final String API = "api";
    private static final String STYLE = "site.css";

    private final Terminal terminal;

    /** Where the repository is, which the launcher says. */
    private final Path root = Path.of(System.getProperty("lorikeet.root", ""));

    @Option(names = "--out", paramLabel = "DIR", defaultValue = "out/site", description = "Where the pages go, a "
            + "folder that is new or has pages of before (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("");

    @Mixin
    private CommonOptions common = new CommonOptions();

    Site(Terminal terminal) {
        this.terminal = terminal;
    }

    public static void main(String[] arguments) {
        Terminal terminal = Terminal.system();
        System.exit(Main.execute(new CommandLine(new Site(terminal)), terminal, arguments));
    }

    @Override
    public void run() {
        try {
            int pages = write(root.toAbsolutePath().normalize(), out);
            terminal.line(Format.count(pages, "page", "pages") + " and the API's, written to " + out.resolve(
                    "index.html"));
        } catch (IOException e) {
            throw new InputException(out, "write", "cannot be written: " + e);
        }
    }

    /**
     * Writes all pages.
     *
     * @return how many there are besides the API's
     * @throws InputException if the folder has something else, or javadoc finds something wrong
     */
    static int write(Path root, Path out) throws IOException {
        if (Files.exists(out) && !Files.exists(out.resolve(STYLE)) && !isEmpty(out)) {
            throw new InputException(out, "--out", "has something else than a site: a new folder is expected");
        }
        clear(out.resolve(API)); // pages of what is no more would stay, and be linked to
        Files.createDirectories(out);
        Files.writeString(out.resolve(STYLE), Frame.resource(STYLE));
        ApiPages api = ApiPages.write(root, out.resolve(API));
        Repository repository = Repository.read(root);
        Map<Path, Path> pages = new TreeMap<>(repository.pages());
        Frame frame = new Frame(repository);
        for (Map.Entry<Path, Path> page : pages.entrySet()) {
            Path file = out.resolve(page.getValue());
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, frame.page(page.getKey(), api));
        }
        return pages.size();
    }

    private static void clear(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        }
    }
}
