package dev.lorikeet.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.cli.report.Labels.Box;
import dev.lorikeet.transformer.metrics.Details;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.metrics.Fit;
import dev.lorikeet.transformer.metrics.Labelled;
import dev.lorikeet.transformer.metrics.Retrieved;
import dev.lorikeet.transformer.metrics.Tagged;
import dev.lorikeet.transformer.metrics.Thresholds;
import dev.lorikeet.transformer.training.Validation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What an eye would see: colours that can be told apart, labels that can be read, and each task's own pictures. */
class ReportLooksTest {
    private static final double READABLE = 4.5; // WCAG 2.2, 1.4.3
    private static final Pattern VARIABLE = Pattern.compile("--([a-z0-9]+): (#[0-9a-f]{6}|[0-9.]+);");

    @Test
    void textIsReadableInLightAndDark() {
        String css = Report.style();
        List<String> themes = List.of(css.substring(0, css.indexOf("@media")), css.substring(css.indexOf("@media")));
        for (String theme : themes) {
            Map<String, String> colours = new LinkedHashMap<>();
            for (Matcher matcher = VARIABLE.matcher(theme); matcher.find();) {
                colours.put(matcher.group(1), matcher.group(2));
            }
            for (String text : List.of("ink", "soft", "hit", "miss")) {
                for (String ground : List.of("page", "card")) {
                    assertThat(contrast(rgb(colours, text), rgb(colours, ground))).as(text + " on " + ground)
                            .isGreaterThan(READABLE);
                }
            }
            double most = Double.parseDouble(colours.getOrDefault("most", "1"));
            for (String cell : List.of("hit", "miss")) {
                for (double strength = 0; strength <= 1; strength += 0.01) {
                    assertThat(contrast(rgb(colours, "ink"), mixed(colours, cell, strength * most)))
                            .as(cell + " " + strength).isGreaterThan(READABLE);
                }
            }
            for (double strength = 0; strength <= 0.26; strength += 0.01) { // of an adapter's cell
                assertThat(contrast(rgb(colours, "ink"), mixed(colours, "hit", strength))).isGreaterThan(READABLE);
            }
            for (String line : List.of("raw", "curve", "hit", "miss", "plain", "series2", "series3", "series4")) {
                assertThat(contrast(rgb(colours, line), rgb(colours, "card"))).as(line).isGreaterThan(2.5);
            }
        }
        assertThat(css).contains(".adapter td.rank { background: color-mix(in srgb, var(--hit) calc(0.26 *");
    }

    private static double[] rgb(Map<String, String> colours, String name) {
        String hex = colours.get(name);
        assertThat(hex).as(name).isNotNull();
        double[] rgb = new double[3];
        for (int i = 0; i < 3; i++) {
            rgb[i] = Integer.parseInt(hex.substring(1 + 2 * i, 3 + 2 * i), 16) / 255.0;
        }
        return rgb;
    }

    private static double[] mixed(Map<String, String> colours, String name, double share) {
        double[] over = rgb(colours, name);
        double[] under = rgb(colours, "field");
        double[] mixed = new double[3];
        for (int i = 0; i < 3; i++) {
            mixed[i] = share * over[i] + (1 - share) * under[i];
        }
        return mixed;
    }

    private static double contrast(double[] one, double[] other) {
        double a = luminance(one);
        double b = luminance(other);
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    }

    private static double luminance(double[] rgb) {
        double[] linear = new double[3];
        for (int i = 0; i < 3; i++) {
            linear[i] = rgb[i] <= 0.04045 ? rgb[i] / 12.92 : Math.pow((rgb[i] + 0.055) / 1.055, 2.4);
        }
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    }

    /** Curves of every shape, the weakest among them, whose dots lie on the baselines. */
    @Test
    void labelsAreNeitherOverOneAnotherNorOutside() throws Exception {
        Random random = new Random(7);
        Run sample = SampleRun.of(ReportTest.KINDS, 10, 10);
        for (int round = 0; round < 60; round++) {
            double[] values = new double[2 + round % 24];
            for (int i = 0; i < values.length; i++) {
                values[i] = 0.71 + (round % 3 == 0 ? 0 : 0.3 * (random.nextDouble() - 0.5) / (1 + round % 5));
            }
            String svg = Curves.metric(SampleRun.with(sample, values));
            NodeList texts = ReportTest.parse("<div>" + svg + "</div>").getElementsByTagName("text");
            List<Box> boxes = new ArrayList<>();
            for (int i = 0; i < texts.getLength(); i++) {
                Element text = (Element) texts.item(i);
                if (List.of("value", "reference").contains(text.getAttribute("class"))) {
                    double x = Double.parseDouble(text.getAttribute("x"));
                    double bottom = Double.parseDouble(text.getAttribute("y")) + 5;
                    double half = text.getTextContent().length() * Labels.LETTER / 2;
                    boxes.add(new Box(x - half, bottom - Labels.LINE, x + half, bottom));
                }
            }
            assertThat(boxes).isNotEmpty().allMatch(box -> box.isIn(new Box(Plot.LEFT, 0, Plot.WIDTH, Plot.BOTTOM)));
            for (Box one : boxes) {
                assertThat(boxes.stream().filter(other -> other != one && one.meets(other))).isEmpty();
            }
        }
    }

    @Test
    void labelsKeepClearOfLines() {
        Labels labels = new Labels(new Box(0, 0, 500, 300));
        labels.avoid(0, 90, 500, 90);
        Box below = labels.place("50 %", 250, 100);
        assertThat(below).isNotNull();
        assertThat(below.top()).isGreaterThan(100);
        Box beside = labels.place("50 %", 250, 100);
        assertThat(beside).isNotNull();
        assertThat(beside.meets(below)).isFalse();
        assertThat(new Labels(new Box(0, 0, 20, 20)).place("too long", 10, 10)).isNull();
    }

    private static Document page(Details details, Evaluation evaluation, List<String> labels) throws Exception {
        assertThat(evaluation.details()).isSameAs(details);
        return ReportTest.parse(Report.html(SampleRun.with(SampleRun.of(ReportTest.KINDS, 2, 2), evaluation,
                new Run.Learned("a task", "answers", labels, new Metric(evaluation.mainMetric())),
                List.of(new Mistake("a long text ".repeat(40), "true <x>", "said & done", Double.NaN)))));
    }

    @Test
    void barsBeginAtZeroWhateverIsBelowIt() {
        Run run = SampleRun.of(ReportTest.KINDS, 1, 1);
        double least = run.baselines().getFirst().value();
        double most = run.baselines().getLast().value();
        assertThat(least).isBetween(0.01, most - 0.01);
        Validation below = new Validation(1, 1, new Evaluation(1, Map.of("accuracy", -0.5), null), true);
        assertThat(Bars.of(run, below)).contains("width:0%", "width:100%",
                "width:" + Markup.coordinate(100 * least / most) + "%");
    }

    @Test
    void aMeanOfAFewStepsIsAnotherLineThanTheirs() {
        assertThat(Curves.smooth(new double[] {1, 3, 2})).startsWith(1).doesNotContain(3, 2);
    }

    @Test
    void everyTaskHasItsPictures() throws Exception {
        Labelled labelled = new Labelled(List.of("a", "b"), new boolean[][] {{true, false}, {true, true}},
                new float[][] {{0.9f, 0.2f}, {0.4f, 0.6f}}, Thresholds.usual(2));
        Document labels = page(labelled, Evaluation.of(labelled, 1), labelled.labels());
        assertThat(ReportTest.pictures(labels)).contains("Reliability diagram", "Precision over recall");
        assertThat(labels.getDocumentElement().getTextContent()).contains("average precision", "true <x>",
                "said & done");
        Fit fit = new Fit(List.of("price"), new float[] {1, 2, 3}, new float[] {1, 2.5f, 9});
        assertThat(ReportTest.pictures(page(fit, Evaluation.of(fit, 1), fit.names()))).contains(
                "Predicted numbers over the true ones of 3 examples", "How often values of predicted − true occur");
        Evaluation near = new Evaluation(1, Map.of("spearman", 0.5), fit);
        assertThat(ReportTest.pictures(page(fit, near, List.of()))).contains("How often values of cosine occur");
        Tagged tagged = new Tagged(List.of("B-X", "O"), List.of(List.of("B-X", "O")), List.of(List.of("O", "O")));
        assertThat(page(tagged, Evaluation.of(tagged, 1), tagged.tags()).getDocumentElement().getTextContent())
                .contains("Entities", "Furthest from the truth");
        Retrieved found = new Retrieved(new int[] {0, 1}, new float[] {0.9f, 0.4f}, new float[] {0.1f, 0.6f},
                new int[] {1, 0}, new int[] {1, 1});
        assertThat(ReportTest.pictures(page(found, new Evaluation(1, Map.of("mrr_10", 0.5), found), List.of())))
                .contains("How often values of cosine occur");
        Retrieved nothing = new Retrieved(new int[0], new float[0], new float[0], new int[0], new int[0]);
        assertThat(page(nothing, new Evaluation(1, Map.of("mrr_10", 0.5), nothing), List.of())
                .getDocumentElement().getTextContent()).contains("There is nothing to show.");
    }
}
