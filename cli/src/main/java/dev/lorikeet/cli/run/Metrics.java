package dev.lorikeet.cli.run;

import dev.lorikeet.cli.report.Allocation;
import dev.lorikeet.cli.report.Run;
import dev.lorikeet.cli.report.WrittenAnswers.Written;
import dev.lorikeet.lora.rank.RankAllocator.RanksAt;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.metrics.Thresholds;
import dev.lorikeet.transformer.training.Epoch;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.Validation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The numbers of a run as JSON lines: one for the run, its times, each baseline, change of ranks, step, validation
 * within an epoch, and epoch, the answers of a language model, the thresholds of labels, and the test.
 */
final class Metrics {
    private static final String TEST = "test_";

    private Metrics() {}

    static String jsonl(Run run) {
        StringBuilder lines = new StringBuilder();
        List<Object> facts = new ArrayList<>(List.of("method", run.facts().recipe().method().name(), "metric",
                run.metric().name(), "trained", run.trained(), "total", run.total(), "train_truncated",
                run.facts().truncated().train(), "test_truncated", run.facts().truncated().test(), "threads",
                run.facts().environment().threads()));
        run.facts().summary().files().stream().filter(part -> part.counts().skipped() > 0)
                .forEach(part -> facts.addAll(List.of(part.part() + "_skipped", part.counts().skipped())));
        Run.Start start = run.facts().start();
        if (start != null) {
            facts.addAll(List.of("from", start.from().toString(), "from_sha256", start.sha256()));
        }
        lines.append(line("run", facts.toArray()));
        List<Object> times = new ArrayList<>();
        run.usage().seconds().forEach((phase, seconds) -> times.addAll(List.of(phase + "_seconds", seconds)));
        lines.append(line("time", times.toArray()));
        for (Run.Baseline baseline : run.baselines()) {
            lines.append(
                    line("baseline", "name", baseline.name(), TEST + run.metric().name(), Json.number(baseline.value()),
                            "seconds", baseline.seconds()));
        }
        Allocation allocation = run.allocation();
        if (allocation != null) {
            for (RanksAt ranks : allocation.history()) {
                lines.append(line("ranks", "step", ranks.step(), "ranks", ranks.ranks()));
            }
            lines.append(line("allocation", "steps", allocation.steps(), "search_seconds", allocation.searchSeconds(),
                    "extra_passes", allocation.cost().extraPasses(), "extra_seconds",
                    allocation.cost().extraSeconds()));
        }
        for (Epoch epoch : run.epochs()) {
            run.steps().stream().filter(step -> step.epoch() == epoch.epoch()).map(Metrics::line)
                    .forEach(lines::append);
            run.validations().stream().filter(each -> each.epoch() == epoch.epoch()
                    && each.step() < run.lastStep(epoch.epoch()))
                    .map(each -> validation(run, each)).forEach(lines::append);
            List<Object> fields = new ArrayList<>(List.of("epoch", epoch.epoch(), "train_loss", epoch.trainLoss()));
            fields.addAll(scores(run.facts().evaluatedOn() + "_", epoch.test()));
            fields.addAll(List.of("tokens", epoch.tokens(), "train_seconds", epoch.trainSeconds()));
            lines.append(line("epoch", fields.toArray()));
        }
        if (run.answers() != null) {
            run.answers().each().forEach((when, written) -> lines.append(answers(when, written)));
        }
        Thresholds thresholds = run.thresholds();
        if (thresholds != null) {
            lines.append(line("thresholds", "labels", run.facts().learned().labels(), "best", thresholds.each()));
        }
        Run.Tested test = run.test();
        if (test != null) {
            Validation chosen = test.chosen();
            List<Object> fields = new ArrayList<>(chosen == null ? List.of()
                    : List.of("chosen_epoch", chosen.epoch(), "chosen_step", chosen.step()));
            fields.addAll(scores(TEST, test.evaluation()));
            lines.append(line("test", fields.toArray()));
        }
        return lines.toString();
    }

    private static String answers(String when, Written written) {
        List<Object> fields = new ArrayList<>(List.of("when", when, "prompts", written.texts().size()));
        written.scores().forEach((name, value) -> fields.addAll(List.of(TEST + name, Json.number(value))));
        fields.addAll(List.of("tokens", written.tokens(), "seconds", written.seconds()));
        return line("answers", fields.toArray());
    }

    private static String validation(Run run, Validation validation) {
        List<Object> fields = new ArrayList<>(List.of("step", validation.step(), "epoch", validation.epoch(), "best",
                validation.best()));
        fields.addAll(scores(run.facts().evaluatedOn() + "_", validation.evaluation()));
        return line("validation", fields.toArray());
    }

    private static List<Object> scores(String prefix, Evaluation evaluation) {
        List<Object> fields = new ArrayList<>(List.of(prefix + "loss", evaluation.loss()));
        evaluation.metrics().forEach((name, value) -> fields.addAll(List.of(prefix + name, Json.number(value))));
        return fields;
    }

    private static String line(Step step) {
        return line("step", "step", step.step(), "epoch", step.epoch(), "loss", step.loss(),
                "gradient_norm", Json.number(step.gradientNorm()), "rate", step.rate(), "tokens", step.tokens(),
                "seconds", step.seconds());
    }

    /** @param fields names and values in turn */
    private static String line(String type, Object... fields) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("type", type);
        for (int i = 0; i < fields.length; i += 2) {
            map.put((String) fields[i], fields[i + 1]);
        }
        return Json.writeLine(map);
    }
}
