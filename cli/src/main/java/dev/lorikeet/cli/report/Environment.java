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
 * @param heapBytes the most memory that the JVM will take for objects
 */
public record Environment(String jdk, String vm, String os, int cores, String kernels, String reason, int threads,
        long heapBytes) {

    /** This JVM's; the kernels are chosen and the threads started now if they were not yet. */
    public static Environment current() {
        Compute compute = Cpu.shared();
        return new Environment(System.getProperty("java.version") + ", " + System.getProperty("java.vendor"),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                        + System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors(), compute.kernels().name(), KernelChoice.made().reason(),
                compute.workers().threads(), Runtime.getRuntime().maxMemory());
    }
}
