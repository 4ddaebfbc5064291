package dev.lorikeet.cli.run;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.ComputeProvider;
import dev.lorikeet.tensor.ComputeProvider.Found;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The processor, and the devices beside it. */
public final class Devices {
    private Devices() {}

    /**
     * Opens what is asked for.
     *
     * @param asked as the setting compute.device: {@code cpu}, {@code auto} for a device if there is one, {@code gpu}
     *     for the first, or a number
     * @param note gets a line where {@code auto} comes to the processor
     * @throws InputException if there is no such device
     */
    public static Compute open(String asked, Consumer<String> note) {
        if (asked.equals("cpu")) {
            return Cpu.shared();
        }
        boolean first = asked.equals("auto") || asked.equals("gpu");
        int wanted = first ? 0 : Integer.parseInt(asked);
        int before = 0;
        List<String> reasons = new ArrayList<>();
        for (ComputeProvider provider : ComputeProvider.all()) {
            Found found = provider.find();
            reasons.add(found.reason());
            if (wanted - before < found.devices().size()) {
                return provider.open(wanted - before, Cpu.shared());
            }
            before += found.devices().size();
        }
        String reason = reasons.isEmpty() ? "nothing on the class path offers a device" : String.join("; ", reasons);
        if (!asked.equals("auto")) {
            throw new InputException("--device " + asked + ": there is no such device: " + reason);
        }
        note.accept("The processor computes: " + reason);
        return Cpu.shared();
    }

    /** A line for each device with its number, or why there is none. */
    public static List<String> described() {
        List<String> lines = new ArrayList<>();
        int number = 0;
        for (ComputeProvider provider : ComputeProvider.all()) {
            Found found = provider.find();
            for (String device : found.devices()) {
                lines.add(number++ + ": " + provider.name() + " " + device);
            }
            if (found.devices().isEmpty()) {
                lines.add("none: " + found.reason());
            }
        }
        return lines;
    }
}
