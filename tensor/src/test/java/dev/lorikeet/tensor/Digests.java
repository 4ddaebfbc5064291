package dev.lorikeet.tensor;

import dev.lorikeet.tensor.kernel.BlockMethod;
import dev.lorikeet.tensor.kernel.KernelChoice;
import dev.lorikeet.tensor.kernel.KernelMethod;
import dev.lorikeet.tensor.kernel.KernelProduct;
import dev.lorikeet.tensor.kernel.Kernels;
import dev.lorikeet.tensor.kernel.Values;
import dev.lorikeet.tensor.packed.Cpu;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Prints the kernels that were chosen and a digest of the bits of everything that is computed with them: every method
 * of {@link Kernels}, and every public operation with each number of threads in the arguments.
 */
public final class Digests {
    private static final int[] SIZES = {0, 1, 7, 15, 16, 17, 31, 33, 127, 1000};

    private final MessageDigest digest;

    private Digests() throws NoSuchAlgorithmException {
        digest = MessageDigest.getInstance("SHA-256");
    }

    public static void main(String[] threads) throws NoSuchAlgorithmException {
        Digests digests = new Digests();
        Kernels kernels = KernelChoice.made().kernels();
        System.out.println(kernels.name());
        digests.printKernels(kernels);
        for (String count : threads) {
            Compute compute = new Cpu(kernels, new Workers(Integer.parseInt(count)));
            for (Operation operation : Operation.values()) {
                operation.run(compute).forEach(tensor -> digests.add(tensor.toArray()));
                digests.print(operation + " with " + count + " threads");
            }
        }
    }

    private void printKernels(Kernels kernels) {
        for (KernelMethod method : KernelMethod.values()) {
            for (Values values : Values.values()) {
                if (method != KernelMethod.MAX || values != Values.NAN) {
                    for (int n : SIZES) {
                        add(method.run(kernels, n, values));
                    }
                }
            }
            print("Kernels " + method);
        }
        for (KernelProduct product : KernelProduct.all()) {
            add(product.run(kernels, Values.ORDINARY));
            add(product.run(kernels, Values.TINY));
        }
        print("Kernels MATMUL");
        for (BlockMethod method : BlockMethod.values()) {
            for (Values values : Values.values()) {
                for (int n : new int[] {1, 7, 31, 33, 64}) {
                    add(method.run(kernels, values, n, 65 - n, n));
                }
            }
            print("Kernels " + method);
        }
    }

    private void add(float[] x) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * x.length);
        for (float value : x) {
            bytes.putInt(Float.floatToIntBits(value)); // all NaN are alike
        }
        digest.update(bytes.array());
    }

    private void print(String name) {
        System.out.println(name + ": " + HexFormat.of().formatHex(digest.digest()));
    }
}
