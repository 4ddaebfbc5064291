package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that was killed or stopped and goes on ends with the bytes of one that was not; or says why it cannot. */
class ResumeTest {
    private static final int EPOCHS = 10;

    @TempDir
    private Path directory;
    private TinyTask task;
    private Path out;
    private Path checkpoint;

    @BeforeEach
    void writeTask() throws IOException {
        task = TinyTask.in(directory);
        out = directory.resolve("out");
        checkpoint = directory.resolve("out.checkpoint");
    }

    private String[] arguments(Path where, String... more) {
        List<String> all = new ArrayList<>(List.of(task.finetune(where, "--epochs", Integer.toString(EPOCHS),
                "--checkpoint-steps", "1")));
        all.addAll(Arrays.asList(more));
        return all.toArray(String[]::new);
    }

    /** The files of a run; its numbers without those of the clock; not those for the eye, which show them. */
    private static Map<String, List<?>> content(Path run) throws IOException, NoSuchAlgorithmException {
        Map<String, List<?>> content = new TreeMap<>();
        try (Stream<Path> files = Files.walk(run)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = run.relativize(file).toString();
                if (name.equals("metrics.jsonl")) {
                    List<Map<String, Object>> lines = new ArrayList<>();
                    for (String line : Files.readAllLines(file)) {
                        Map<String, Object> fields = new HashMap<>(Json.readLine(line, file, 1));
                        fields.keySet().removeIf(key -> key.endsWith("seconds"));
                        lines.add(fields);
                    }
                    content.put(name, lines);
                } else if (!name.equals("report.html") && !name.startsWith("tensorboard")) {
                    content.put(name, List.of(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256")
                            .digest(Files.readAllBytes(file)))));
                }
            }
        }
        return content;
    }

    private static List<String> entries(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    /** Four times each, before the epochs, in them and between them, and in autolora's search: 24 times in all. */
    @Test
    @Tag("slow")
    void killedRunsGoOnToTheSameBytes() throws Exception {
        List<String> methods = List.of("lora --dropout 0.2",
                "rslora --accumulation 2 --batch-tokens 20 --length-grouped",
                "adalora --rank 6 --target-rank 3", "autolora", "full --memory 0 --shuffle-window 8",
                "lora --validation 0.3 --evaluation-steps 3 --max-steps 29");
        try (ExecutorService sideBySide = Executors.newFixedThreadPool(3)) {
            List<Future<?>> all = new ArrayList<>();
            for (String method : methods) {
                Path own = Files.createDirectory(directory.resolve("run" + all.size()));
                all.add(sideBySide.submit(() -> {
                    requireSameAfterKills(own, method);
                    return null;
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
    }

    private static void requireSameAfterKills(Path directory, String method) throws Exception {
        TinyTask task = TinyTask.in(directory);
        Path whole = directory.resolve("whole");
        Path out = directory.resolve("out");
        String[] flags = ("--method " + method + " --epochs " + EPOCHS + " --checkpoint-steps 1 --no-probe").split(" ");
        assertThat(Outcome.of(task.finetune(whole, flags)).err()).as(method).isEmpty();
        String[] resume = task.finetune(out, Stream.concat(Stream.of(flags), Stream.of("--resume"))
                .toArray(String[]::new));
        Random random = new Random(method.hashCode());
        for (String place : List.of(method.equals("autolora") ? " 50 %   step" : "majority class", "epoch 1 of",
                "epoch 4 of", "epoch 7 of")) {
            Fork fork = Fork.small(directory, Main.class, resume);
            fork.await(place);
            Thread.sleep(random.nextInt(40));
            fork.kill();
        }
        Outcome last = Outcome.of(resume);
        assertThat(last.err()).as(method).isEmpty();
        assertThat(last.out()).as(method).containsPattern("goes on after step \\d+ of \\d+")
                .contains("epoch " + EPOCHS + " of " + EPOCHS).doesNotContain("epoch 6 of");
        assertThat(content(out)).as(method).isEqualTo(content(whole));
        assertThat(entries(directory)).containsExactly("model", "out", "test.tsv", "tiny.yaml", "train.tsv", "whole");
        assertThat(Outcome.of("finetune", "--resume", "--out", out.toString()).out())
                .isEqualTo(out + " holds a finished run: there is nothing to go on with\n");
    }

    /** A run that was interrupted after some epochs, as by a kill: nothing of it has a chance to tidy up. */
    private void interrupt(String... more) {
        assertThatThrownBy(() -> WatchedOutput.run("epoch 2 of", () -> {
            throw new WatchedOutput.Broken();
        }, arguments(out, more))).isInstanceOf(WatchedOutput.Broken.class);
        assertThat(checkpoint).exists();
    }

    @Test
    void goesOnByItsOwnRecipeAndNoOther() throws Exception {
        interrupt("--seed", "3");
        Outcome.of(arguments(out)).requireRefusal(
                out + ": --out: was interrupted: --resume goes on with it, --force begins anew");
        Outcome.of(arguments(out, "--resume", "--force")).requireRefusal("--resume: goes on with a run, which --force");
        Outcome.of(arguments(out, "--resume", "--rank", "2")).requireRefusal(
                checkpoint + ": recipe: is not the one that is asked for: method.rank is 8, not 2; training.seed is 3, "
                        + "not 1");
        Outcome.of("finetune", "--resume", "--out", out.toString(), "--checkpoint-steps", "-1")
                .requireRefusal("--checkpoint-steps: must be at least 1, not -1");
        Outcome resumed = Fork.small(directory, Main.class, "finetune", "--resume", "--out", "out", "--threads", "1")
                .end();
        assertThat(resumed.err()).isEmpty();
        assertThat(resumed.out()).contains("goes on after step ", "majority class", "epoch 10 of 10");
        Outcome.of(arguments(out, "--resume")).requireRefusal(
                out + ": --resume: holds a finished run, and of another recipe: training.seed is 3, not 1");
        assertThat(Outcome.of(arguments(out, "--resume", "--seed", "3")).out()).contains("there is nothing to go on");
    }

    @Test
    void refusesOtherExamplesToValidateWith() throws Exception {
        Path valid = Files.copy(task.test(), directory.resolve("valid.tsv"));
        interrupt("--validation", valid.toString());
        Files.writeString(valid, Files.readString(valid).replaceFirst("waits", "sleeps"));
        Outcome.of(arguments(out, "--resume", "--validation", valid.toString()))
                .requireRefusal(": about.validation_sha256: the examples of " + valid
                        + ", or how the model reads them, have changed");
    }

    @Test
    void refusesOtherDataAnotherModelAndADamagedCheckpoint() throws Exception {
        interrupt();
        byte[] good = Files.readAllBytes(checkpoint);
        String texts = Files.readString(task.train());
        Files.writeString(task.train(), texts.replaceFirst("cat", "fox"));
        Outcome.of(arguments(out, "--resume")).requireRefusal(checkpoint + ": about.train_sha256: the examples of "
                + task.train() + ", or how the model reads them, have changed since the run was interrupted");
        Files.writeString(task.train(), texts);
        String testTexts = Files.readString(task.test());
        Files.writeString(task.train(), texts.replace("animal", "beast"));
        Files.writeString(task.test(), testTexts.replace("animal", "beast"));
        Outcome.of(arguments(out, "--resume")).requireRefusal(
                ": about.labels: the outputs were [\"animal\", \"plant\"], and are beast, plant now");
        Files.writeString(task.train(), texts);
        Files.writeString(task.test(), testTexts);
        texts = Files.readString(task.test());
        Files.writeString(task.test(), texts.replaceFirst("cat", "fox"));
        Outcome.of(arguments(out, "--resume")).requireRefusal(": about.test_sha256: the examples of " + task.test());
        Files.writeString(task.test(), texts);
        TinyTask.writeModel(task.model(), 2);
        Outcome.of(arguments(out, "--resume"))
                .requireRefusal(": about.model_hash: weights or configuration of the model ");
        TinyTask.writeModel(task.model(), 1);
        Path config = task.model().resolve("config.json");
        texts = Files.readString(config);
        Files.writeString(config, texts.replace("1e-12", "1e-6"));
        Outcome.of(arguments(out, "--resume")).requireRefusal(": about.model_hash: weights or configuration of the ");
        Files.writeString(config, texts);
        Path tokens = task.model().resolve("tokenizer.json");
        texts = Files.readString(tokens);
        Files.writeString(tokens, texts.replace("\"cat\"", "\"cats\""));
        Outcome.of(arguments(out, "--resume")).requireRefusal(": about.train_sha256: the examples of ");
        Files.writeString(tokens, texts);
        byte[] bad = good.clone();
        bad[bad.length - 5] ^= 1;
        Files.write(checkpoint, bad);
        Outcome.of(arguments(out, "--resume")).requireRefusal(
                checkpoint + ": sha256: is not that of the content: the file is damaged");
        Files.write(checkpoint, Arrays.copyOf(good, good.length - 1));
        Outcome.of(arguments(out, "--resume")).requireRefusal(checkpoint + ": ");
        Files.write(checkpoint, good);
        assertThat(Outcome.of(arguments(out, "--resume")).err()).isEmpty();
        assertThat(checkpoint).doesNotExist();
    }

    @Test
    void aRunThatReplacesAnotherGoesOnToReplaceIt() throws Exception {
        assertThat(Outcome.of(task.finetune(out, "--seed", "5")).err()).isEmpty();
        Map<String, List<?>> old = content(out);
        interrupt("--force");
        assertThat(content(out)).isEqualTo(old);
        assertThat(Outcome.of(arguments(out, "--resume")).err()).isEmpty();
        Path whole = directory.resolve("whole");
        assertThat(Outcome.of(arguments(whole)).err()).isEmpty();
        assertThat(content(out)).isEqualTo(content(whole));
        assertThat(entries(directory)).containsExactly("model", "out", "test.tsv", "tiny.yaml", "train.tsv", "whole");
    }

    /** As from a copy of all of it. */
    @Test
    void aMovedRunGoesOn() throws Exception {
        interrupt();
        Path moved = Files.createDirectory(directory.resolve("moved"));
        for (String name : List.of("out", "out.checkpoint", "model", "train.tsv", "test.tsv", "tiny.yaml")) {
            Files.move(directory.resolve(name), moved.resolve(name));
        }
        Path link = Files.createSymbolicLink(directory.resolve("link"), moved.resolve("out"));
        Outcome resumed = Outcome.of("finetune", "--recipe", moved.resolve("tiny.yaml").toString(), "--epochs",
                Integer.toString(EPOCHS), "--resume", "--out", link.toString());
        assertThat(resumed.err()).isEmpty();
        assertThat(resumed.out()).contains("goes on after step ");
        assertThat(moved.resolve("out.checkpoint")).doesNotExist();
    }

    /** Folders that somebody has moved. */
    @Test
    void anotherRunInTheFolderStays() throws Exception {
        interrupt();
        Path finished = directory.resolve("finished");
        assertThat(Outcome.of(task.finetune(finished, "--seed", "5")).err()).isEmpty();
        Files.move(out, directory.resolve("aside"));
        Files.move(finished, out);
        Outcome.of(arguments(out, "--resume")).requireRefusal(
                "holds another run than the one that was interrupted: nothing can go on in it");
        Files.move(checkpoint, directory.resolve("there"));
        Path fresh = Files.createDirectory(directory.resolve("out.new"));
        Outcome.of(arguments(out, "--force")).requireRefusal("the run's epochs would be in " + fresh
                + ", which is there: another folder is expected");
    }

    @Test
    void whatLeavesTheNumbersIsNotFinished() {
        String[] diverging = {"--adapter-rate", "1e30"};
        assertThat(Outcome.of(arguments(out, diverging)).err()).contains("a lower learning rate may help");
        assertThat(checkpoint).doesNotExist();
        Outcome again = Outcome.of(arguments(out, "--resume", "--adapter-rate", "1e30"));
        assertThat(again.status()).isNotZero();
        assertThat(again.out()).doesNotContain("there is nothing to go on with");
    }

    @Test
    void forceBeginsAnewOnceAllIsCheckedAndResumeBeginsWhereNothingIs() throws Exception {
        interrupt("--seed", "3");
        byte[] where = Files.readAllBytes(checkpoint);
        Outcome.of(arguments(out, "--force", "--model", "tpyo")).requireRefusal("tpyo");
        assertThat(checkpoint).hasBinaryContent(where);
        Path other = Files.createDirectory(directory.resolve("out.new"));
        Path mine = Files.writeString(directory.resolve("mine.checkpoint"), "mine");
        Outcome.of(arguments(directory.resolve("mine"), "--force"))
                .requireRefusal("the run's checkpoint would be " + mine
                        + ", and what is there is none");
        assertThat(mine).hasContent("mine");
        Files.move(mine, directory.resolve("moved"));
        Files.delete(other);
        assertThat(Outcome.of(arguments(out, "--force")).out()).doesNotContain("goes on");
        Path whole = directory.resolve("whole");
        Outcome.of("finetune", "--resume", "--out", whole.toString()).requireRefusal(
                whole + ": --resume: holds no run to go on with, and no recipe or flag says which one to begin");
        assertThat(Outcome.of(arguments(whole, "--resume")).err()).isEmpty();
        assertThat(content(out)).isEqualTo(content(whole));
        assertThat(checkpoint).doesNotExist();
    }
}
