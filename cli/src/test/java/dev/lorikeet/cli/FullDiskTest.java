package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A disk of 2 MB that is full in the middle of a checkpoint, or may not be written: clear errors, nothing lost. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "has no tmpfs to mount")
class FullDiskTest {
    @TempDir
    private Path directory;
    private TinyTask task;
    private Path disk;
    private Path out;

    @BeforeEach
    void mount() throws Exception {
        task = TinyTask.in(directory);
        disk = Files.createDirectory(directory.resolve("disk"));
        assumeTrue(succeeds("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk.toString()),
                "a disk can be mounted, which root alone may");
        out = disk.resolve("out");
    }

    @AfterEach
    void unmount() throws Exception {
        succeeds("umount", disk.toString());
    }

    private static boolean succeeds(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start().waitFor() == 0;
    }

    private String[] finetune(Path where, String... more) {
        String[] flags = {"--method", "full", "--epochs", "6", "--no-probe", "--checkpoint-steps", "1"};
        String[] all = new String[flags.length + more.length];
        System.arraycopy(flags, 0, all, 0, flags.length);
        System.arraycopy(more, 0, all, flags.length, more.length);
        return task.finetune(where, all);
    }

    /** Takes all the room that there is. */
    private void fill() {
        try (OutputStream filler = Files.newOutputStream(disk.resolve("filler"))) {
            byte[] page = new byte[4096];
            while (true) {
                filler.write(page);
            }
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("No space left")) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Test
    void aFullDiskLosesNothing() throws Exception {
        Path whole = directory.resolve("whole");
        assertThat(Outcome.of(finetune(whole)).err()).isEmpty();
        Outcome full = WatchedOutput.run("epoch 3 of", this::fill, finetune(out));
        full.requireRefusal(out.resolveSibling("out.checkpoint") + ": write: cannot be written: No space left on "
                + "device");
        assertThat(Outcome.of("evaluate", "--run", out.toString()).status()).isZero();
        Outcome.of(finetune(out, "--resume")).requireRefusal("cannot be written: No space left on device");
        Files.delete(disk.resolve("filler"));
        Outcome resumed = Outcome.of(finetune(out, "--resume"));
        assertThat(resumed.err()).isEmpty();
        assertThat(resumed.out()).contains("goes on after step 12 of 24").doesNotContain("epoch 2 of");
        for (String file : new String[] {"model/model.safetensors", "head.safetensors"}) {
            assertThat(out.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
        }
        assertThat(disk.resolve("out.checkpoint")).doesNotExist();
    }

    @Test
    void aDiskThatMayNotBeWrittenIsSaidBeforeAnythingIsComputed() throws Exception {
        assertThat(succeeds("mount", "-o", "remount,ro", disk.toString())).isTrue();
        Outcome refused = Outcome.of(finetune(out));
        refused.requireRefusal(out + ": --out: ");
        assertThat(refused.out()).isEmpty();
    }
}
