package dev.lorikeet.bench.experiments;

import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.SavedRun;
import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Finished runs, as a file keeps them: a line of JSON each, in the order of tasks, models, methods and seeds. */
record TaskRuns(List<TaskRun> all) {
    private static final Comparator<TaskRun.Key> ORDER = Comparator.comparing(TaskRun.Key::model)
            .thenComparing(TaskRun.Key::task).thenComparing(TaskRun.Key::engine).thenComparing(TaskRun.Key::method)
            .thenComparing(TaskRun.Key::seed);

    TaskRuns {
        all = all.stream().sorted(Comparator.comparing(TaskRun::key, ORDER)).toList();
    }

    /**
     * Those of a file; none where there is none.
     *
     * @throws InputException if it is wrong, or has one twice
     */
    static TaskRuns read(Path file) {
        if (!Files.exists(file)) {
            return new TaskRuns(List.of());
        }
        List<TaskRun> runs = new ArrayList<>();
        for (JsonObject line : JsonObject.lines(file)) {
            TaskRun run = TaskRun.read(line);
            if (new TaskRuns(runs).has(run.key())) {
                throw new InputException(file, line.place(), "is of a run that an earlier line has");
            }
            runs.add(run);
        }
        return new TaskRuns(runs);
    }

    boolean has(TaskRun.Key key) {
        return all.stream().anyMatch(run -> run.key().equals(key));
    }

    TaskRuns with(TaskRun run) {
        List<TaskRun> more = new ArrayList<>(all);
        more.add(run);
        return new TaskRuns(more);
    }

    void write(Path file) {
        AtomicFile.write(file, all.stream().map(run -> Json.writeLine(run.json())).collect(Collectors.joining()));
    }

    /**
     * Trains what is wanted, and writes each run that is finished.
     *
     * @return these and what is finished
     */
    TaskRuns with(List<WantedRun> wanted, Path file, Terminal terminal) {
        terminal.line(Format.count(wanted.size(), "run", "runs") + " to go, " + all.size() + " in " + file);
        TaskRuns runs = this;
        for (WantedRun run : wanted) {
            run.train(terminal);
            SavedRun finished = run.finished().orElseThrow();
            runs = runs.with(TaskRun.of(finished, run.name().toString()));
            runs.write(file);
        }
        return runs;
    }
}
