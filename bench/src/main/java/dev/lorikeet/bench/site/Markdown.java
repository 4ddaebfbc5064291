package dev.lorikeet.bench.site;

import dev.lorikeet.transformer.io.InputException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.Heading;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;
import org.commonmark.renderer.text.TextContentRenderer;

/** A file of Markdown, as GitHub reads it. */
final class Markdown {
    private static final Parser PARSER = Parser.builder().extensions(List.of(TablesExtension.create())).build();

    private final Node document;
    private final Map<Node, String> anchors = new HashMap<>();
    private final List<Section> sections = new ArrayList<>();

    /** A heading of the second level. */
    record Section(String anchor, String title) {}

    Markdown(String text) {
        document = PARSER.parse(text);
        Map<String, Integer> seen = new HashMap<>();
        document.accept(new AbstractVisitor() {
            @Override
            public void visit(Heading heading) {
                String title = plain(heading);
                String anchor = anchor(title);
                int times = seen.merge(anchor, 1, Integer::sum);
                anchors.put(heading, times == 1 ? anchor : anchor + "-" + (times - 1));
                if (heading.getLevel() == 2) {
                    sections.add(new Section(anchors.get(heading), title));
                }
            }
        });
    }

    private static String plain(Node node) {
        return TextContentRenderer.builder().build().render(node).replace("\"", "").strip();
    }

    /** What GitHub calls a heading: without what is neither a letter nor a number, with hyphens for spaces. */
    private static String anchor(String title) {
        return title.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
    }

    /** The first heading. */
    String title() {
        Node first = document.getFirstChild();
        return first instanceof Heading heading ? plain(heading) : "";
    }

    List<Section> sections() {
        return sections;
    }

    /** The files that a file links. */
    static List<Path> linked(Repository repository, Path file) throws IOException {
        List<Path> linked = new ArrayList<>();
        new Markdown(repository.text(file)).eachLink(link -> {
            if (isOwn(link)) {
                linked.add(repository.target(file, path(link)));
            }
        });
        return linked;
    }

    private interface LinkVisitor {
        void visit(Link link) throws IOException;
    }

    private void eachLink(LinkVisitor visitor) throws IOException {
        List<Link> links = new ArrayList<>();
        document.accept(new AbstractVisitor() {
            @Override
            public void visit(Link link) {
                links.add(link);
                super.visit(link);
            }
        });
        for (Link link : links) {
            visitor.visit(link);
        }
    }

    /** Whether a link leads to another file of ours. */
    private static boolean isOwn(Link link) {
        return !link.getDestination().matches("[a-z]+:.*|#.*");
    }

    private static String path(Link link) {
        return link.getDestination().replaceFirst("#.*", "");
    }

    /**
     * The page's markup, every link to its target's page, and code that names something of the API to where that is.
     *
     * @throws InputException if a link leads to nothing
     */
    String html(Repository repository, Path file, ApiPages api) throws IOException {
        eachLink(link -> {
            if (isOwn(link)) {
                Path page = repository.pages().get(repository.target(file, path(link)));
                link.setDestination(Frame.relative(repository, file, slashes(Objects.requireNonNull(page)))
                        + link.getDestination().replaceFirst("^[^#]*", ""));
            }
        });
        linkCode(repository, file, api);
        return HtmlRenderer.builder().extensions(List.of(TablesExtension.create()))
                .attributeProviderFactory(_ -> (node, tag, attributes) -> {
                    if (anchors.containsKey(node)) {
                        attributes.put("id", anchors.get(node));
                    }
                }).build().render(document)
                // it scrolls sideways where the screen is narrow, also by the keyboard
                .replace("<table>", "<div class=\"scroll\" tabindex=\"0\"><table>")
                .replace("</table>", "</table></div>");
    }

    private void linkCode(Repository repository, Path file, ApiPages api) throws IOException {
        List<Code> codes = new ArrayList<>();
        document.accept(new AbstractVisitor() {
            @Override
            public void visit(Code code) {
                codes.add(code);
            }
        });
        for (Code code : codes) {
            Optional<String> address = isIn(code) ? Optional.empty() : api.of(code.getLiteral());
            if (address.isPresent()) {
                Link link = new Link(Frame.relative(repository, file, address.get()), null);
                code.insertBefore(link);
                link.appendChild(code);
            }
        }
    }

    /** Whether a node is in a link or a heading. */
    private static boolean isIn(Node node) {
        for (Node above = node.getParent(); above != null; above = above.getParent()) {
            if (above instanceof Link || above instanceof Heading) {
                return true;
            }
        }
        return false;
    }

    static String slashes(Path path) {
        return path.toString().replace(File.separatorChar, '/');
    }
}
