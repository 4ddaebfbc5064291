package dev.lorikeet.cli.report;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.kernel.KernelChoice;
import dev.lorikeet.tensor.packed.Cpu;

/**
 * The machine and the JVM.
 *
 * @param kernels the chosen kernels' name
 * @param reason why they were chosen
 * @param threads that compute
 * @param exact whether the results do not depend on what computes, which on a device they do
 * @param heapBytes the most memory that the JVM will take for objects
 */
public record Environment(String jdk, String vm, String os, int cores, String kernels, String reason, int threads,
        boolean exact, long heapBytes) {

    /** This JVM's; the kernels are chosen and the threads started now if they were not yet. */
    public static Environment current() {
        return of(Cpu.shared());
    }

    /** This JVM's with what computes in it. */
    public static Environment of(Compute compute) {
        String kernels = compute.kernels().name();
        return new Environment(System.getProperty("java.version") + ", " + System.getProperty("java.vendor"),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                        + System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors(),
                compute.exact() ? kernels : compute.name() + ", and " + kernels,
                KernelChoice.made().reason(),
                compute.workers().threads(), compute.exact(), Runtime.getRuntime().maxMemory());
    }
}
