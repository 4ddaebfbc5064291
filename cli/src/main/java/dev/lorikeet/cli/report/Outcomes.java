package dev.lorikeet.cli.report;

import dev.lorikeet.transformer.metrics.Answered;
import dev.lorikeet.transformer.metrics.Calibration;
import dev.lorikeet.transformer.metrics.Classified;
import dev.lorikeet.transformer.metrics.Fit;
import dev.lorikeet.transformer.metrics.Labelled;
import dev.lorikeet.transformer.metrics.PrecisionRecall;
import dev.lorikeet.transformer.metrics.RegressionScores;
import dev.lorikeet.transformer.metrics.Retrieved;
import dev.lorikeet.transformer.metrics.Tagged;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** What there is to see of a run's answers: of each kind of task something else. */
final class Outcomes {
    private static final int BINS = 10;
    /** Curves in one picture: the eye tells no more apart. */
    private static final int CURVES = 6;

    private final Run run;
    private final Page page;

    private Outcomes(Run run, Page page) {
        this.run = run;
        this.page = page;
    }

    static void write(Run run, Page page) {
        Outcomes outcomes = new Outcomes(run, page);
        switch (run.result().details()) {
            case Classified said -> outcomes.classes(said);
            case Labelled said -> outcomes.labels(said);
            case Fit fit when run.facts().learned().labels().isEmpty() -> outcomes.similarities(fit);
            case Fit fit -> outcomes.numbers(fit);
            case Tagged said -> outcomes.tags(said);
            case Retrieved found -> outcomes.retrieved(found);
            case Answered answered -> outcomes.answers(answered);
            case null -> {
                // nothing more is known
            }
        }
    }

    private String examples() {
        return "the " + run.resultOf() + " examples";
    }

    private void classes(Classified said) {
        Confusions confusions = new Confusions(said.confusion(), run.facts().learned().labels());
        if (!confusions.mapped().isEmpty()) {
            page.wide("Confusion matrix", examples() + confusions.mappedText()
                    + "; a row is a true class, a column what was said", confusions.heatMap());
        }
        page.columns();
        page.section("Most frequent confusions", "with texts of which the model was surest, where a closer look pays",
                confusions.mostFrequent(run.mistakes()));
        page.section("Classes", "the share of each that was recognised, the hardest first", confusions.recall());
        page.end().columns();
        calibration(said.calibration(BINS), "answers are right as often as the model is sure of them");
        PrecisionRecall curve = said.precisionRecall();
        List<String> labels = run.facts().learned().labels();
        page.section("Precision and recall", said.classes() == 2
                ? "of " + labels.getLast() + ", at every threshold on its probability; average precision "
                        + Format.percent(curve.averagePrecision()) + ", area under the ROC curve " + area(curve)
                : "of answers of which the model is surer than any threshold: how many of them are right, and how many "
                        + "of all right ones they are; average precision " + Format.percent(curve.averagePrecision()),
                Diagrams.precisionRecall(Map.of("", curve)));
        page.end();
    }

    private static String area(PrecisionRecall curve) {
        return Double.isNaN(curve.rocAuc()) ? "not defined" : Format.percent(curve.rocAuc());
    }

    private void calibration(Calibration calibration, String what) {
        page.section("Calibration", "on the line, " + what + "; expected calibration error "
                + Format.percent(calibration.error()) + ", Brier score " + Format.number(calibration.brier()),
                Diagrams.reliability(calibration));
    }

    private void labels(Labelled said) {
        page.wide("Labels", "how well each is told, the hardest first" + (said.thresholds().areUsual()
                ? "; a label is said from a probability of 0.5 on"
                : "; a label is said from its threshold on, which the validation examples have best"),
                ScoreTable.of(said));
        page.columns();
        calibration(said.calibration(BINS), "labels are there as often as the model thinks, all labels together");
        Map<String, PrecisionRecall> curves = new LinkedHashMap<>();
        IntStream.range(0, said.labels().size()).boxed()
                .sorted(Comparator.comparingInt(i -> -said.named().each().get(i).support())).limit(CURVES)
                .forEach(i -> curves.put(said.labels().get(i), said.precisionRecall(i)));
        page.section("Precision and recall", "of each label, at every threshold on its probability"
                + (said.labels().size() > CURVES ? "; of the " + CURVES + " that most examples have" : ""),
                Diagrams.precisionRecall(curves));
        page.end();
        mistakes("Furthest from the truth", "examples with the most labels too many or too few");
    }

    private void numbers(Fit fit) {
        page.columns();
        for (int i = 0; i < fit.names().size(); i++) {
            RegressionScores scores = fit.scores(i);
            page.section("Predicted and true: " + fit.names().get(i), "Pearson "
                    + new Metric("pearson").text(scores.pearson()) + ", Spearman "
                    + new Metric("spearman").text(scores.spearman()) + ", mean absolute error "
                    + Format.number(scores.meanAbsoluteError()) + "; on the line, both are the same",
                    Scatter.of(fit.actual(i), fit.predicted(i), true));
            page.section("Errors: " + fit.names().get(i), "how far predictions are above the truth, or below it",
                    Diagrams.histogram(Map.of("", errors(fit, i)), "predicted − true"));
        }
        page.end();
        mistakes("Furthest from the truth", "examples with the largest errors");
    }

    private static float[] errors(Fit fit, int name) {
        float[] actual = fit.actual(name);
        float[] errors = fit.predicted(name);
        for (int i = 0; i < errors.length; i++) {
            errors[i] -= actual[i];
        }
        return errors;
    }

    private void similarities(Fit fit) {
        float[] scores = fit.actual(0);
        float[] cosines = fit.predicted(0);
        float[] sorted = scores.clone();
        Arrays.sort(sorted);
        float middle = sorted.length == 0 ? 0 : sorted[sorted.length / 2];
        List<Float> near = new ArrayList<>();
        List<Float> far = new ArrayList<>();
        for (int i = 0; i < scores.length; i++) {
            (scores[i] >= middle ? near : far).add(cosines[i]);
        }
        Map<String, float[]> parts = new LinkedHashMap<>();
        parts.put("scores below " + Format.number(middle), floats(far));
        parts.put("scores from " + Format.number(middle) + " on", floats(near));
        page.columns();
        page.section("Similarities", "how often pairs have a cosine: the less the two overlap, the better",
                Diagrams.histogram(parts, "cosine"));
        page.section("Cosine and score", "Spearman " + new Metric("spearman").text(fit.scores(0).spearman())
                + ", Pearson " + new Metric("pearson").text(fit.scores(0).pearson())
                + "; the order counts, cosines need not be the scores", Scatter.of(scores, cosines, false));
        page.end();
        mistakes("Furthest from the truth", "pairs whose place among all by the cosine is furthest from that by the "
                + "score");
    }

    private static float[] floats(List<Float> all) {
        float[] own = new float[all.size()];
        for (int i = 0; i < own.length; i++) {
            own[i] = all.get(i);
        }
        return own;
    }

    private void tags(Tagged said) {
        page.wide(said.areEntities() ? "Entities" : "Tags", said.areEntities()
                ? "how well each type is found, the hardest first; one is right if its type and all of its words are"
                : "how well each is told, the hardest first", ScoreTable.of(said.named()));
        mistakes("Furthest from the truth", said.areEntities()
                ? "sentences with the most words that have another tag: the entities that were missed, and those that "
                        + "were said instead"
                : "sentences with the most words that have another tag");
    }

    private void retrieved(Retrieved found) {
        Map<String, float[]> parts = new LinkedHashMap<>();
        parts.put("nearest of all others", found.nearest());
        parts.put("its partner", found.partner());
        page.columns();
        page.section("Similarities",
                "the cosine of each text with its partner, and with the text that is nearest beside "
                        + "it: the less the two overlap, the better",
                Diagrams.histogram(parts, "cosine"));
        page.section("Nearer than the others", "how much nearer each text is to its partner than to any other: above 0 "
                + "it finds it", Diagrams.histogram(Map.of("", differences(found)), "difference of cosines"));
        page.end();
        mistakes("Partners that were missed", "texts that are most nearer to another than to their own");
    }

    private void answers(Answered answered) {
        float[] shares = new float[answered.said().size()];
        for (int i = 0; i < shares.length; i++) {
            shares[i] = (float) answered.f1(i);
        }
        page.columns();
        page.section("Answers", "how many of an answer's words are right ones: 1 is the whole answer, 0 another one",
                Diagrams.histogram(Map.of("", shares), "F1"));
        page.end();
        mistakes("Furthest from the truth", "questions whose answers have the fewest right words");
    }

    private static float[] differences(Retrieved found) {
        float[] differences = found.partner().clone();
        for (int i = 0; i < differences.length; i++) {
            differences[i] -= found.nearest()[i];
        }
        return differences;
    }

    private void mistakes(String title, String subtitle) {
        if (run.mistakes().isEmpty()) {
            return;
        }
        Markup table = new Markup().open("table", "class", "mistakes").open("thead").open("tr").leaf("th", "text")
                .leaf("th", "true").leaf("th", "said").close().close().open("tbody");
        for (Mistake mistake : run.mistakes()) {
            table.open("tr").leaf("td", mistake.text()).leaf("td", mistake.truth()).leaf("td", mistake.said()).close();
        }
        page.section(title, subtitle + ", of " + examples(), table.close().close().toString());
    }
}
