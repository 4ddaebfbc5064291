package dev.lorikeet.bench.site;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** What is around the content of each page: the menu, the search, the look. */
final class Frame {
    private static final String NAME = "Lorikeet";

    private final Repository repository;
    private final Map<Path, Markdown> chapters = new LinkedHashMap<>();

    Frame(Repository repository) throws IOException {
        this.repository = repository;
        for (Path chapter : repository.chapters()) {
            chapters.put(chapter, new Markdown(repository.text(chapter)));
        }
    }

    static String resource(String name) {
        try (InputStream in = Frame.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    /** A page's address as the page of a file has it; both from the root. */
    static String relative(Repository repository, Path file, String page) {
        Path own = repository.pages().get(file);
        int depth = Objects.requireNonNull(own).getNameCount() - 1;
        return "../".repeat(depth) + page;
    }

    /** The whole page of a file. */
    String page(Path file, ApiPages api) throws IOException {
        String title;
        String body;
        if (repository.isMarkdown(file)) {
            Markdown markdown = new Markdown(repository.text(file));
            title = markdown.title();
            body = markdown.html(repository, file, api);
        } else {
            title = Markdown.slashes(file);
            body = "<h1>" + escaped(title) + "</h1>\n" + (repository.isFolder(file) ? list(file)
                    : "<pre><code>" + escaped(repository.text(file)) + "</code></pre>\n");
        }
        return resource("frame.html").replace("@TITLE@", escaped(title.equals(NAME) ? title : title + " · " + NAME))
                .replace("@ROOT@", relative(repository, file, "")).replace("@MENU@", menu(file))
                .replace("@BODY@", body);
    }

    private String list(Path folder) throws IOException {
        StringBuilder list = new StringBuilder("<ul>\n");
        for (Path entry : repository.entries(folder)) {
            list.append("<li>").append(link(folder, entry, String.valueOf(entry.getFileName()), "")).append("</li>\n");
        }
        return list.append("</ul>\n").toString();
    }

    private String menu(Path file) {
        StringBuilder menu = new StringBuilder("<ul>\n");
        chapters.forEach((chapter, markdown) -> {
            boolean here = chapter.equals(file);
            menu.append("<li>").append(link(file, chapter, markdown.title(), here ? " aria-current=\"page\"" : ""));
            if (here && !markdown.sections().isEmpty()) {
                menu.append("<ul>\n");
                markdown.sections().forEach(section -> menu.append("<li><a href=\"#").append(section.anchor())
                        .append("\">").append(escaped(section.title())).append("</a></li>\n"));
                menu.append("</ul>");
            }
            menu.append("</li>\n");
        });
        return menu.append("<li><a href=\"").append(relative(repository, file, Site.API + "/index.html"))
                .append("\">The API</a></li>\n</ul>\n").toString();
    }

    private String link(Path from, Path to, String text, String attribute) {
        String page = Markdown.slashes(Objects.requireNonNull(repository.pages().get(to)));
        return "<a href=\"" + escaped(relative(repository, from, page)) + "\"" + attribute + ">" + escaped(text)
                + "</a>";
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
