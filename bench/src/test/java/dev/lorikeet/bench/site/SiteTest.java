package dev.lorikeet.bench.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SiteTest {
    private static final Path ROOT = Path.of(System.getProperty("lorikeet.basedir")).toAbsolutePath().normalize();
    private static final Pattern LINK = Pattern.compile("(?:href|src|action)=\"([^\"]*)\"");
    private static final Pattern ID = Pattern.compile(" id=\"([^\"]*)\"");

    @TempDir
    private Path directory;

    @Test
    @Tag("slow")
    void everyPageIsThereAndNoLinkIsDead() throws IOException {
        Path out = directory.resolve("site");
        int pages = Site.write(ROOT, out);
        List<String> dead = new ArrayList<>();
        List<Path> ours = pages(out);
        assertThat(ours).hasSize(pages);
        int api = 0;
        for (Path page : ours) {
            for (String link : found(LINK, page)) {
                if (!link.matches("[a-z]+:.*") && !leads(page, link)) {
                    dead.add(out.relativize(page) + " -> " + link);
                }
                api += link.contains("api/dev.lorikeet.") ? 1 : 0;
            }
        }
        assertThat(dead).isEmpty();
        assertThat(api).isGreaterThan(100);
        assertThat(out.resolve("index.html")).content().contains("<a href=\"docs/guide.html\">docs/guide.md</a>",
                "<title>Lorikeet</title>");
        assertThat(out.resolve("docs/tour.html")).content().contains("<link rel=\"stylesheet\" href=\"../site.css\">",
                "api/dev.lorikeet.transformer/dev/lorikeet/transformer/model/Model.html");
        Files.delete(out.resolve("site.css"));
        assertThatThrownBy(() -> Site.write(ROOT, out)).isInstanceOf(InputException.class)
                .hasMessage(out + ": --out: has something else than a site: a new folder is expected");
    }

    private static List<Path> pages(Path out) throws IOException {
        try (Stream<Path> files = Files.walk(out)) {
            return files.filter(file -> file.toString().endsWith(".html") && !file.startsWith(out.resolve(Site.API)))
                    .toList();
        }
    }

    private static List<String> found(Pattern pattern, Path page) throws IOException {
        return pattern.matcher(Files.readString(page)).results().map((Function<MatchResult, String>) m -> m.group(1))
                .toList();
    }

    private static boolean leads(Path page, String link) throws IOException {
        String path = link.replaceFirst("#.*", "");
        Path file = path.isEmpty() ? page : page.resolveSibling(path).normalize();
        return Files.isRegularFile(file)
                && (!link.contains("#") || found(ID, file).contains(link.replaceFirst("^[^#]*#", "")));
    }

    @Test
    void aLinkThatLeadsNowhereIsRefused() throws IOException {
        Path docs = Files.createDirectories(directory.resolve("docs"));
        for (String name : List.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "docs/guide.md",
                "docs/tour.md")) {
            Files.writeString(directory.resolve(name),
                    "# A page\n\n[elsewhere](https://example.org), [here](#a-page)\n");
        }
        assertThat(Repository.read(directory).pages()).hasSize(6);
        Files.writeString(docs.resolve("more.md"), "# More\n\n[one](../README.md#a-page) and [none](none.md)\n");
        assertThatThrownBy(() -> Repository.read(directory)).isInstanceOf(InputException.class)
                .hasMessage(Path.of("docs/more.md") + ": none.md: leads to nothing");
        Files.writeString(docs.resolve("more.md"), "# More\n\n[all](../docs)\n");
        Set<String> pages = Repository.read(directory).pages().values().stream().map(Path::toString)
                .collect(Collectors.toSet());
        assertThat(pages).contains("index.html", "docs/index.html", "docs/more.html", "docs/guide.html").hasSize(8);
    }

    @Test
    void headingsHaveGitHubsAnchors() {
        Markdown page = new Markdown("# One\n\n## Spring AI: `x.y`, and *more*\n\n## Twice\n\n## Twice\n\n### Ä_b-c\n");
        assertThat(page.title()).isEqualTo("One");
        assertThat(page.sections()).containsExactly(new Markdown.Section("spring-ai-xy-and-more",
                "Spring AI: x.y, and more"), new Markdown.Section("twice", "Twice"),
                new Markdown.Section("twice-1",
                        "Twice"));
    }
}
