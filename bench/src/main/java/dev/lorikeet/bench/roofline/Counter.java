package dev.lorikeet.bench.roofline;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.kernel.Kernels;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Kernels that count the flops of their products, and the bytes of the right-hand sides, each once: packed weights, and
 * what an operation makes for itself. Slow, so that nothing is timed with them.
 */
final class Counter {
    private final Kernels kernels;
    /** By array. */
    private final Map<Object, Side> sides = new IdentityHashMap<>();
    private double flops;

    /** Where right-hand sides began in an array. */
    private static final class Side {
        final Set<Integer> begun = new HashSet<>();
        double bytes;
    }

    Counter(Kernels counted) {
        kernels = (Kernels) Proxy.newProxyInstance(Kernels.class.getClassLoader(), new Class<?>[] {Kernels.class},
                (_, method, arguments) -> {
                    if (arguments != null) {
                        count(method.getName(), arguments);
                    }
                    return invoke(counted, method, arguments);
                });
    }

    private static Object invoke(Kernels counted, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(counted, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private void count(String kernel, Object[] arguments) {
        switch (kernel) {
            case "matmul" -> { // m, n, k, a, ao, lda, and step where A may be stored by columns
                int b = arguments[7] instanceof float[] ? 7 : 6;
                product(number(arguments[0]), number(arguments[1]), number(arguments[2]), arguments[b],
                        number(arguments[b + 1]));
            }
            case "weightedSums" -> product(number(arguments[1]), number(arguments[2]), number(arguments[0]),
                    arguments[4], number(arguments[5]));
            case "dot" -> flops += 2.0 * number(arguments[0]);
            default -> { // no product
            }
        }
    }

    private static int number(Object argument) {
        return (Integer) argument;
    }

    private void product(int m, int n, int k, Object b, int from) {
        flops += 2.0 * m * n * k;
        Side side = sides.computeIfAbsent(b, _ -> new Side());
        if (side.begun.add(from)) {
            side.bytes += (double) Float.BYTES * n * k;
        }
    }

    Kernels kernels() {
        return kernels;
    }

    /** Begins to count an operation. */
    void start() {
        flops = 0;
        sides.clear();
    }

    double flops() {
        return flops;
    }

    /** Of the right-hand sides, less those in the arrays of {@code tensors}. */
    double bytesBeside(List<Tensor> tensors) {
        tensors.forEach(tensor -> sides.remove(tensor.data()));
        return sides.values().stream().mapToDouble(side -> side.bytes).sum();
    }
}
