package dev.lorikeet.tensor.kernel;

import dev.lorikeet.tensor.packed.Cpu;

/** Asks for what its arguments say, for example {@code vector=256 threads=3}, and prints what it gets, or why not. */
public final class Choices {
    private Choices() {}

    public static void main(String[] requests) {
        try {
            for (String request : requests) {
                String value = request.substring(request.indexOf('=') + 1);
                if (request.startsWith("vector=")) {
                    KernelChoice.request(value);
                } else {
                    Cpu.requestThreads(Integer.parseInt(value));
                }
            }
            System.out.println(Cpu.shared().kernels().name());
            System.out.println(KernelChoice.made().reason());
            System.out.println(Cpu.shared().workers().threads());
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
    }
}
