package dev.lorikeet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** The list of versions that applications import has no parent, so that nothing else keeps it in step. */
class BomTest {
    private static final Path ROOT = Path.of(System.getProperty("lorikeet.basedir"));

    @Test
    void itHasEveryArtefactThatIsPublishedInTheVersionOfTheRest() throws Exception {
        Path bom = ROOT.resolve("bom/pom.xml");
        List<String> published = new ArrayList<>();
        for (String module : texts(ROOT.resolve("pom.xml"), "/project/modules/module")) {
            Path pom = ROOT.resolve(module).resolve("pom.xml");
            if (!texts(pom, "/project/packaging").contains("pom")
                    && texts(pom, "/project/properties/maven.deploy.skip").isEmpty()) {
                published.addAll(texts(pom, "/project/artifactId"));
            }
        }
        String managed = "/project/dependencyManagement/dependencies/dependency/";
        assertThat(published).contains("lorikeet-lora", "lorikeet-all").doesNotContain("lorikeet-bench");
        assertThat(texts(bom, managed + "artifactId")).containsExactlyInAnyOrderElementsOf(published);
        assertThat(texts(bom, managed + "version")).containsOnly("${project.version}");
        assertThat(texts(bom, "/project/version")).isEqualTo(texts(ROOT.resolve("pom.xml"), "/project/version"));
    }

    private static List<String> texts(Path pom, String path) throws Exception {
        Document document = DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder().parse(pom.toFile());
        NodeList nodes = (NodeList) XPathFactory.newDefaultInstance().newXPath().evaluate(path, document,
                XPathConstants.NODESET);
        return IntStream.range(0, nodes.getLength()).mapToObj(i -> nodes.item(i).getTextContent())
                .toList();
    }
}
