package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.Recipe.Hardware;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.recipe.RecipeSettings;
import dev.lorikeet.tensor.kernel.KernelChoice;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What computes: it changes how fast the answer comes, never the answer. */
@Command
final class ComputeOptions {
    private final RecipeFlags flags = new RecipeFlags();

    /** picocli hands over the command that these options are of. */
    @Spec(Spec.Target.MIXEE)
    void spec(CommandSpec command) {
        flags.addTo(command, RecipeSettings.HARDWARE);
    }

    /** Asks for these before anything is computed. */
    void request() {
        request(RecipeFile.read(null, flags.given()).compute());
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
