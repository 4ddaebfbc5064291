package dev.lorikeet.bench.site;

import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.stream.Stream;

/** The files that have a page: those of the documentation, and whatever they link. All paths start from the root. */
final class Repository {
    private static final String MARKDOWN = ".md";
    private static final String FIRST = "README.md";
    /** After the first one in this order, then the rest of {@code docs}, then what is for those who work on it. */
    private static final List<String> USE = List.of("docs/guide.md", "docs/tour.md");
    private static final List<String> WORK = List.of("CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md");

    private final Path root;
    private final List<Path> chapters;
    /** Each with its page. */
    private final Map<Path, Path> pages = new LinkedHashMap<>();

    private Repository(Path root, List<Path> chapters) {
        this.root = root;
        this.chapters = List.copyOf(chapters);
    }

    /** @throws InputException if a link leads to nothing */
    static Repository read(Path root) throws IOException {
        List<Path> chapters = new ArrayList<>();
        chapters.add(Path.of(FIRST));
        USE.forEach(name -> chapters.add(Path.of(name)));
        try (Stream<Path> docs = Files.list(root.resolve("docs"))) {
            docs.map(root::relativize).filter(file -> file.toString().endsWith(MARKDOWN) && !chapters.contains(file))
                    .sorted().forEach(chapters::add);
        }
        WORK.forEach(name -> chapters.add(Path.of(name)));
        Repository repository = new Repository(root, chapters);
        repository.follow();
        return repository;
    }

    private void follow() throws IOException {
        Queue<Path> open = new ArrayDeque<>(chapters);
        while (!open.isEmpty()) {
            Path file = open.remove();
            if (pages.putIfAbsent(file, page(file)) == null) {
                open.addAll(Files.isDirectory(root.resolve(file)) ? entries(file)
                        : isMarkdown(file) ? Markdown.linked(this, file) : List.of());
            }
        }
    }

    private Path page(Path file) {
        if (Files.isDirectory(root.resolve(file))) {
            return file.resolve("index.html");
        }
        String name = file.getFileName().toString();
        return file.resolveSibling(name.equals(FIRST) ? "index.html"
                : isMarkdown(file) ? name.replaceFirst("\\.md$", ".html") : name + ".html");
    }

    boolean isMarkdown(Path file) {
        return file.toString().endsWith(MARKDOWN);
    }

    boolean isFolder(Path file) {
        return Files.isDirectory(root.resolve(file));
    }

    /** The files of a folder. */
    List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(root.resolve(folder))) {
            return entries.filter(Files::isRegularFile).map(root::relativize).sorted().toList();
        }
    }

    String text(Path file) throws IOException {
        return Files.readString(root.resolve(file));
    }

    /** The pages of the menu, in its order. */
    List<Path> chapters() {
        return chapters;
    }

    /** The page of each file, both from the root. */
    Map<Path, Path> pages() {
        return Collections.unmodifiableMap(pages);
    }

    /**
     * The file that a link leads to.
     *
     * @throws InputException if there is none
     */
    Path target(Path from, String link) {
        Path file = from.resolveSibling(link).normalize();
        if (file.startsWith("..") || !Files.exists(root.resolve(file))) {
            throw new InputException(from, link, "leads to nothing");
        }
        return file;
    }
}
