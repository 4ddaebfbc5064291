package dev.lorikeet.tensor;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * The ladder that chooses the {@link Kernels} once for the JVM: a width that was asked for, else the widest vectors of
 * the machine, else scalar code. It never fails without the incubator module, and says why it chose what it chose.
 *
 * @param kernels the implementation
 * @param reason one sentence for people, for example {@code "widest vectors of this machine"}
 */
public record KernelChoice(Kernels kernels, String reason) {
    /** The system property that asks for {@code scalar}, {@code 128}, {@code 256}, {@code 512} or {@code auto}. */
    public static final String PROPERTY = "lorikeet.vector";

    private static @Nullable String requested = System.getProperty(PROPERTY);
    private static @Nullable KernelChoice made;

    /**
     * Asks for a width before anything is computed, as {@code -Dlorikeet.vector} does.
     *
     * @param width {@code scalar}, {@code 128}, {@code 256}, {@code 512} or {@code auto}
     * @throws IllegalArgumentException if {@code width} is none of these
     * @throws IllegalStateException if kernels were already chosen
     */
    public static synchronized void request(String width) {
        check(width);
        if (made != null) {
            throw new IllegalStateException("vector width: asked for " + width + " after " + made.kernels.name()
                    + " was already chosen");
        }
        requested = width;
    }

    /** The choice, made at the first call. */
    public static synchronized KernelChoice made() {
        if (made == null) {
            made = choose(requested == null ? "auto" : check(requested));
        }
        return made;
    }

    private static String check(String width) {
        return switch (width) {
            case "scalar", "128", "256", "512", "auto" -> width;
            default -> throw new IllegalArgumentException(
                    "vector width: scalar, 128, 256, 512 or auto expected, not " + width);
        };
    }

    private static KernelChoice choose(String width) {
        if (width.equals("scalar")) {
            return new KernelChoice(new ScalarKernels(), "asked for");
        }
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            return new KernelChoice(new ScalarKernels(),
                    "the module jdk.incubator.vector is absent: pass --add-modules jdk.incubator.vector for speed");
        }
        String compiler = System.getProperty("java.vm.name", "");
        if (!compiler.contains("HotSpot") && !compiler.contains("OpenJDK")) {
            return new KernelChoice(new ScalarKernels(), "vectors are fast on HotSpot's C2 only, this is " + compiler);
        }
        if (width.equals("auto")) {
            int bits = FloatVector.SPECIES_PREFERRED.vectorBitSize();
            return bits < 128
                    ? new KernelChoice(new ScalarKernels(), "this machine has no vectors of 128 bits or more")
                    : new KernelChoice(new VectorKernels(), "widest vectors of this machine");
        }
        int widest = FloatVector.SPECIES_PREFERRED.vectorBitSize();
        return new KernelChoice(new VectorKernels(), Integer.parseInt(width) > widest
                ? "asked for; wider than this machine's " + widest + " bits, so it is slow"
                : "asked for");
    }

    /** The species of {@link VectorKernels}; at most 512 bits, since a sum has 16 lanes. */
    static VectorSpecies<Float> species() {
        String width = requested;
        if (width == null || width.equals("auto") || width.equals("scalar")) {
            return FloatVector.SPECIES_PREFERRED.vectorBitSize() > 512 ? FloatVector.SPECIES_512
                    : FloatVector.SPECIES_PREFERRED;
        }
        return VectorSpecies.of(float.class, VectorShape.forBitSize(Integer.parseInt(width)));
    }
}
