package dev.lorikeet.bench.kills;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.training.StateFile;
import dev.lorikeet.transformer.training.TrainState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The runs of a variant: one that nobody disturbs, and those that are killed, go on, and are killed again. */
final class Series {
    private static final int EPOCHS = 30;
    private static final Pattern STOPPED = Pattern.compile("stopped after step (\\d+) of \\d+");
    /** Of eight, how many are told to end rather than killed. */
    private static final int TOLD = 3;

    private final Variant variant;
    private final Path directory;
    private final SplittableRandom random;
    private final Map<String, Integer> kills = new TreeMap<>();
    private final List<String> faults = new ArrayList<>();
    /** By the step after which they are: whichever run it is of, each state is there once. */
    private final Map<String, String> states = new HashMap<>();
    private Map<String, Object> expected = Map.of();
    private long millis;
    private int compared;
    private int resumed;
    private int statesRead;

    Series(Variant variant, Path directory, long seed) {
        this.variant = variant;
        this.directory = directory;
        this.random = new SplittableRandom(seed);
    }

    /** The run that nobody disturbs, and how long it takes after its first word. */
    void whole() throws IOException, InterruptedException {
        Child child = Child.start(directory, variant.finetune("whole", EPOCHS, 0));
        child.runsAfter(0);
        long start = System.nanoTime();
        if (child.end() != 0) {
            throw new InputException(variant.name() + ": the run that nobody disturbs failed: " + child.err());
        }
        millis = (System.nanoTime() - start) / 1_000_000;
        expected = RunContent.of(directory.resolve("whole"));
    }

    /** A run with so many kills at most: fewer where it is faster than they are. */
    void kill(int most) throws IOException, InterruptedException {
        String out = "killed" + compared;
        int checkpointSteps = random.nextInt(4);
        boolean begun = false;
        for (int i = 0; i < most; i++) {
            Child child = start(out, checkpointSteps, begun);
            if (!child.runsAfter(random.nextLong(Math.max(1, millis / 2)))) {
                end(child, out);
                return;
            }
            int draw = random.nextInt(8);
            String signal = draw >= TOLD ? "KILL" : draw == 0 ? "INT" : "TERM";
            child.signal(signal);
            kills.merge(signal, 1, Integer::sum);
            begun = true;
            look(out, signal, child.err());
        }
        end(start(out, checkpointSteps, begun), out);
    }

    private Child start(String out, int checkpointSteps, boolean begun) throws IOException {
        List<String> arguments = variant.finetune(out, EPOCHS, checkpointSteps);
        arguments.add("--resume"); // which begins where there is nothing
        resumed += begun ? 1 : 0;
        return Child.start(directory, arguments);
    }

    /** What a killed run has left can be read, and is where another one was after as many steps. */
    private void look(String out, String signal, String err) {
        Path checkpoint = directory.resolve(out + ".checkpoint");
        if (Files.exists(checkpoint)) {
            StateFile.Saved saved = StateFile.read(checkpoint);
            TrainState state = saved.state();
            statesRead++;
            String digest = RunContent.digest(state);
            String place = saved.about().flag("training") + " " + state.updates() + " "
                    + state.done().validations().size();
            if (!digest.equals(states.computeIfAbsent(place, _ -> digest))) {
                faults.add(out + ": the state after step " + state.updates() + " is not that of another run");
            }
            Matcher stopped = STOPPED.matcher(err);
            if (stopped.find() && Integer.parseInt(stopped.group(1)) != state.updates()) {
                faults.add(out + ": \"" + err.strip() + "\", and the state is after step " + state.updates());
            }
        }
        if (signal.equals("KILL") ? !err.isEmpty() : !err.isEmpty() && !err.contains("stopped")) {
            faults.add(out + ": " + err.strip());
        }
    }

    private void end(Child child, String out) throws IOException, InterruptedException {
        compared++;
        if (child.end() != 0) {
            faults.add(out + ": failed in the end: " + child.err().strip());
            return;
        }
        List<String> differ = RunContent.differences(expected, RunContent.of(directory.resolve(out)));
        if (!differ.isEmpty()) {
            faults.add(out + ": differs in " + String.join(", ", differ));
            return;
        }
        try (Stream<Path> entries = Files.list(directory)) {
            List<String> left = entries.map(entry -> String.valueOf(entry.getFileName()))
                    .filter(name -> name.startsWith(out + ".")).toList();
            if (!left.isEmpty()) {
                faults.add(out + ": left " + left);
            }
        }
    }

    Variant variant() {
        return variant;
    }

    /** How many kills there were, by signal. */
    Map<String, Integer> kills() {
        return kills;
    }

    int allKills() {
        return kills.values().stream().mapToInt(count -> count).sum();
    }

    /** How many runs were taken to their end and compared. */
    int compared() {
        return compared;
    }

    /** How many processes went on where another was killed. */
    int resumed() {
        return resumed;
    }

    /** How many checkpoints were read. */
    int statesRead() {
        return statesRead;
    }

    /** How many of those were beside another of the same step. */
    int statesCompared() {
        return statesRead - states.size();
    }

    List<String> faults() {
        return faults;
    }
}
