package dev.lorikeet.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.cli.recipe.RecipeFile;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
        assertThat(pictures(page)).containsExactly("The test accuracy over 3 epochs", "Training loss of 564 steps",
                "Confusion matrix", "Reliability diagram", "Precision over recall", "Learning rate over 564 steps",
                "Gradient norm over 564 steps", "Tokens per second over 564 steps", "Memory over 564 steps",
                "How often values of tokens to train with occur");
    }

    @Test
    void needsNoOtherFile() {
        String page = Report.html(SampleRun.of(KINDS, 3, 3));
        assertThat(page).doesNotContain("http:", "https:", "src=", "href=", "url(", "@import", "<script");
    }

    @Test
    void answersAreTextOnly() {
        WrittenAnswers.Written written = new WrittenAnswers.Written(List.of("<i>two", "no"), Map.of("bleu", 0.25), 7,
                2);
        WrittenAnswers answers = new WrittenAnswers(List.of(new WrittenAnswers.Asked("1 < 2?", List.of("yes & no")),
                new WrittenAnswers.Asked("and?", List.of("so", "no"))), written, null);
        String page = Report.html(SampleRun.answering(SampleRun.of(KINDS, 2, 2), answers));
        assertThat(page).contains("1 &lt; 2?", "yes &amp; no", "&lt;i&gt;two", "so (or 1 other)", "before training",
                "25.0 %").doesNotContain("<i>two", "after training");
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
    void ofManyClassesThoseThatAreConfusedMostAreShown() throws Exception {
        List<String> labels = IntStream.range(0, 2000).mapToObj(i -> "class " + i).toList();
        String html = Report.html(SampleRun.of(labels, 2, 2));
        assertThat(html).contains("those 24 of 2,000 classes that are confused most", "and 1,970 classes more, ")
                .hasSizeLessThan(400_000);
        assertThat(pictures(parse(html))).contains("Confusion matrix");
        assertThat(parse(html).getElementsByTagName("g").getLength()).isLessThan(700);
    }

    @Test
    void twoClassesHaveASmallMatrix() throws Exception {
        Document page = parse(Report.html(SampleRun.of(List.of("0", "1"), 2, 2)));
        NodeList svgs = page.getElementsByTagName("svg");
        String box = svgs.item(pictures(page).indexOf("Confusion matrix")).getAttributes().getNamedItem("viewBox")
                .getTextContent();
        assertThat(box).isEqualTo("0 0 172 164");
    }

    @Test
    void aLossAgainstTheBaselineIsNoGain() {
        Run run = SampleRun.of(KINDS, 3, 3);
        double accuracy = run.result().main();
        for (double baseline : new double[] {accuracy - 0.1, accuracy, accuracy + 0.1}) {
            String html = Report.html(SampleRun.beside(run, baseline));
            int cards = html.indexOf("<div class=\"cards\">");
            String card = html.substring(cards, html.indexOf("</small>", cards));
            assertThat(card).contains(baseline < accuracy ? "card main"
                    : baseline > accuracy ? "card loss"
                            : "class=\"card\"")
                    .contains(baseline < accuracy ? "10.0 points over the probe"
                            : baseline > accuracy ? "10.0 points under the probe" : "as the probe");
        }
        assertThat(new Metric("perplexity").isBetter(3, 4)).isTrue();
        assertThat(new Metric("accuracy").isBetter(0.3, 0.4)).isFalse();
    }

    @Test
    void oneEvaluationIsNoCurve() throws Exception {
        String html = Report.html(SampleRun.of(KINDS, 1, 1));
        assertThat(pictures(parse(html))).doesNotContain("The test accuracy over 1 epochs");
        assertThat(html).contains("<td>rsLoRA, test</td>", "<td>majority class</td>");
    }

    @Test
    void everySettingIsShown() {
        String html = Report.html(SampleRun.of(KINDS, 3, 3));
        RecipeFile.tree(RecipeFile.builtIn()).forEach((key, value) -> (value instanceof Map<?, ?> below ? below
                : Map.of(key, "")).keySet()
                .forEach(setting -> assertThat(html).contains("<dt>" + setting + "</dt>")));
        assertThat(html).contains("<pre>lorikeet finetune --recipe out/x/recipe.yaml</pre>", "<dd>f00d</dd>",
                "SHA-256 abc", "A processor", "2 texts to test with are among those to train with",
                "; 5 tokens of train stand for what the model has none for");
    }

    @Test
    void wrongAnswersAreShown() {
        assertThat(Report.html(SampleRun.of(List.of("act", "plant"), 3, 3))).contains("a text &lt;b&gt;",
                "90.0 % sure");
    }

    @Test
    void ranksThatWereFoundAreShownOverTime() throws Exception {
        Run run = SampleRun.withRanks(SampleRun.of(KINDS, 3, 3));
        Document page = parse(Report.html(run));
        assertThat(titles(page)).contains("encoder.layer.0.attention.self.query: rank 8 from step 0 to 100",
                "encoder.layer.0.attention.self.query: rank 0 from step 400 to 564",
                "encoder.layer.5.output.dense: rank 6 from step 400 to 564");
        assertThat(pictures(page)).contains("Ranks of 36 adapters over 564 steps");
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

    /** What pictures show, in their order. */
    static List<String> pictures(Document page) {
        NodeList svgs = page.getElementsByTagName("svg");
        return IntStream.range(0, svgs.getLength())
                .mapToObj(i -> svgs.item(i).getAttributes().getNamedItem("aria-label").getTextContent()).toList();
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
