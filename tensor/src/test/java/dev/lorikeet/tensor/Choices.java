package dev.lorikeet.tensor;

/** Asks for what its arguments say, for example {@code vector=256 threads=3}, and prints what it gets, or why not. */
final class Choices {
    private Choices() {}

    public static void main(String[] requests) {
        try {
            for (String request : requests) {
                String value = request.substring(request.indexOf('=') + 1);
                if (request.startsWith("vector=")) {
                    KernelChoice.request(value);
                } else {
                    Compute.requestThreads(Integer.parseInt(value));
                }
            }
            System.out.println(Compute.shared().kernels().name());
            System.out.println(KernelChoice.made().reason());
            System.out.println(Compute.shared().workers().threads());
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
    }
}
