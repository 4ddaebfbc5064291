package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.Recipe.Hardware;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.recipe.RecipeSettings;
import dev.lorikeet.tensor.kernel.KernelChoice;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.settings.Setting;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What computes: it changes how fast the answer comes, and a device its last digits; else never the answer. */
@Command
final class ComputeOptions {
    private final RecipeFlags flags = new RecipeFlags();
    private final List<Setting<?>> settings;

    ComputeOptions() {
        this(RecipeSettings.HARDWARE);
    }

    private ComputeOptions(List<Setting<?>> settings) {
        this.settings = settings;
    }

    /** Of a verb that can use a device. */
    static ComputeOptions withDevice() {
        return new ComputeOptions(RecipeSettings.HARDWARE_WITH_DEVICE);
    }

    /** picocli hands over the command that these options are of. */
    @Spec(Spec.Target.MIXEE)
    void spec(CommandSpec command) {
        flags.addTo(command, settings);
    }

    /** The device that is asked for, see {@link Hardware}. */
    String device() {
        return RecipeFile.read(null, flags.given()).compute().device();
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
