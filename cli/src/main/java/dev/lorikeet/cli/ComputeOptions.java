package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.Recipe.Hardware;
import dev.lorikeet.tensor.kernel.KernelChoice;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What computes: it changes how fast the answer comes, never the answer. */
final class ComputeOptions {
    @Option(names = "--threads", paramLabel = "N", description = "Threads that compute (default: one per core).")
    @Nullable
    Integer threads;

    @Option(names = "--vector", paramLabel = "WIDTH", description = "scalar, 128, 256, 512 or auto (default: auto, the widest vectors of the machine).")
    @Nullable
    String vector;

    /** Asks for these before anything is computed. */
    void request() {
        request(new Hardware(threads, vector == null ? "auto" : vector));
    }

    /**
     * Asks for threads and vectors before anything is computed.
     *
     * @throws InputException if one of them cannot be had
     */
    static void request(Hardware hardware) {
        try {
            if (!hardware.vector().equals("auto")) {
                KernelChoice.request(hardware.vector());
            }
            Integer threads = hardware.threads();
            if (threads != null) {
                Cpu.requestThreads(threads);
            }
        } catch (IllegalArgumentException e) {
            throw new InputException(String.valueOf(e.getMessage()));
        }
    }
}
