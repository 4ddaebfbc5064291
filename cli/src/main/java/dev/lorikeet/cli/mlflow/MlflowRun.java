package dev.lorikeet.cli.mlflow;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A run on an MLflow server. What it is told waits in memory, no more than the run itself remembers, and is sent once a
 * second; where the server is gone, again and again for some minutes, while the run goes on.
 */
public final class MlflowRun {
    /** How a run ended, by MLflow's names. */
    public enum Status {
        FINISHED, FAILED, KILLED
    }

    /**
     * How long to wait for a server.
     *
     * @param pace milliseconds between requests
     * @param pause milliseconds after a failure, twice as many after each further one up to a minute
     * @param attempts in a row that fail, after which nothing is sent any more
     * @param end milliseconds that the end of a run waits for what is not sent yet
     */
    public record Patience(long pace, long pause, int attempts, long end) {
        public static final Patience USUAL = new Patience(1000, 1000, 10, 5000);
        private static final long LONGEST = 60_000;

        private long after(int failures) {
            return Math.min(LONGEST, pause << Math.min(failures - 1, 16));
        }
    }

    /**
     * What a run is about.
     *
     * @param key what no other run has, by which one that goes on finds itself
     * @param parameters by their names, sent once
     * @param tags by their names
     */
    public record About(String name, long started, String key, Map<String, String> parameters,
            Map<String, String> tags) {}

    /** A number of a run, as MLflow has it. */
    private record Metric(String key, double value, long timestamp, int step) {
        Map<String, Object> json() {
            return Map.of("key", key, "value", Json.number(value), "timestamp", timestamp, "step", step);
        }
    }

    /** The tag that has the run's own key. */
    private static final String KEY = "lorikeet.run";
    /** So many may fail when the run has ended. */
    private static final int LATE_ATTEMPTS = 3;
    /** MLflow's limits of a request. */
    private static final int MOST_METRICS = 1000;
    private static final int MOST_PAIRS = 100;

    private final MlflowServer server;
    private final About about;
    private final Patience patience;
    private final Consumer<String> warning;
    private final Thread thread;
    private final Queue<Metric> waiting = new ArrayDeque<>(); // guarded by this, as what follows
    private @Nullable Status status;
    private boolean gone;
    private boolean warned;
    // of the thread that sends
    private @Nullable String id;
    private boolean described;
    private int failures;
    private final Map<String, Integer> known = new HashMap<>();

    /**
     * Begins a run, or goes on with one.
     *
     * @param warning hears of trouble once, and once more where the server is given up, in any thread
     */
    public MlflowRun(MlflowServer server, About about, Patience patience, Consumer<String> warning) {
        this.server = server;
        this.about = about;
        this.patience = patience;
        this.warning = warning;
        this.thread = Thread.ofPlatform().daemon().name("lorikeet-mlflow").start(this::work);
    }

    /**
     * Tells a number.
     *
     * @param key letters that MLflow does not take become {@code _}
     */
    public synchronized void tell(String key, double value, int step) {
        if (!gone) {
            waiting.add(new Metric(key.replaceAll("[^\\w./ -]", "_"), value, System.currentTimeMillis(), step));
        }
    }

    /** The run has ended: sends what is left, and waits for that a while. The first word on how it ended counts. */
    public void end(Status how) {
        synchronized (this) {
            status = status == null ? how : status;
            notifyAll();
        }
        try {
            thread.join(patience.end());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // somebody is in more of a hurry
        }
        if (thread.isAlive()) {
            leave("did not take all numbers of the run in time");
            thread.interrupt();
        }
    }

    private void work() {
        try (MlflowClient client = new MlflowClient(server)) {
            int late = 0;
            boolean more = true;
            while (more) {
                try {
                    more = send(client);
                    pause(patience.pace(), 0);
                } catch (IOException e) {
                    failures++;
                    if (failures > 1) { // once is no news: a connection that was kept may have been closed
                        warn(e.getMessage() + ", and is tried again for some minutes");
                    }
                    late += ended() ? 1 : 0;
                    more = failures < patience.attempts() && late < LATE_ATTEMPTS;
                    if (more) {
                        pause(patience.after(failures), patience.pause());
                    } else if (!ended()) { // else it was said that it is in trouble
                        leave(e.getMessage() + ", and is tried no more");
                    }
                }
            }
        } catch (MlflowClient.Refusal | InputException e) {
            leave(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            leave("did not take all numbers of the run in time");
        } finally {
            stop();
        }
    }

    private synchronized boolean ended() {
        return status != null;
    }

    /** Nothing is sent any more, for a reason. */
    private synchronized void leave(String why) {
        if (!gone) {
            say(why);
        }
        stop();
    }

    /** Nothing is sent any more. */
    private synchronized void stop() {
        gone = true;
        waiting.clear();
    }

    private synchronized void warn(String why) {
        if (!warned) {
            warned = true;
            say(why);
        }
    }

    private void say(String why) {
        warning.accept("MLflow: " + server + " " + why + "; the run goes on without it");
    }

    /** Until a time has passed, or the run has ended; another one where it has already. */
    private synchronized void pause(long milliseconds, long ended) throws InterruptedException {
        long time = status == null ? milliseconds : ended;
        if (time > 0) {
            wait(time);
        }
    }

    /** Sends what there is, and says whether there may come more. */
    private boolean send(MlflowClient client) throws IOException, InterruptedException {
        if (id == null) {
            id = open(client);
            failures = 0;
        }
        if (!described) {
            describe(client);
            described = true;
        }
        Status how;
        List<Metric> batch;
        do {
            synchronized (this) { // none comes after the status
                how = status;
                batch = waiting.stream().limit(MOST_METRICS).toList();
            }
            log(client, "metrics", batch.stream().filter(metric -> metric.step() > known.getOrDefault(metric.key(), -1))
                    .map(Metric::json).toList());
            synchronized (this) {
                batch.forEach(_ -> waiting.poll());
            }
        } while (!batch.isEmpty());
        if (how != null) {
            client.post("runs/update", Map.of("run_id", name(), "status", how.name(), "end_time",
                    System.currentTimeMillis()));
        }
        return how == null;
    }

    private String name() {
        return Optional.ofNullable(id).orElseThrow();
    }

    /** Finds the run where it is there already, from before or since the answer to its making was lost. */
    private String open(MlflowClient client) throws IOException, InterruptedException {
        if (server.runId() != null) {
            return goOn(client, client.get("runs/get", "run_id", server.runId()).object("run"));
        }
        String experiment = experiment(client);
        JsonObject found = client.post("runs/search", Map.of("experiment_ids", List.of(experiment), "filter",
                "tags.`" + KEY + "` = '" + about.key() + "'", "max_results", 1));
        return found.has("runs") && !found.objects("runs").isEmpty() ? goOn(client, found.objects("runs").getFirst())
                : client.post("runs/create", Map.of("experiment_id", experiment, "run_name", about.name(),
                        "start_time", about.started(), "tags", pairs(Map.of(KEY, about.key())))).object("run")
                        .object("info").string("run_id");
    }

    private String goOn(MlflowClient client, JsonObject run) throws IOException, InterruptedException {
        String there = run.object("info").string("run_id");
        client.post("runs/update", Map.of("run_id", there, "status", "RUNNING"));
        JsonObject data = run.object("data");
        Map<String, String> tags = new HashMap<>();
        for (JsonObject tag : data.has("tags") ? data.objects("tags") : List.<JsonObject>of()) {
            tags.put(tag.string("key"), tag.string("value", ""));
        }
        if (about.key().equals(tags.get(KEY))) {
            described = tags.keySet().containsAll(about.tags().keySet()); // which come after the parameters
            note(data);
        }
        return there;
    }

    /** What a run that goes on has told already. */
    private void note(JsonObject data) {
        for (JsonObject metric : data.has("metrics") ? data.objects("metrics") : List.<JsonObject>of()) {
            known.put(metric.string("key"), metric.integer("step", 0)); // of each the last one
        }
    }

    private String experiment(MlflowClient client) throws IOException, InterruptedException {
        if (server.experimentId() != null) {
            return server.experimentId();
        }
        try {
            return client.get("experiments/get-by-name", "experiment_name", server.experiment()).object("experiment")
                    .string("experiment_id");
        } catch (MlflowClient.Refusal e) {
            if (!e.code().equals("RESOURCE_DOES_NOT_EXIST")) {
                throw e;
            }
            return client.post("experiments/create", Map.of("name", server.experiment())).string("experiment_id");
        }
    }

    private void describe(MlflowClient client) throws IOException, InterruptedException {
        log(client, "params", pairs(about.parameters()));
        Map<String, String> tags = new HashMap<>(about.tags());
        tags.put(KEY, about.key());
        log(client, "tags", pairs(tags));
    }

    private static List<Map<String, Object>> pairs(Map<String, String> map) {
        List<Map<String, Object>> pairs = new ArrayList<>();
        map.forEach((key, value) -> pairs.add(Map.of("key", key, "value", value)));
        return pairs;
    }

    private void log(MlflowClient client, String kind, List<Map<String, Object>> all)
            throws IOException, InterruptedException {
        int most = kind.equals("metrics") ? MOST_METRICS : MOST_PAIRS;
        for (int from = 0; from < all.size(); from += most) {
            client.post("runs/log-batch", Map.of("run_id", name(), kind, all.subList(from, Math.min(all.size(), from
                    + most))));
            failures = 0; // in a row
        }
    }
}
