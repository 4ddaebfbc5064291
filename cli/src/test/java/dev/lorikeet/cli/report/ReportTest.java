package dev.lorikeet.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ReportTest {
    static final List<String> KINDS = List.of("act", "animal", "artifact", "attribute", "body", "cognition",
            "communication", "event", "feeling", "food", "group", "location", "object", "person", "phenomenon",
            "plant", "possession", "process", "quantity", "relation", "shape", "state", "substance", "time");

    @Test
    void isWellFormed() throws Exception {
        Document page = parse(Report.html(SampleRun.of(KINDS, 3, 3)));
        assertThat(page.getElementsByTagName("svg").getLength()).isEqualTo(3);
        assertThat(page.getElementsByTagName("polyline").getLength()).isEqualTo(4);
    }

    @Test
    void needsNoOtherFile() {
        String page = Report.html(SampleRun.of(KINDS, 3, 3));
        assertThat(page).doesNotContain("http:", "https:", "src=", "href=", "url(", "@import", "<script");
    }

    @Test
    void namesOfClassesAreTextOnly() throws Exception {
        List<String> labels = List.of("<script>alert(1)</script>", "a & b", "\"quoted\" 'too'", "tab\there\u0001",
                "\uD83E\uDD9C of a parrot's name that goes on and on", "broken \uD83E");
        String page = Report.html(SampleRun.of(labels, 2, 1));
        assertThat(page).doesNotContain("<script");
        assertThat(titles(parse(page))).anyMatch(title -> title.startsWith("<script>alert(1)</script> "));
    }

    @Test
    void everyCellSaysWhatItIs() throws Exception {
        List<String> titles = titles(parse(Report.html(SampleRun.of(KINDS, 3, 3))));
        assertThat(titles).anyMatch(title -> title.matches("plant recognised: \\d+ of 83, \\d+\\.\\d %"));
        assertThat(titles).anyMatch(title -> title.matches("act taken for [a-z]+: \\d+ of 83, \\d+\\.\\d %"));
    }

    @Test
    void manyClassesAreShownWithoutTheMatrix() throws Exception {
        List<String> labels = IntStream.range(0, 100).mapToObj(i -> "class " + i).toList();
        assertThat(parse(Report.html(SampleRun.of(labels, 20, 20))).getElementsByTagName("svg").getLength())
                .isEqualTo(2);
    }

    @Test
    void ranksThatWereFoundAreShownOverTime() throws Exception {
        Run run = SampleRun.withRanks(SampleRun.of(KINDS, 3, 3));
        Document page = parse(Report.html(run));
        assertThat(titles(page)).contains("encoder.layer.0.attention.self.query: rank 8 from step 0 to 100",
                "encoder.layer.0.attention.self.query: rank 0 from step 400 to 564",
                "encoder.layer.5.output.dense: rank 6 from step 400 to 564");
        NodeList svgs = page.getElementsByTagName("svg");
        assertThat(svgs.getLength()).isEqualTo(4);
        assertThat(svgs.item(3).getAttributes().getNamedItem("aria-label").getTextContent())
                .isEqualTo("Ranks of 36 adapters over 564 steps");
        assertThat(Report.html(run)).contains("<td>0 to 7, ").contains("<td>rsLoRA</td>", "71.0 %");
        assertThat(Report.html(SampleRun.of(KINDS, 3, 3))).contains("<td>8 each</td>")
                .doesNotContain("Ranks over time");
    }

    @Test
    void anUnfinishedRunSaysSo() {
        assertThat(Report.html(SampleRun.of(KINDS, 3, 1))).contains("After epoch 1 of 3");
    }

    static Document parse(String html) throws Exception {
        DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
        builder.setErrorHandler(null);
        return builder.parse(new InputSource(new StringReader(html)));
    }

    private static List<String> titles(Document page) {
        NodeList nodes = page.getElementsByTagName("title");
        List<String> titles = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            titles.add(nodes.item(i).getTextContent());
        }
        return titles;
    }
}
