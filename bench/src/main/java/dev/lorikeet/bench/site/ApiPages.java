package dev.lorikeet.bench.site;

import dev.lorikeet.transformer.io.InputException;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The API's pages, by javadoc, and where a name of Java is on them. */
final class ApiPages {
    /** The library, from the bottom up. */
    private static final List<String> MODULES = List.of("tensor", "autograd", "transformer", "lora");
    private static final String PREFIX = "dev.lorikeet.";
    private static final String STYLE = "api.css";
    /** A type, a member of it, and what is in brackets behind that. */
    private static final Pattern NAME = Pattern.compile("([A-Z]\\w*(?:\\.[A-Z]\\w*)*)(?:\\.(\\w+))?(\\(.*\\))?",
            Pattern.DOTALL);
    private static final Pattern ANCHOR = Pattern.compile(" id=\"(\\w+)((?:\\([^\"]*\\))?)\"");

    private final Path folder;
    /** The pages of types by their names, none where several have one. */
    private final Map<String, Optional<Path>> types = new HashMap<>();

    private ApiPages(Path folder) throws IOException {
        this.folder = folder;
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.matches("[A-Z].*\\.html")) {
                    types.merge(name.replaceFirst("\\.html$", ""), Optional.of(folder.relativize(file)),
                            (_, _) -> Optional.empty());
                }
            }
        }
    }

    /** @throws InputException if javadoc finds something wrong */
    static ApiPages write(Path root, Path folder) throws IOException {
        Path place = Files.createTempDirectory("lorikeet"); // javadoc keeps the file's name
        Path style = place.resolve(STYLE);
        try {
            Files.writeString(style, Frame.resource(STYLE));
            javadoc(arguments(root, folder, style));
            // which its own style asks for with --no-fonts, too
            Path fonts = Files.createDirectories(folder.resolve("resource-files/fonts"));
            Files.writeString(fonts.resolve("dejavu.css"), "");
        } finally {
            Files.deleteIfExists(style);
            Files.delete(place);
        }
        return new ApiPages(folder);
    }

    private static List<String> arguments(Path root, Path folder, Path style) {
        String libraries = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.matches(".*[/\\\\](jackson-|jspecify)[^/\\\\]*\\.jar"))
                .collect(Collectors.joining(File.pathSeparator));
        List<String> arguments = new ArrayList<>(List.of("-quiet", "-d", folder.toString(), "--module-path", libraries,
                "--module", MODULES.stream().map(PREFIX::concat).collect(Collectors.joining(",")), "--add-modules",
                "jdk.incubator.vector", "-Xdoclint:all,-missing", "--no-fonts", "-notimestamp", "-encoding", "UTF-8",
                "--add-stylesheet", style.toString(), "-windowtitle", "Lorikeet's API", "-header",
                "<a href=\"{@docRoot}/../index.html\">Lorikeet</a>"));
        for (String module : MODULES) {
            arguments.addAll(List.of("--module-source-path", PREFIX + module + "=" + root.resolve(module).resolve(
                    "src/main/java")));
        }
        return arguments;
    }

    private static void javadoc(List<String> arguments) {
        StringWriter said = new StringWriter();
        PrintWriter to = new PrintWriter(said);
        int status = ToolProvider.findFirst("javadoc").orElseThrow().run(to, to, arguments.toArray(String[]::new));
        List<String> wrong = said.toString().lines().filter(line -> !line.contains("incubating module")
                && !line.matches("\\d+ warnings?")).toList();
        if (status != 0 || !wrong.isEmpty()) {
            throw new InputException("javadoc: " + (wrong.isEmpty() ? said : String.join("\n", wrong)));
        }
    }

    /** Where a piece of code is documented, from the site's folder: a type, or the first member of its name. */
    Optional<String> of(String code) throws IOException {
        Matcher name = NAME.matcher(code);
        Optional<Path> page = name.matches() ? types.getOrDefault(name.group(1), Optional.empty()) : Optional.empty();
        if (page.isEmpty()) {
            return Optional.empty();
        }
        String address = Site.API + "/" + page.get().toString().replace(File.separatorChar, '/');
        return Optional.of(name.group(2) == null ? address
                : anchor(page.get(), name.group(2)).map(id -> address + "#" + id).orElse(address));
    }

    private Optional<String> anchor(Path page, String member) throws IOException {
        Matcher anchors = ANCHOR.matcher(Files.readString(folder.resolve(page)));
        while (anchors.find()) {
            if (anchors.group(1).equals(member)) {
                return Optional.of(anchors.group(1) + anchors.group(2));
            }
        }
        return Optional.empty();
    }
}
